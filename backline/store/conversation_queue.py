"""The queue of a conversation with a messaging service: who writes, what waits, what was asked.

Bodies and addresses come here encrypted and leave encrypted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.tables import Contact, OutgoingMessage, ReceivedMessage
from backline.store.transactions import Transactions

WAITING, HELD, SENT, FAILED = "waiting", "held", "sent", "failed"
MAX_DELAY = dt.timedelta(minutes=10)
"""No message is put off for longer: what lies farther ahead was set by a clock that was wrong."""
RECENT_QUESTIONS = 10

JUST_NOW = dt.timedelta(seconds=2)
UNCERTAIN_ERROR = "when_uncertain"
"""The `error` by which earlier versions tell that `sent_certainty` is False."""

LATEST_RECEIVED = sa.select(sa.func.max(ReceivedMessage.id)).scalar_subquery()


@dataclass(frozen=True)
class PendingMessage:
    """A stored message that waits to be processed; `attempts` tells how often that was tried."""

    id: int
    key: str
    conversation_id: str
    body: str
    order: int | None
    attempts: int
    received_at: dt.datetime


@dataclass(frozen=True)
class DueMessage:
    """A stored message whose time to be sent has come.

    Attributes:
        never_taken: whether it is certain that the service never took it. It is not where whoever
            was to send it may have died, or got no answer.
        latest_received: the id of the latest message that anybody had written until it was looked
            for.
    """

    id: int
    body: str
    urgent: bool
    attempts: int
    created_at: dt.datetime
    last_word: bool
    never_taken: bool
    latest_received: int


@dataclass(frozen=True)
class Person:
    """Somebody who writes; `address` is encrypted."""

    address: str
    last_message_at: dt.datetime
    last_order: int | None
    last_question: str | None
    opted_out_at: dt.datetime | None


@dataclass(frozen=True)
class SentQuestion:
    """A question as it was sent, or waits to be.

    Attributes:
        sent_at: by the clock of the service, where it tells; else by that of a server.
        sent_after: the id of the latest message that anybody had written until then; None if it
            was not sent.
        certain: whether it is known when it was sent first. It is not where a process could not
            note that the service took it: the person may have seen it before.
    """

    id: int
    slot: str
    sent_at: dt.datetime | None
    sent_after: int | None
    service_id: str | None
    chosen: tuple[int, ...]
    certain: bool


@dataclass(frozen=True)
class ConversationQueue:
    """What there is of a conversation to go on with.

    Attributes:
        person: who writes; None if nobody is known, or any more.
        pending: in the order in which it was written. While a message waits for another try,
            those after it wait, too.
        due: what is to be sent now, what is urgent first. While a message waits for another try,
            those after it wait, too: out of order, an answer would be read as one to another
            question. What is urgent overtakes.
        questions: the latest first; those that could not be sent, too.
    """

    person: Person | None
    pending: list[PendingMessage]
    due: list[DueMessage]
    questions: list[SentQuestion]


class ConversationQueues:
    """The queues of all conversations. Methods block; call them off the event loop."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def load(self, conversation_id: str, now: dt.datetime) -> ConversationQueue:
        """Read all there is of a conversation to go on with."""
        with self._transactions.reading() as session:
            return load_queue(session, conversation_id, now)

    def with_work(self, channel: str, now: dt.datetime) -> list[str]:
        """List conversations with something to process or to send, the longest waiting first.

        What was received just now is left to the process that took it.
        """
        with self._transactions.reading() as session:
            to_process = session.execute(_to_process(channel, now)).scalars()
            to_send = session.execute(_to_send(channel, now)).scalars()
            return list(dict.fromkeys([*to_process, *to_send]))

    def forget(self, conversation_id: str) -> None:
        """Drop who writes in a conversation, and what was sent in it."""
        with self._transactions.writing() as session:
            for table in (Contact, OutgoingMessage):
                mine = sa.delete(table).where(table.conversation_id == conversation_id)
                session.execute(mine.execution_options(synchronize_session=False))

    def address_of(self, conversation_id: str) -> str | None:
        """Return what the service needs to reach who writes, encrypted; None if unknown."""
        with self._transactions.reading() as session:
            found = sa.select(Contact.address).where(Contact.conversation_id == conversation_id)
            address: str | None = session.execute(found).scalar_one_or_none()
            return address

    def rotate(self, rotate: Callable[[str], str]) -> int:
        """Pass all that is encrypted through `rotate`, as after a change of keys; count it."""
        count = 0
        with self._transactions.writing() as session:
            for table, column in (
                (Contact, "address"),
                (ReceivedMessage, "body"),
                (OutgoingMessage, "body"),
            ):
                encrypted = sa.select(table).where(getattr(table, column).is_not(None))
                for row in session.execute(encrypted).scalars():
                    setattr(row, column, rotate(getattr(row, column)))
                    count += 1
        return count


def _to_process(channel: str, now: dt.datetime) -> Any:
    row = ReceivedMessage
    return (
        sa.select(row.conversation_id)
        .where(
            row.channel == channel,
            row.body.is_not(None),
            sa.or_(row.received_at <= now - JUST_NOW, row.received_at > now + MAX_DELAY),
            sa.or_(row.not_before.is_(None), _has_come_in_sql(row.not_before, now)),
        )
        .order_by(row.id)
    )


