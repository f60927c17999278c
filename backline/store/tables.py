"""The tables. Rasa's `events` lives in the same database and is not ours."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
}
Base: Any = declarative_base(metadata=sa.MetaData(naming_convention=NAMING))


class UtcTime(sa.types.TypeDecorator[dt.datetime]):
    """A moment, kept and given as UTC; SQLite itself knows no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        # PostgreSQL gives it in the zone of its session.
        known = value.replace(tzinfo=dt.timezone.utc) if value.tzinfo is None else value
        return known.astimezone(dt.timezone.utc)


def _owned_by(target: str, **options: Any) -> sa.Column[Any]:
    kind = sa.String(128) if target == "conversations.id" else sa.Integer
    return sa.Column(kind, sa.ForeignKey(target, ondelete="CASCADE"), nullable=False, **options)


class Conversation(Base):
    """A person's conversation, by a random id."""

    __tablename__ = "conversations"

    id = sa.Column(sa.String(128), primary_key=True)
    channel = sa.Column(sa.String(32), nullable=False)
    created_at = sa.Column(UtcTime, nullable=False)
    last_seen_at = sa.Column(UtcTime, nullable=False, index=True)


class Consent(Base):
    """That a person agreed to the storing of answers, or took it back."""

    __tablename__ = "consents"

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = _owned_by("conversations.id", index=True)
    given = sa.Column(sa.Boolean(name="given"), nullable=False)
    text_version = sa.Column(sa.String(32), nullable=False)
    at = sa.Column(UtcTime, nullable=False)


class Assessment(Base):
    """A result that was given, with the facts it rests on."""

    __tablename__ = "assessments"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('doctor_first', 'combined', 'massage')", name="outcome"),
        sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'soon', 'none')", name="urgency"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = _owned_by("conversations.id", index=True)
    facts = sa.Column(sa.JSON, nullable=False)
    outcome = sa.Column(sa.String(16), nullable=False)
    urgency = sa.Column(sa.String(16), nullable=False)
    rules = sa.Column(sa.JSON, nullable=False)
    reasons = sa.Column(sa.JSON, nullable=False)
    policy_version = sa.Column(sa.String(32), nullable=False)
    model_version = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(UtcTime, nullable=False)


class Plan(Base):
    """What was recommended with an assessment."""

    __tablename__ = "plans"

    id = sa.Column(sa.Integer, primary_key=True)
    assessment_id = _owned_by("assessments.id", unique=True)
    massage_sessions = sa.Column(sa.Integer)
    weeks = sa.Column(sa.Integer)
    review_after_sessions = sa.Column(sa.Integer)
    therapies = sa.Column(sa.JSON, nullable=False)
    self_care = sa.Column(sa.JSON, nullable=False)
    postponed_until = sa.Column(sa.String(32))


class PlanSession(Base):
    """One massage of a plan, spread evenly over its weeks."""

    __tablename__ = "plan_sessions"

    id = sa.Column(sa.Integer, primary_key=True)
    plan_id = _owned_by("plans.id", index=True)
    number = sa.Column(sa.Integer, nullable=False)
    due_after_days = sa.Column(sa.Integer, nullable=False)
    is_review = sa.Column(sa.Boolean(name="is_review"), nullable=False)
