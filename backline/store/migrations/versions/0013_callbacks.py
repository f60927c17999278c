"""Call-backs: whom the clinic is to call, by which number, and what came of it.

A table of its own: a server of an earlier version, which may run beside this one, never looks at
it. What it deletes takes the rows along by their foreign key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    conversation = sa.ForeignKey(
        "conversations.id", ondelete="CASCADE", name="fk_call_backs_conversation_id"
    )
    account = sa.ForeignKey("staff_accounts.id", name="fk_call_backs_done_by")
    op.create_table(
        "call_backs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation_id", sa.String(128), conversation, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("asked_at", time, nullable=False),
        sa.Column("done_by", sa.Integer, account),
        sa.Column("done_at", time),
        sa.Column("note", sa.Text),
        sa.CheckConstraint("why IN ('asked', 'undelivered', 'broke_off')", name="why"),
    )
    op.create_index("ix_call_backs_conversation_id", "call_backs", ["conversation_id"])
    op.create_index(
        "ix_call_backs_open",
        "call_backs",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("call_backs")
