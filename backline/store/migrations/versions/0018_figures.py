"""An index by which the desk's figures find the results of some days.

A server of an earlier version, which may run beside this one, does not notice it.
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_index("ix_assessments_created_at", "assessments", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_assessments_created_at", "assessments")
