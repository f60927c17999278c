"""The inbox: what messaging services deliver is stored once, and processed once.

Bodies and addresses come here encrypted and leave encrypted; the inbox has no key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.conversation_queue import (
    HELD,
    LATEST_RECEIVED,
    WAITING,
    DueMessage,
    PendingMessage,
    SentQuestion,
    due_messages,
)
from backline.store.outbox import OutboundMessage, add_messages, cancel_waiting, take_controls
from backline.store.tables import Contact, OutgoingMessage, ReceivedMessage
from backline.store.transactions import Transactions, update_rows

DEDUP_KEYS_KEPT = dt.timedelta(days=90)
"""How long a delivery that comes again is known as such."""


@dataclass(frozen=True)
class InboundMessage:
    """A message as a service delivers it.

    Attributes:
        key: a keyed hash of the service's id of the delivery; one is processed once.
        address, body: encrypted.
        order: the service's own order of the messages of one person, if it has one.
    """

    channel: str
    key: str
    conversation_id: str
    address: str
    body: str
    order: int | None = None


@dataclass(frozen=True)
class Processed:
    """What follows from a message that was processed.

    Attributes:
        due: as in `ConversationQueue`.
        controls: the service's ids of messages whose controls are to be taken away; told once.
    """

    due: list[DueMessage]
    controls: list[str]


class Inbox:
    """The messages that came, of all channels. Methods block; call them off the event loop."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def accept(self, messages: Sequence[InboundMessage], now: dt.datetime) -> list[InboundMessage]:
        """Store what was delivered; return what had not been delivered before."""
        new = []
        with self._transactions.writing() as session:
            for message in messages:
                insert = self._transactions.insert(ReceivedMessage).values(
                    channel=message.channel,
                    key=message.key,
                    conversation_id=message.conversation_id,
                    body=message.body,
                    sort_order=message.order,
                    attempts=0,
                    received_at=now,
                )
                if session.execute(insert.on_conflict_do_nothing()).rowcount:
                    new.append(message)
                    self._touch_contact(session, message, now)
        return new

    def _touch_contact(self, session: Session, message: InboundMessage, now: dt.datetime) -> None:
        """Note a sign of life; it opens the service's window again, so nothing is held any more."""
        insert = self._transactions.insert(Contact).values(
            conversation_id=message.conversation_id,
            channel=message.channel,
            address=message.address,
            last_message_at=now,
        )
        session.execute(
            insert.on_conflict_do_update(
                index_elements=[Contact.conversation_id],
                set_={Contact.last_message_at: now, Contact.address: message.address},
            )
        )
        update_rows(
            session,
            OutgoingMessage,
            [
                OutgoingMessage.conversation_id == message.conversation_id,
                OutgoingMessage.state == HELD,
            ],
            state=WAITING,
            not_before=now,
        )

    def contains(self, channel: str, key: str) -> bool:
        """Tell whether a delivery with this key was taken before."""
        with self._transactions.reading() as session:
            known = sa.select(ReceivedMessage.id).where(
                ReceivedMessage.channel == channel, ReceivedMessage.key == key
            )
            return session.execute(known).first() is not None

    def retry_later(self, message: PendingMessage, not_before: dt.datetime) -> None:
        """Note that a message could not be processed; it is tried again at that time."""
        with self._transactions.writing() as session:
            update_rows(
                session,
                ReceivedMessage,
                [ReceivedMessage.id == message.id],
                attempts=message.attempts + 1,
                not_before=not_before,
            )

    def mark_processed(
        self,
        message: PendingMessage,
        channel: str,
        address: str,
        replies: Sequence[OutboundMessage],
        now: dt.datetime,
        *,
        contact: Mapping[str, Any] | None = None,
        ticked: tuple[SentQuestion, Sequence[int]] | None = None,
        used_up: bool = False,
        cancelled: str | None = None,
    ) -> Processed:
        """Drop the text of a message and make its replies due, in one transaction.

        Args:
            address: encrypted; kept again where the message deleted it and a reply is to be sent.
            contact: columns of `Contact` that this message changes.
            ticked: a checklist and the places that are now ticked in it.
            used_up: controls that were shown before are to be taken away.
            cancelled: why nothing that waits is to be sent any more, if it is not; see
                `Outbox.cancel`.
        """
        with self._transactions.writing() as session:
            pending = [ReceivedMessage.id == message.id, ReceivedMessage.body.is_not(None)]
            if not update_rows(session, ReceivedMessage, pending, body=None, conversation_id=None):
                # Another server was faster, or the person was erased meanwhile.
                return Processed([], [])
            insert = self._transactions.insert(Contact).values(
                conversation_id=message.conversation_id,
                channel=channel,
                address=address,
                last_message_at=now,
            )
            session.execute(insert.on_conflict_do_nothing())
            conversation = message.conversation_id
            if contact:
                mine = [Contact.conversation_id == conversation]
                update_rows(session, Contact, mine, **contact)
            if ticked is not None:
                checklist = [OutgoingMessage.id == ticked[0].id]
                update_rows(session, OutgoingMessage, checklist, chosen=list(ticked[1]))
            if cancelled is not None:
                cancel_waiting(session, conversation, cancelled)
            controls = take_controls(session, conversation) if used_up else []
            add_messages(session, conversation, channel, replies, now)
            return Processed(due_messages(session, conversation, now, added_at=now), controls)

    def prune_dedup_keys(self, now: dt.datetime) -> None:
        """Drop what is only there to know repeated deliveries by, after 90 days."""
        gone = sa.delete(ReceivedMessage).where(
            ReceivedMessage.body.is_(None),
            ReceivedMessage.received_at < now - DEDUP_KEYS_KEPT,
            # SQLite would give its id to the next one, and ids tell the order.
            ReceivedMessage.id < LATEST_RECEIVED,
        )
        with self._transactions.writing() as session:
            session.execute(gone.execution_options(synchronize_session=False))
