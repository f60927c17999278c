"""What an assessment and a plan tell in full: whose it is, what came before, what was agreed.

A server of an earlier version, which may run beside this one, names none of these columns.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    patient = sa.Column("patient", sa.Integer, nullable=False, server_default="1")
    op.add_column("assessments", patient)
    op.add_column("assessments", sa.Column("emergency_ended", sa.String(20)))
    op.add_column("consents", sa.Column("channel", sa.String(32)))
    op.add_column("plans", sa.Column("review_after_weeks", sa.Integer))
    op.add_column("plans", sa.Column("shared_programme", sa.Boolean))


def downgrade() -> None:
    for name in ("shared_programme", "review_after_weeks"):
        op.drop_column("plans", name)
    op.drop_column("consents", "channel")
    for name in ("emergency_ended", "patient"):
        op.drop_column("assessments", name)