def _to_send(channel: str, now: dt.datetime) -> Any:
    row = OutgoingMessage
    return (
        sa.select(row.conversation_id)
        .where(
            row.channel == channel,
            row.state == WAITING,
            sa.or_(row.attempts == 0, _has_come_in_sql(row.not_before, now)),
        )
        .order_by(row.id)
    )


def _has_come_in_sql(moment: Any, now: dt.datetime) -> Any:
    return sa.or_(moment <= now, moment > now + MAX_DELAY)


def load_queue(session: Session, conversation_id: str, now: dt.datetime) -> ConversationQueue:
    """Read all there is of a conversation to go on with."""
    return ConversationQueue(
        _person_of(session, conversation_id),
        _pending_in(session, conversation_id, now),
        due_messages(session, conversation_id, now),
        _questions_in(session, conversation_id),
    )


def _person_of(session: Session, conversation_id: str) -> Person | None:
    row = Contact
    found = session.execute(
        sa.select(
            row.address, row.last_message_at, row.last_order, row.last_question, row.opted_out_at
        ).where(row.conversation_id == conversation_id)
    ).first()
    return Person(*found) if found else None


def _pending_in(session: Session, conversation_id: str, now: dt.datetime) -> list[PendingMessage]:
    row = ReceivedMessage
    found = session.execute(
        sa.select(
            row.id,
            row.key,
            row.conversation_id,
            row.body,
            row.sort_order,
            row.attempts,
            row.received_at,
            row.not_before,
        )
        .where(row.conversation_id == conversation_id, row.body.is_not(None))
        .order_by(row.sort_order, row.id)
    )
    # While a message waits for another try, those after it wait, too.
    ready = takewhile(lambda r: _has_come(r.not_before, now), found)
    return [PendingMessage(*r[:-1]) for r in ready]


def _has_come(moment: dt.datetime | None, now: dt.datetime) -> bool:
    return moment is None or not now < moment <= now + MAX_DELAY


def due_messages(
    session: Session, conversation_id: str, now: dt.datetime, added_at: dt.datetime | None = None
) -> list[DueMessage]:
    """List what is to be sent now; see `ConversationQueue`.

    Args:
        added_at: what was added at this time was certainly not tried yet.
    """
    row = OutgoingMessage
    waiting = session.execute(
        sa.select(
            row.id,
            row.body,
            row.urgent,
            row.attempts,
            row.created_at,
            row.last_word,
            row.not_before,
            row.error,
            row.refused_by_service,
            _held_up_from(conversation_id),
            sa.func.coalesce(LATEST_RECEIVED, 0).label("latest_received"),
        )
        .where(row.conversation_id == conversation_id, row.state == WAITING)
        .order_by(row.urgent.desc(), row.id)
    )
    due = []
    for r in waiting:
        # What was never tried is due, whatever the clock said that set the time.
        if r.attempts == 0 or _has_come(r.not_before, now):
            never_taken = r.created_at == added_at or _was_never_taken(r)
            due.append(
                DueMessage(
                    *(r.id, r.body, r.urgent, r.attempts, r.created_at, r.last_word),
                    never_taken=never_taken,
                    latest_received=r.latest_received,
                )
            )
        else:
            break
    return due


def _questions_in(session: Session, conversation_id: str) -> list[SentQuestion]:
    row = OutgoingMessage
    found = session.execute(
        sa.select(
            row.id,
            row.slot,
            row.sent_at,
            row.sent_after,
            row.service_id,
            row.chosen,
            row.state,
            row.attempts,
            row.error,
            row.refused_by_service,
            row.sent_certainty,
            _held_up_from(conversation_id),
        )
        .where(row.conversation_id == conversation_id, row.slot.is_not(None))
        .order_by(row.id.desc())
        .limit(RECENT_QUESTIONS)
    )
    return [
        SentQuestion(
            r.id,
            r.slot,
            r.sent_at,
            _sent_after(r),
            r.service_id,
            tuple(r.chosen or ()),
            _is_certain(r),
        )
        for r in found
    ]


def _is_certain(row: Any) -> bool:
    if row.state == WAITING:
        return _was_never_taken(row)
    if row.sent_certainty is not None:
        return bool(row.sent_certainty)
    # A server of an earlier version noted it, or it was not sent.
    return bool(row.error != UNCERTAIN_ERROR)


def _held_up_from(conversation_id: str) -> Any:
    """The first message that waits for another try: those after it were never tried."""
    row = OutgoingMessage
    tried = (row.conversation_id == conversation_id, row.state == WAITING, row.attempts > 0)
    return sa.select(sa.func.min(row.id)).where(*tried).scalar_subquery().label("held_up_from")


def _was_never_taken(row: Any) -> bool:
    """Whether the service surely took nothing of what waits: it said so, or was not asked."""
    if row.refused_by_service is not None:
        # A server of an earlier version may have tried since; it counts its tries alone.
        refused = row.refused_by_service == row.attempts
    elif row.attempts > 0:
        # Noted by an earlier version: a service's own codes are numbers.
        refused = (row.error or "").isdigit()
    else:
        # Held back by an earlier version, without a try.
        refused = row.error is not None
    return refused or (row.attempts == 0 and _is_held_up(row))


def _is_held_up(row: Any) -> bool:
    return row.held_up_from is not None and bool(row.id > row.held_up_from)


def _sent_after(row: Any) -> int | None:
    if row.sent_after is not None:
        return int(row.sent_after)
    # An older version, which may run beside this one, notes the time alone.
    return None if row.sent_at is None else 0
