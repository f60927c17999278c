"""Notices: what staff are told by e-mail and webhook, kept until it is sent.

A table of its own, which a server of an earlier version never looks at; and an index by which new
results are found.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    conversation = sa.ForeignKey(
        "conversations.id", ondelete="CASCADE", name="fk_notices_conversation_id"
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("about", sa.Integer, nullable=False),
        sa.Column("target", sa.String(300), nullable=False),
        sa.Column("conversation_id", sa.String(128), conversation),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.String(64)),
        sa.Column("created_at", time, nullable=False),
        sa.Column("not_before", time, nullable=False),
        sa.Column("sent_at", time),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
        sa.UniqueConstraint("event", "about", "target", name="uq_notices_event"),
    )
    op.create_index("ix_notices_conversation_id", "notices", ["conversation_id"])
    op.create_index("ix_notices_state_not_before", "notices", ["state", "not_before"])
    op.create_index("ix_assessments_created_at", "assessments", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_assessments_created_at", "assessments")
    op.drop_table("notices")
