"""Results that staff corrected at the clinic's desk, with an encrypted reason.

A table of its own: a server of an earlier version, which may run beside this one, never looks at
it. What it deletes takes its rows along by their foreign keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("conversation_id", "conversations.id", sa.String(128)),
        _owner("corrected_id", "assessments.id", sa.Integer),
        _owner("assessment_id", "assessments.id", sa.Integer),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column(
            "made_by",
            sa.Integer,
            sa.ForeignKey("staff_accounts.id", name="fk_corrections_made_by"),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("assessment_id", name="uq_corrections_assessment_id"),
        sa.CheckConstraint("kind IN ('facts', 'result')", name="kind"),
    )
    for column in ("conversation_id", "corrected_id"):
        op.create_index(f"ix_corrections_{column}", "corrections", [column])


def _owner(name: str, target: str, kind: object) -> sa.Column:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_corrections_{name}")
    return sa.Column(name, kind, key, nullable=False)


def downgrade() -> None:
    op.drop_table("corrections")
