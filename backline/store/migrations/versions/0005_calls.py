"""The phone line: calls, and what was heard in them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _conversation(**options: bool) -> sa.Column:
    target = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(128), target, nullable=False, **options)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer, primary_key=True),
        _conversation(),
        sa.Column("entrance", sa.String(16), nullable=False),
        sa.Column("caller", sa.String(40)),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("facts", sa.JSON),
        sa.Column("still_to_ask", sa.JSON),
        _time("started_at"),
        _time("last_turn_at"),
        sa.UniqueConstraint("conversation_id", name="uq_calls_conversation_id"),
        sa.CheckConstraint("status IN ('under_way', 'finished', 'unfinished')", name="status"),
    )
    op.create_index("ix_calls_caller", "calls", ["caller"])
    op.create_table(
        "hearings",
        sa.Column("id", sa.Integer, primary_key=True),
        _conversation(),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("heard", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("confirmed", sa.String(16), nullable=False),
        _time("at"),
    )
    op.create_index("ix_hearings_conversation_id", "hearings", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("hearings")
    op.drop_table("calls")
