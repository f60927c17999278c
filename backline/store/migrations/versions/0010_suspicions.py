"""Words that may have been of a danger and were asked about, for the clinic's review.

A table of its own: a server of an earlier version, which may run beside this one, never looks at
it, and what it deletes of a conversation takes these rows along by their foreign key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "suspicions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(128),
            sa.ForeignKey(
                "conversations.id",
                ondelete="CASCADE",
                name="fk_suspicions_conversation_id",
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("clause", sa.Text, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("nearest", sa.Text, nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_suspicions_conversation_id", "suspicions", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("suspicions")
