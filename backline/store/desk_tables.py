"""Tables of what staff do and are told at the desk, beside those of `backline.store.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from backline.store.tables import Base, UtcTime, owned_by

OPEN = sa.text("done_at IS NULL")


class CallBack(Base):
    """That somebody is to be called, and what came of it."""

    __tablename__ = "call_backs"
    __table_args__ = (
        sa.CheckConstraint("why IN ('asked', 'undelivered', 'broke_off')", name="why"),
        # One at a time: who asks again gives another number, and is called once.
        sa.Index(
            "ix_call_backs_open",
            "conversation_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = sa.Column(
        sa.String(128),
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    why = sa.Column(sa.String(16), nullable=False)
    """They asked for it, a result did not reach them, or their call broke off."""
    name = sa.Column(sa.Text)
    """Encrypted; null where none was given, and once it is done."""
    number = sa.Column(sa.Text)
    """Encrypted; null where it is that of their messages or their call, and once it is done."""
    asked_at = sa.Column(UtcTime, nullable=False)
    done_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"))
    done_at = sa.Column(UtcTime)
    note = sa.Column(sa.Text)
    """What came of it, encrypted."""


class Notice(Base):
    """Something that staff are told outside the desk, from the moment it is due."""

    __tablename__ = "notices"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
        # Whichever server finds it first: everything is told to each target once.
        sa.UniqueConstraint("event", "about", "target"),
        sa.Index("ix_notices_state_not_before", "state", "not_before"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    event = sa.Column(sa.String(16), nullable=False)
    about = sa.Column(sa.Integer, nullable=False)
    """The id of the assessment or the call-back; of a digest the day, counted from year 1."""
    target = sa.Column(sa.String(300), nullable=False)
    """Where it goes: `email ` and an address of the clinic's, or `webhook ` and a keyed name."""
    conversation_id = sa.Column(
        sa.String(128), sa.ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    """Null for a digest."""
    state = sa.Column(sa.String(16), nullable=False)
    attempts = sa.Column(sa.Integer, nullable=False)
    error = sa.Column(sa.String(64))
    created_at = sa.Column(UtcTime, nullable=False)
    not_before = sa.Column(UtcTime, nullable=False)
    """When it is tried next; while a server is at it, until when no other one takes it."""
    sent_at = sa.Column(UtcTime)


class SignInTry(Base):
    """How often a client tried in vain to sign in to an account."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (sa.UniqueConstraint("account_id", "client"),)

    id = sa.Column(sa.Integer, primary_key=True)
    account_id = sa.Column(
        sa.Integer, sa.ForeignKey("staff_accounts.id", ondelete="CASCADE"), nullable=False
    )
    client = sa.Column(sa.String(64), nullable=False)
    """A keyed hash of its address, or of the token of a browser that is known."""
    failed_tries = sa.Column(sa.Integer, nullable=False)
    locked_until = sa.Column(UtcTime)
    last_at = sa.Column(UtcTime, nullable=False)


class KnownBrowser(Base):
    """A browser in which somebody has signed in, whom others cannot keep waiting there."""

    __tablename__ = "known_browsers"
    __table_args__ = (sa.UniqueConstraint("account_id", "token_hash"),)

    id = sa.Column(sa.Integer, primary_key=True)
    account_id = sa.Column(
        sa.Integer, sa.ForeignKey("staff_accounts.id", ondelete="CASCADE"), nullable=False
    )
    token_hash = sa.Column(sa.String(64), nullable=False)
    ends_at = sa.Column(UtcTime, nullable=False)


class Correction(Base):
    """That somebody of the staff changed a result: which, into which, and why. Both stay."""

    __tablename__ = "corrections"
    __table_args__ = (sa.CheckConstraint("kind IN ('facts', 'result')", name="kind"),)

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    corrected_id = owned_by("assessments.id", index=True)
    """The assessment that was the latest of that patient before."""
    assessment_id = owned_by("assessments.id", unique=True)
    """The one that it made. With a no to storing both go, and this row with them."""
    kind = sa.Column(sa.String(8), nullable=False)
    """`facts` where the policy decided anew on others, `result` where staff set it."""
    reason = sa.Column(sa.Text, nullable=False)
    """Encrypted."""
    made_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"), nullable=False)
    made_at = sa.Column(UtcTime, nullable=False)


class ApiToken(Base):
    """What lets a program of the clinic read by the desk's API."""

    __tablename__ = "api_tokens"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)
    """Of the program that has it."""
    token_hash = sa.Column(sa.String(64), nullable=False, unique=True)
    scopes = sa.Column(sa.JSON, nullable=False)
    created_at = sa.Column(UtcTime, nullable=False)
    ends_at = sa.Column(UtcTime, nullable=False)
    last_used_at = sa.Column(UtcTime)
    revoked_at = sa.Column(UtcTime)


class PolicySignature(Base):
    """That a registered clinician signed the policy as it was then. Only added to."""

    __tablename__ = "policy_signatures"

    id = sa.Column(sa.Integer, primary_key=True)
    content_hash = sa.Column(sa.String(64), nullable=False, index=True)
    policy_version = sa.Column(sa.String(32), nullable=False)
    signed_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"), nullable=False)
    registration = sa.Column(sa.String(40), nullable=False)
    """Under which they are registered, as they gave it."""
    signed_at = sa.Column(UtcTime, nullable=False)
