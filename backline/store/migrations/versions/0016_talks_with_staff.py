"""Conversations in which staff of the clinic answer in place of the bot.

Tables of their own: a server of an earlier version, which may run beside this one, never looks at
them. Until it is gone its bot answers although staff have taken a conversation over. What it
deletes takes its rows along by their foreign keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "takeovers",
        sa.Column("id", sa.Integer, primary_key=True),
        _conversation("takeovers"),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        _account("takeovers", "taken_by"),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("bot_hears", sa.String(16), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("bot_hears IN ('lists', 'answer', 'danger')", name="bot_hears"),
    )
    op.create_index("ix_takeovers_conversation_id", "takeovers", ["conversation_id"])
    op.create_index(
        "ix_takeovers_standing",
        "takeovers",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "takeover_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        _conversation("takeover_messages"),
        sa.Column("author", sa.String(8), nullable=False),
        _account("takeover_messages", "account_id"),
        sa.Column("name", sa.String(120)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asks_again", sa.Boolean, nullable=False),
        sa.Column("mark", sa.String(40)),
        sa.Column("outgoing_id", sa.Integer),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("author IN ('person', 'staff', 'bot')", name="author"),
        sa.UniqueConstraint("conversation_id", "mark", name="uq_takeover_messages_conversation_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_takeover_messages_at", "takeover_messages", ["at"])


def _conversation(table: str) -> sa.Column:
    name = f"fk_{table}_conversation_id"
    key = sa.ForeignKey("conversations.id", ondelete="CASCADE", name=name)
    return sa.Column("conversation_id", sa.String(128), key, nullable=False)


def _account(table: str, column: str) -> sa.Column:
    key = sa.ForeignKey("staff_accounts.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Integer, key)


def downgrade() -> None:
    op.drop_table("takeover_messages")
    op.drop_table("takeovers")
