"""What there is of a conversation with a messaging service: who writes, what waits, what was asked.

Bodies and addresses come here sealed and leave sealed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.tables import Contact, OutgoingMessage, ReceivedMessage

WAITING, HELD, SENT, FAILED = "waiting", "held", "sent", "failed"
FARTHEST = dt.timedelta(minutes=10)
"""No message is put off for longer: what lies farther ahead was set by a clock that was wrong."""
QUESTIONS_KEPT_IN_SIGHT = 10

UNCERTAIN = "when_uncertain"
"""The `error` of a sent message of which it is not known what was written before it was seen."""

LATEST_RECEIVED = sa.select(sa.func.max(ReceivedMessage.id)).scalar_subquery()


@dataclass(frozen=True)
class Received:
    """A stored message that waits to be heard; `attempts` tells how often that was tried."""

    id: int
    key: str
    conversation_id: str
    body: str
    order: int | None
    attempts: int
    received_at: dt.datetime


@dataclass(frozen=True)
class Due:
    """A stored message whose time to be sent has come.

    Attributes:
        unseen: whether it is certain that the service never took it. It is not where whoever was to
            send it may have died, or got no answer.
        after: the id of the latest message that anybody had written until it was looked for.
    """

    id: int
    body: str
    urgent: bool
    attempts: int
    created_at: dt.datetime
    last_word: bool
    unseen: bool
    after: int


@dataclass(frozen=True)
class Person:
    """Somebody who writes; `address` is sealed."""

    address: str
    last_message_at: dt.datetime
    last_order: int | None
    last_question: str | None
    opted_out_at: dt.datetime | None


@dataclass(frozen=True)
class Question:
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
class Mailbox:
    """What there is of a conversation to go on with.

    Attributes:
        person: who writes; None if nobody is known, or any more.
        unheard: in the order in which it was written. While a message waits for another try,
            those after it wait, too.
        due: what is to be sent now, what is urgent first. While a message waits for another try,
            those after it wait, too: out of order, an answer would be read as one to another
            question. What is urgent overtakes.
        questions: the latest first; those that could not be sent, too.
    """

    person: Person | None
    unheard: list[Received]
    due: list[Due]
    questions: list[Question]


def mailbox_of(session: Session, conversation_id: str, now: dt.datetime) -> Mailbox:
    """All there is of a conversation to go on with."""
    return Mailbox(
        _person_of(session, conversation_id),
        _unheard_in(session, conversation_id, now),
        due_in(session, conversation_id, now),
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


def _unheard_in(session: Session, conversation_id: str, now: dt.datetime) -> list[Received]:
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
    return [Received(*r[:-1]) for r in ready]


def _has_come(moment: dt.datetime | None, now: dt.datetime) -> bool:
    return moment is None or not now < moment <= now + FARTHEST


def due_in(
    session: Session, conversation_id: str, now: dt.datetime, since: dt.datetime | None = None
) -> list[Due]:
    """What is to be sent now, see `Mailbox`.

    Args:
        since: what was added at this time is known to be unseen.
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
            _held_up_from(conversation_id),
            sa.func.coalesce(LATEST_RECEIVED, 0).label("after"),
        )
        .where(row.conversation_id == conversation_id, row.state == WAITING)
        .order_by(row.urgent.desc(), row.id)
    )
    due = []
    for r in waiting:
        # What was never tried is due, whatever the clock said that set the time.
        if r.attempts == 0 or _has_come(r.not_before, now):
            unseen = r.created_at == since or _is_unseen(r)
            due.append(
                Due(
                    *(r.id, r.body, r.urgent, r.attempts, r.created_at, r.last_word),
                    unseen=unseen,
                    after=r.after,
                )
            )
        else:
            break
    return due


def _questions_in(session: Session, conversation_id: str) -> list[Question]:
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
            _held_up_from(conversation_id),
        )
        .where(row.conversation_id == conversation_id, row.slot.is_not(None))
        .order_by(row.id.desc())
        .limit(QUESTIONS_KEPT_IN_SIGHT)
    )
    return [
        Question(
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
    return _is_unseen(row) if row.state == WAITING else bool(row.error != UNCERTAIN)


def _held_up_from(conversation_id: str) -> Any:
    """The first message that waits for another try: those after it were never tried."""
    row = OutgoingMessage
    tried = (row.conversation_id == conversation_id, row.state == WAITING, row.attempts > 0)
    return sa.select(sa.func.min(row.id)).where(*tried).scalar_subquery().label("held_up_from")


def _is_unseen(row: Any) -> bool:
    """Whether the service surely took nothing of what waits: it said so, or was not asked."""
    if row.attempts > 0:
        return bool((row.error or "").isdigit())
    held_up = row.held_up_from is not None and row.id > row.held_up_from
    # With an error and without a try it was held back.
    return bool(held_up or row.error is not None)


def _sent_after(row: Any) -> int | None:
    if row.sent_after is not None:
        return int(row.sent_after)
    # An older version, which may run beside this one, notes the time alone.
    return None if row.sent_at is None else 0
