"""Questions that nothing could answer, for the clinic's review.

A table of its own: a server of an earlier version, which may run beside this one, never looks at
it, and what it deletes of a conversation takes these rows along by their foreign key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "unanswered_questions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(128),
            sa.ForeignKey(
                "conversations.id",
                ondelete="CASCADE",
                name="fk_unanswered_questions_conversation_id",
            ),
            nullable=False,
        ),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("after_result", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_unanswered_questions_conversation_id", "unanswered_questions", ["conversation_id"]
    )


def downgrade() -> None:
    op.drop_table("unanswered_questions")
