"""The outbox: messages are stored before they are sent, and kept as sent, held or failed.

Bodies come here encrypted and leave encrypted; the outbox has no key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.clock import utcnow
from backline.store.call_backs import UNDELIVERED, in_danger, need
from backline.store.conversation_queue import (
    FAILED,
    HELD,
    LATEST_RECEIVED,
    SENT,
    UNCERTAIN_ERROR,
    WAITING,
    DueMessage,
)
from backline.store.tables import OutgoingMessage, ReceivedMessage
from backline.store.transactions import Transactions, update_rows


@dataclass(frozen=True)
class OutboundMessage:
    """A message to be sent; see `tables.OutgoingMessage` for its parts. `body` is encrypted."""

    body: str
    slot: str | None = None
    urgent: bool = False
    controls: bool = False
    last_word: bool = False


TRIED_IN_VAIN = 3
"""After so many tries whoever a result has to reach is to be called, too."""


class Outbox:
    """The messages that go out, of all channels. Methods block; call them off the event loop."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def add(
        self,
        conversation_id: str,
        channel: str,
        messages: Sequence[OutboundMessage],
        now: dt.datetime,
    ) -> None:
        """Make messages due that answer nothing stored."""
        with self._transactions.writing() as session:
            add_messages(session, conversation_id, channel, messages, now)

    def mark_sent(
        self, due: DueMessage, service_id: str | None, at: dt.datetime, certain: bool = True
    ) -> None:
        """Note that the service took a message; its text is dropped.

        Args:
            at: by the clock of the service, where it tells; else by ours.
            certain: whether it was taken just now, and never before. What this person wrote
                while it was on its way makes it uncertain all the same.
        """
        row = ReceivedMessage
        written_meanwhile = (
            sa.select(row.id)
            .where(
                row.conversation_id == OutgoingMessage.conversation_id,
                row.id > due.latest_received,
            )
            .correlate(OutgoingMessage)
            .exists()
        )
        self._update(
            due,
            state=SENT,
            body=None,
            sent_at=at,
            sent_after=sa.func.coalesce(LATEST_RECEIVED, 0),
            service_id=service_id,
            sent_certainty=sa.case((written_meanwhile, False), else_=True) if certain else False,
            # A server of an earlier version, which may run beside this one, reads it there.
            error=sa.case((written_meanwhile, UNCERTAIN_ERROR), else_=None)
            if certain
            else UNCERTAIN_ERROR,
        )

    def retry_later(
        self, due: DueMessage, error: str, not_before: dt.datetime, *, refused: bool
    ) -> None:
        """Note that a message could not be sent; it is tried again at that time.

        Args:
            error: the service's code or the kind of failure, without personal data.
            refused: whether the service said that it did not take it. Where no answer came, it
                may have.
        """
        self._update(
            due,
            attempts=due.attempts + 1,
            refused_by_service=_refusals_of(due) + int(refused),
            error=error,
            not_before=not_before,
            unreached=due.attempts + 1 == TRIED_IN_VAIN,
        )

    def hold(self, due: DueMessage, error: str) -> None:
        """Keep a message back until the person writes again."""
        refused = _refusals_of(due)
        self._update(due, state=HELD, refused_by_service=refused, error=error, unreached=True)

    def mark_failed(self, due: DueMessage, error: str) -> None:
        """Give up a message that cannot be delivered; it stays until the conversation goes."""
        attempts = due.attempts + 1
        self._update(due, state=FAILED, attempts=attempts, error=error, unreached=True)

    def cancel(self, conversation_id: str, error: str) -> None:
        """Give up what waits to be sent in a conversation, as when the person wants nothing.

        What is urgent is not given up.
        """
        with self._transactions.writing() as session:
            cancel_waiting(session, conversation_id, error)

    def _update(self, due: DueMessage, *, unreached: bool = False, **values: Any) -> None:
        mine = OutgoingMessage.id == due.id
        with self._transactions.writing() as session:
            update_rows(session, OutgoingMessage, [mine], **values)
            if unreached:
                need_call(session, self._transactions, mine)


def add_messages(
    session: Session,
    conversation_id: str,
    channel: str,
    messages: Sequence[OutboundMessage],
    now: dt.datetime,
) -> list[int]:
    """Make messages due, in their order; return their ids."""
    ids = []
    for message in messages:
        new = sa.insert(OutgoingMessage).values(
            conversation_id=conversation_id,
            channel=channel,
            created_at=now,
            not_before=now,
            state=WAITING,
            attempts=0,
            **asdict(message),
        )
        ids.append(int(session.execute(new).inserted_primary_key[0]))
    return ids


def need_call(session: Session, transactions: Transactions, which: Any) -> None:
    """Have whoever did not get these messages called, if they are, or were, in danger.

    Args:
        which: a condition that says which messages.
    """
    row = OutgoingMessage
    danger = sa.or_(row.urgent.is_(True), in_danger(row.conversation_id))
    need(
        session,
        transactions,
        UNDELIVERED,
        sa.select(row.conversation_id).where(which, danger),
        utcnow(),
    )


def take_controls(session: Session, conversation_id: str) -> list[str]:
    """Note that controls are taken away; return the service's ids of messages that showed some."""
    row = OutgoingMessage
    mine = [row.conversation_id == conversation_id, row.controls.is_(True), row.state == SENT]
    found = list(session.execute(sa.select(row.service_id).where(*mine)).scalars())
    if found:
        update_rows(session, row, mine, controls=False)
    return [service_id for service_id in found if service_id]


def cancel_waiting(session: Session, conversation_id: str, error: str) -> None:
    """Give up what waits in a conversation; see `Outbox.cancel`."""
    row = OutgoingMessage
    mine = [
        row.conversation_id == conversation_id,
        row.state.in_((WAITING, HELD)),
        row.urgent.is_(False),
    ]
    update_rows(session, row, mine, state=FAILED, error=error)


def _refusals_of(due: DueMessage) -> Any:
    """How many tries the service refused; where an earlier version counted none, all or none."""
    return sa.func.coalesce(
        OutgoingMessage.refused_by_service, due.attempts if due.never_taken else 0
    )
