"""Conversations, consents, assessments, plans and their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer, primary_key=True)


def _owner(name: str, target: str, kind: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, kind, sa.ForeignKey(target, ondelete="CASCADE"), nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        _time("created_at"),
        _time("last_seen_at"),
    )
    op.create_index("ix_conversations_last_seen_at", "conversations", ["last_seen_at"])
    op.create_table(
        "consents",
        _id(),
        _owner("conversation_id", "conversations.id", sa.String(128)),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("text_version", sa.String(32), nullable=False),
        _time("at"),
    )
    op.create_index("ix_consents_conversation_id", "consents", ["conversation_id"])
    op.create_table(
        "assessments",
        _id(),
        _owner("conversation_id", "conversations.id", sa.String(128)),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("urgency", sa.String(16), nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("policy_version", sa.String(32), nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        _time("created_at"),
        sa.CheckConstraint("outcome IN ('doctor_first', 'combined', 'massage')", name="outcome"),
        sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'soon', 'none')", name="urgency"),
    )
    op.create_index("ix_assessments_conversation_id", "assessments", ["conversation_id"])
    op.create_table(
        "plans",
        _id(),
        _owner("assessment_id", "assessments.id", sa.Integer()),
        sa.Column("massage_sessions", sa.Integer),
        sa.Column("weeks", sa.Integer),
        sa.Column("review_after_sessions", sa.Integer),
        sa.Column("therapies", sa.JSON, nullable=False),
        sa.Column("self_care", sa.JSON, nullable=False),
        sa.Column("postponed_until", sa.String(32)),
        sa.UniqueConstraint("assessment_id", name="uq_plans_assessment_id"),
    )
    op.create_table(
        "plan_sessions",
        _id(),
        _owner("plan_id", "plans.id", sa.Integer()),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("due_after_days", sa.Integer, nullable=False),
        sa.Column("is_review", sa.Boolean, nullable=False),
    )
    op.create_index("ix_plan_sessions_plan_id", "plan_sessions", ["plan_id"])


def downgrade() -> None:
    for table in ("plan_sessions", "plans", "assessments", "consents", "conversations"):
        op.drop_table(table)
