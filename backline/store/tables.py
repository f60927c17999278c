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


def owned_by(target: str, **options: Any) -> sa.Column[Any]:
    """Make a column that names what a row belongs to, and goes with."""
    kind = sa.String(128) if target == "conversations.id" else sa.Integer
    return sa.Column(kind, sa.ForeignKey(target, ondelete="CASCADE"), nullable=False, **options)


schema_compatibility = sa.Table(
    "schema_compatibility", Base.metadata, sa.Column("oldest", sa.String(32))
)
"""One row: the earliest revision whose version of Backline can use the tables as they are."""


class Conversation(Base):
    """A person's conversation, by a random id."""

    __tablename__ = "conversations"

    id = sa.Column(sa.String(128), primary_key=True)
    channel = sa.Column(sa.String(32), nullable=False)
    created_at = sa.Column(UtcTime, nullable=False)
    last_seen_at = sa.Column(UtcTime, nullable=False, index=True)
    reference = sa.Column(sa.String(16), index=True)
    """What staff call it, made of a keyed hash of its id: who knows an id can go on with the
    conversation. Null until the desk has listed it."""

    place = sa.Column(sa.SmallInteger, nullable=False, server_default="1")
    """Where the desk lists it: 0 on top, 1 among the others, 2 below them. This and what follows is
    kept by triggers of the database (revision 0021), never written from here."""
    place_order = sa.Column(sa.BigInteger, nullable=False, server_default="0")
    """What comes first in that place: the assessment since which an alarm waits; else, lower for
    the more urgent."""
    urgency = sa.Column(sa.String(16))
    """Of its result: the most urgent of the latest of each patient; null without one."""
    outcome = sa.Column(sa.String(16))
    latest_assessment = sa.Column(sa.Integer)
    emergency_waits = sa.Column(
        sa.Boolean(name="emergency_waits"), nullable=False, server_default=sa.false()
    )
    """Whether there is an emergency, be it an earlier result, that nobody closed."""

    __table_args__ = (
        # The order of the list; with what it is chosen by, so that no row is read for nothing.
        sa.Index(
            "ix_conversations_place",
            *("place", "place_order", last_seen_at.desc(), "id"),
            *("urgency", "outcome", "channel"),
        ),
    )


class AlarmRule(Base):
    """A rule of the policy whose result stands on top of the desk's list, like an emergency."""

    __tablename__ = "alarm_rules"

    rule = sa.Column(sa.String(16), primary_key=True)


class Consent(Base):
    """That a person agreed to the storing of answers, or took it back."""

    __tablename__ = "consents"

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    given = sa.Column(sa.Boolean(name="given"), nullable=False)
    text_version = sa.Column(sa.String(32), nullable=False)
    """Of the policy and of the wording that was answered."""
    channel = sa.Column(sa.String(32))
    """Where it was given; null where an earlier version kept it."""
    at = sa.Column(UtcTime, nullable=False)


class Assessment(Base):
    """A result that was given, with the facts it rests on."""

    __tablename__ = "assessments"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('doctor_first', 'combined', 'massage')", name="outcome"),
        sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'soon', 'none')", name="urgency"),
        # An id that was given away is never given again: notices and programs go by them.
        {"sqlite_autoincrement": True},
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    facts = sa.Column(sa.JSON, nullable=False)
    outcome = sa.Column(sa.String(16), nullable=False)
    urgency = sa.Column(sa.String(16), nullable=False)
    rules = sa.Column(sa.JSON, nullable=False)
    reasons = sa.Column(sa.JSON, nullable=False)
    policy_version = sa.Column(sa.String(32), nullable=False)
    model_version = sa.Column(sa.String(64), nullable=False)
    patient = sa.Column(sa.Integer, nullable=False, server_default="1")
    """Which patient of this conversation it is about, counted from 1."""
    emergency_ended = sa.Column(sa.String(20))
    """How the emergency before it had ended, `seen` or `mistake`; null if there was none."""
    created_at = sa.Column(UtcTime, nullable=False, index=True)


