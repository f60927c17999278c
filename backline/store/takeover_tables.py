"""The tables of conversations in which staff answer; see `backline.store.takeovers`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from backline.store.tables import Base, UtcTime


def _conversation(**options: Any) -> sa.Column[Any]:
    key = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column(sa.String(128), key, nullable=False, **options)


class TakeoverRow(Base):
    """That a person asked for somebody of the clinic, or that one answers in place of the bot."""

    __tablename__ = "takeovers"
    __table_args__ = (
        # One at a time: of two who take a conversation over at once, one does.
        sa.Index(
            "ix_takeovers_standing",
            "conversation_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.CheckConstraint("bot_hears IN ('lists', 'answer', 'danger')", name="bot_hears"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = _conversation(index=True)
    asked_at = sa.Column(UtcTime)
    """When the person asked for somebody; null where staff came unasked."""
    taken_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"))
    taken_at = sa.Column(UtcTime)
    bot_hears = sa.Column(sa.String(16), nullable=False)
    """What the bot still answers: `danger` what must be heard, `lists` also a number for the list
    of danger signs that is open, `answer` also what comes next, since the bot asked for it."""
    ended_at = sa.Column(UtcTime)


class TakeoverMessageRow(Base):
    """What was said while staff answered, or waited for; in the order of its ids."""

    __tablename__ = "takeover_messages"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "mark"),
        sa.CheckConstraint("author IN ('person', 'staff', 'bot')", name="author"),
        # An id that was given away is never given again: browsers ask for what came after one.
        {"sqlite_autoincrement": True},
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = _conversation()
    author = sa.Column(sa.String(8), nullable=False)
    account_id = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"))
    """Who of the staff wrote it, or had the bot say it."""
    name = sa.Column(sa.String(120))
    """What the person is told of who wrote it; null if nobody of the staff did."""
    text = sa.Column(sa.Text, nullable=False)
    """Encrypted."""
    asks_again = sa.Column(sa.Boolean(name="asks_again"), nullable=False)
    """Whether the bot goes on after it, with the question that is open."""
    mark = sa.Column(sa.String(40))
    """Of the message, or of the form it was written in, if it has one: what is sent twice is kept
    once."""
    outgoing_id = sa.Column(sa.Integer)
    """The first message of the outbox that carries it; null until then, and for the website."""
    at = sa.Column(UtcTime, nullable=False, index=True)
