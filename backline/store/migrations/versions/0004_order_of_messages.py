"""What was received before a message was sent, told by their order and not by clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("outgoing_messages", sa.Column("sent_after", sa.Integer))


def downgrade() -> None:
    op.drop_column("outgoing_messages", "sent_after")