class Plan(Base):
    """What was recommended with an assessment."""

    __tablename__ = "plans"

    id = sa.Column(sa.Integer, primary_key=True)
    assessment_id = owned_by("assessments.id", unique=True)
    massage_sessions = sa.Column(sa.Integer)
    weeks = sa.Column(sa.Integer)
    review_after_sessions = sa.Column(sa.Integer)
    review_after_weeks = sa.Column(sa.Integer)
    therapies = sa.Column(sa.JSON, nullable=False)
    self_care = sa.Column(sa.JSON, nullable=False)
    shared_programme = sa.Column(sa.Boolean(name="shared_programme"))
    """Whether all practitioners sign it together; null where an earlier version kept it."""
    postponed_until = sa.Column(sa.String(32))


class PlanSession(Base):
    """One massage of a plan, spread evenly over its weeks."""

    __tablename__ = "plan_sessions"

    id = sa.Column(sa.Integer, primary_key=True)
    plan_id = owned_by("plans.id", index=True)
    number = sa.Column(sa.Integer, nullable=False)
    due_after_days = sa.Column(sa.Integer, nullable=False)
    is_review = sa.Column(sa.Boolean(name="is_review"), nullable=False)


class Call(Base):
    """A call of the phone line, from its first turn on."""

    __tablename__ = "calls"
    __table_args__ = (
        sa.CheckConstraint("status IN ('under_way', 'finished', 'unfinished')", name="status"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", unique=True)
    entrance = sa.Column(sa.String(16), nullable=False)
    caller = sa.Column(sa.String(40), index=True)
    """A keyed hash of their number, if it is known."""
    number = sa.Column(sa.Text)
    """That number, encrypted, so long as somebody may have to call back."""
    turn = sa.Column(sa.Integer, nullable=False)
    state = sa.Column(sa.JSON, nullable=False)
    """Where the talk stands and what was said last, encrypted."""
    status = sa.Column(sa.String(16), nullable=False)
    facts = sa.Column(sa.JSON)
    """What was known when the call ended without a result, from a caller who agreed to storing."""
    still_to_ask = sa.Column(sa.JSON)
    """The questions that were open then."""
    started_at = sa.Column(UtcTime, nullable=False)
    last_turn_at = sa.Column(UtcTime, nullable=False)


class Hearing(Base):
    """What was heard on the phone for a fact, and how it came to count."""

    __tablename__ = "hearings"

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    turn = sa.Column(sa.Integer, nullable=False)
    about = sa.Column(sa.Text, nullable=False)
    """The question that it answers, with the lines of a group of it; encrypted."""
    heard = sa.Column(sa.Text, nullable=False)
    """Encrypted."""
    confidence = sa.Column(sa.Float)
    """Of the recogniser, 0 to 1; null for keys, or where it tells none."""
    confirmed = sa.Column(sa.String(16), nullable=False)
    """`sure`, `read_back` or `keys`."""
    at = sa.Column(UtcTime, nullable=False)


class EncryptionState(Base):
    """One row: how far the encryption of this database has come."""

    __tablename__ = "encryption"

    id = sa.Column(sa.Integer, primary_key=True)
    begins_at = sa.Column(UtcTime, nullable=False)
    """Until then servers of an earlier version may read what is stored."""
    hash_key = sa.Column(sa.Text)
    """The key of the hashes in `erasures`, encrypted; null until the first server has started."""
    audit_key = sa.Column(sa.Text)
    """The key of the hashes in `audit`, encrypted; null until the first of them."""
    audit_head = sa.Column(sa.Text)
    """Where their chain begins and ends, encrypted, as JSON; see `backline.store.audit`."""
    complete = sa.Column(sa.Boolean(name="complete"), nullable=False)
    """Whether what was stored before is encrypted, too."""


class Erasure(Base):
    """That a conversation was erased, so that it stays erased when a backup is restored."""

    __tablename__ = "erasures"

    id = sa.Column(sa.Integer, primary_key=True)
    conversation = sa.Column(sa.String(64), nullable=False)
    """A keyed hash of its id."""
    at = sa.Column(UtcTime, nullable=False)


class Contact(Base):
    """Somebody who writes through a messaging service; who they are is encrypted."""

    __tablename__ = "contacts"

    conversation_id = sa.Column(sa.String(128), primary_key=True)
    channel = sa.Column(sa.String(32), nullable=False)
    address = sa.Column(sa.Text, nullable=False)
    """What the service needs to reach them, encrypted."""
    last_message_at = sa.Column(UtcTime, nullable=False, index=True)
    last_order = sa.Column(sa.BigInteger)
    """The service's own order of the latest message that was heard."""
    last_question = sa.Column(sa.String(32))
    """The question that was open when that message was heard."""
    opted_out_at = sa.Column(UtcTime)
    source = sa.Column(sa.String(64))
    """The link that brought them, if it had a name."""


class ReceivedMessage(Base):
    """What a messaging service delivered. Once heard, nothing but its key is left of it."""

    __tablename__ = "received_messages"
    __table_args__ = (sa.UniqueConstraint("channel", "key"),)

    id = sa.Column(sa.Integer, primary_key=True)
    channel = sa.Column(sa.String(32), nullable=False)
    key = sa.Column(sa.String(64), nullable=False)
    """A keyed hash of the service's id of the delivery."""
    conversation_id = sa.Column(sa.String(128), index=True)
    body = sa.Column(sa.Text)
    """Encrypted; null once heard."""
    sort_order = sa.Column(sa.BigInteger)
    attempts = sa.Column(sa.Integer, nullable=False, default=0)
    not_before = sa.Column(UtcTime)
    received_at = sa.Column(UtcTime, nullable=False, index=True)


class OutgoingMessage(Base):
    """A message to somebody, from the moment it is due until the conversation is deleted."""

    __tablename__ = "outgoing_messages"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'held', 'sent', 'failed')", name="state"),
        sa.Index("ix_outgoing_messages_state_not_before", "state", "not_before"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = sa.Column(sa.String(128), nullable=False, index=True)
    channel = sa.Column(sa.String(32), nullable=False)
    body = sa.Column(sa.Text)
    """Encrypted; null once sent."""
    slot = sa.Column(sa.String(32))
    """The question that it asks; empty where nothing is asked from here on."""
    urgent = sa.Column(sa.Boolean(name="urgent"), nullable=False)
    state = sa.Column(sa.String(16), nullable=False)
    attempts = sa.Column(sa.Integer, nullable=False, default=0)
    refused_by_service = sa.Column(sa.Integer)
    """How many of the attempts the service refused, so that it took nothing in them; null before
    the first, or where an earlier version noted none."""
    error = sa.Column(sa.String(64))
    created_at = sa.Column(UtcTime, nullable=False)
    not_before = sa.Column(UtcTime, nullable=False)
    sent_at = sa.Column(UtcTime)
    """By the clock of the service, where it tells; else by ours."""
    sent_after = sa.Column(sa.Integer)
    """The latest of all received messages when it was sent: what has a greater id came later."""
    sent_certainty = sa.Column(sa.Boolean(name="sent_certainty"))
    """Whether it is known what was written before the person could see it; null until it is sent,
    or where an earlier version sent it."""
    service_id = sa.Column(sa.String(128), index=True)
    """What the service calls it, hashed where that would tell who it went to."""
    controls = sa.Column(sa.Boolean(name="controls"), nullable=False)
    """Whether it shows controls that are still to be taken away."""
    chosen = sa.Column(sa.JSON)
    """The places that are ticked in a checklist."""
    last_word = sa.Column(sa.Boolean(name="last_word"), nullable=False)
    """Whether nothing of the conversation is to stay once it is sent."""


class DeliveryReport(Base):
    """What a service told later about a message that it took."""

    __tablename__ = "delivery_reports"
    __table_args__ = (sa.UniqueConstraint("channel", "service_id", "status"),)

    id = sa.Column(sa.Integer, primary_key=True)
    channel = sa.Column(sa.String(32), nullable=False)
    service_id = sa.Column(sa.String(128), nullable=False)
    status = sa.Column(sa.String(16), nullable=False)
    error = sa.Column(sa.String(64))
    at = sa.Column(UtcTime, nullable=False, index=True)


class SuspicionRow(Base):
    """Words that may have been of a danger and that nobody understood, with what came of asking."""

    __tablename__ = "suspicions"

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    code = sa.Column(sa.String(32), nullable=False)
    """What they were most like."""
    clause = sa.Column(sa.Text, nullable=False)
    """Encrypted."""
    quote = sa.Column(sa.Text, nullable=False)
    """The words themselves, encrypted."""
    score = sa.Column(sa.Float, nullable=False)
    """How much the clause sounded like a danger, 0 to 1; 1 for a word of the plain net."""
    nearest = sa.Column(sa.Text, nullable=False)
    """The labelled phrase that comes nearest, the project's own; empty for a word of the net."""
    answer = sa.Column(sa.String(16), nullable=False)
    """`yes`, `no` or `unclear`."""
    at = sa.Column(UtcTime, nullable=False)


class UnansweredQuestionRow(Base):
    """A question that nothing could answer."""

    __tablename__ = "unanswered_questions"

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    question = sa.Column(sa.Text, nullable=False)
    """In the person's words, encrypted."""
    after_result = sa.Column(sa.Boolean, nullable=False)
    at = sa.Column(UtcTime, nullable=False)


class AuditEntry(Base):
    """That somebody of the staff saw or changed something. Only added to; outlives erasure."""

    __tablename__ = "audit"

    id = sa.Column(sa.Integer, primary_key=True)
    at = sa.Column(UtcTime, nullable=False)
    who = sa.Column(sa.String(128), nullable=False)
    action = sa.Column(sa.String(32), nullable=False)
    about = sa.Column(sa.String(40), nullable=False, index=True)
    """A keyed hash of the conversation's id; of an account its number."""
    why = sa.Column(sa.String(128), nullable=False)
    """The command or the page by which they did it."""
    previous = sa.Column(sa.String(64))
    """The hash of the row before; null where an earlier version added the row."""
    hash = sa.Column(sa.String(64))
    """A keyed hash of that and of this row; see `backline.store.audit`."""


class StaffAccount(Base):
    """Somebody who works at the clinic and may use its desk."""

    __tablename__ = "staff_accounts"
    __table_args__ = (
        sa.CheckConstraint(
            "role IN ('receptionist', 'therapist', 'clinician', 'administrator', 'auditor')",
            name="role",
        ),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)
    email = sa.Column(sa.String(254), nullable=False, unique=True)
    """In small letters."""
    role = sa.Column(sa.String(16), nullable=False)
    password_hash = sa.Column(sa.String(255))
    """By argon2id; null until who was invited chose one."""
    totp_secret = sa.Column(sa.Text)
    """Of the authenticator app, encrypted; null before the first sign-in."""
    totp_step = sa.Column(sa.BigInteger)
    """The time step of the latest code that was used, so that none is used twice; null until the
    app has shown that it has the secret."""
    failed_tries = sa.Column(sa.Integer, nullable=False)
    """Passwords and codes that were tried since the last sign-in."""
    locked_until = sa.Column(UtcTime)
    invitation_hash = sa.Column(sa.String(64), unique=True)
    invitation_ends_at = sa.Column(UtcTime)
    created_at = sa.Column(UtcTime, nullable=False)
    closed_at = sa.Column(UtcTime)


class StaffSession(Base):
    """A browser in which somebody of the staff is signed in, or has given the password."""

    __tablename__ = "staff_sessions"

    id = sa.Column(sa.Integer, primary_key=True)
    account_id = owned_by("staff_accounts.id", index=True)
    token_hash = sa.Column(sa.String(64), nullable=False, unique=True)
    signed_in = sa.Column(sa.Boolean(name="signed_in"), nullable=False)
    """Whether the code was given, too."""
    last_used_at = sa.Column(UtcTime, nullable=False)
    ends_at = sa.Column(UtcTime, nullable=False)


class ReadMark(Base):
    """When somebody of the staff last opened a conversation."""

    __tablename__ = "read_marks"

    id = sa.Column(sa.Integer, primary_key=True)
    account_id = owned_by("staff_accounts.id")
    conversation_id = owned_by("conversations.id", index=True)
    read_at = sa.Column(UtcTime, nullable=False)

    __table_args__ = (sa.UniqueConstraint("account_id", "conversation_id"),)


class Handling(Base):
    """That somebody of the staff took a person's result in hand, and how that ended."""

    __tablename__ = "handlings"
    __table_args__ = (
        # One at a time: of two who take it at once, one does.
        sa.Index(
            "ix_handlings_in_hand",
            "conversation_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    assessment_id = owned_by("assessments.id", index=True)
    """The latest when it was taken, or closed: a later one opens it again. With a no to storing
    the assessments go, and these rows with them."""
    taken_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"), nullable=False)
    taken_at = sa.Column(UtcTime, nullable=False)
    closed_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"))
    closed_at = sa.Column(UtcTime)
    note = sa.Column(sa.Text)
    """What was done, encrypted."""
