"""What is certain of a message: whether a service refused it, and when it was seen first.

A server of an earlier version, which may run beside this one, tells both by the `error` alone: it
is still written as before, and read where these columns are empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("outgoing_messages", sa.Column("refused_by_service", sa.Integer))
    op.add_column("outgoing_messages", sa.Column("sent_certainty", sa.Boolean))


def downgrade() -> None:
    for name in ("sent_certainty", "refused_by_service"):
        op.drop_column("outgoing_messages", name)
