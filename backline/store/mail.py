"""What came and went through messaging services: stored before it is acknowledged or sent.

Bodies and addresses come here sealed and leave sealed; the store has no key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.mailbox import (
    FAILED,
    FARTHEST,
    HELD,
    LATEST_RECEIVED,
    SENT,
    UNCERTAIN,
    WAITING,
    Due,
    Mailbox,
    Question,
    Received,
    due_in,
    mailbox_of,
)
from backline.store.tables import Contact, DeliveryReport, OutgoingMessage, ReceivedMessage
from backline.store.transactions import Transactions

JUST_NOW = dt.timedelta(seconds=2)
LATE = "late"
LATE_AFTER = dt.timedelta(seconds=30)
FAILED_LATELY = dt.timedelta(hours=24)
KEYS_KEPT = dt.timedelta(days=90)
"""How long a delivery that comes again is known as such."""


@dataclass(frozen=True)
class Delivery:
    """A message as a service delivers it.

    Attributes:
        key: a keyed hash of the service's id of the delivery; one is heard once.
        address, body: sealed.
        order: the service's own order of the messages of one person, if it has one.
    """

    channel: str
    key: str
    conversation_id: str
    address: str
    body: str
    order: int | None = None


@dataclass(frozen=True)
class Draft:
    """A message to be sent; see `OutgoingMessage` for its parts. `body` is sealed."""

    body: str
    slot: str | None = None
    urgent: bool = False
    controls: bool = False
    last_word: bool = False


@dataclass(frozen=True)
class Heard:
    """What follows from a message that was heard.

    Attributes:
        due: as in `Mailbox`.
        controls: the service's ids of messages whose controls are to be taken away; told once.
    """

    due: list[Due]
    controls: list[str]


@dataclass(frozen=True)
class Undelivered:
    """A message that did not arrive, or does not yet."""

    channel: str
    conversation_id: str
    state: str
    error: str | None
    attempts: int
    urgent: bool
    created_at: dt.datetime


class Mail:
    """The messages of all messaging channels. Methods block; call them off the event loop."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    # ---- What comes in ------------------------------------------------------------------------

    def accept(self, deliveries: Sequence[Delivery], now: dt.datetime) -> list[Delivery]:
        """Store what was delivered; gives back what had not been delivered before."""
        new = []
        with self._transactions.writing() as session:
            for delivery in deliveries:
                insert = self._transactions.insert(ReceivedMessage).values(
                    channel=delivery.channel,
                    key=delivery.key,
                    conversation_id=delivery.conversation_id,
                    body=delivery.body,
                    sort_order=delivery.order,
                    attempts=0,
                    received_at=now,
                )
                if session.execute(insert.on_conflict_do_nothing()).rowcount:
                    new.append(delivery)
                    self._see(session, delivery, now)
        return new

    def _see(self, session: Session, delivery: Delivery, now: dt.datetime) -> None:
        """Note a sign of life; it opens the service's window again, so nothing is held any more."""
        insert = self._transactions.insert(Contact).values(
            conversation_id=delivery.conversation_id,
            channel=delivery.channel,
            address=delivery.address,
            last_message_at=now,
        )
        session.execute(
            insert.on_conflict_do_update(
                index_elements=[Contact.conversation_id],
                set_={Contact.last_message_at: now, Contact.address: delivery.address},
            )
        )
        _change(
            session,
            OutgoingMessage,
            [
                OutgoingMessage.conversation_id == delivery.conversation_id,
                OutgoingMessage.state == HELD,
            ],
            state=WAITING,
            not_before=now,
        )

    def knows(self, channel: str, key: str) -> bool:
        """Whether this delivery was taken before."""
        with self._transactions.reading() as session:
            known = sa.select(ReceivedMessage.id).where(
                ReceivedMessage.channel == channel, ReceivedMessage.key == key
            )
            return session.execute(known).first() is not None

    def look(self, conversation_id: str, now: dt.datetime) -> Mailbox:
        """All there is of a conversation to go on with."""
        with self._transactions.reading() as session:
            return mailbox_of(session, conversation_id, now)

    def begin_again(self, received: Received, not_before: dt.datetime) -> None:
        """A message could not be heard; it is tried again at that time."""
        with self._transactions.writing() as session:
            _change(
                session,
                ReceivedMessage,
                [ReceivedMessage.id == received.id],
                attempts=received.attempts + 1,
                not_before=not_before,
            )

    def heard(
        self,
        received: Received,
        channel: str,
        address: str,
        drafts: Sequence[Draft],
        now: dt.datetime,
        *,
        contact: Mapping[str, Any] | None = None,
        ticked: tuple[Question, Sequence[int]] | None = None,
        used_up: bool = False,
        called_off: str | None = None,
    ) -> Heard:
        """A message was heard: at once its text is dropped and its replies are due.

        Args:
            address: sealed; kept again where the message deleted it and a reply has to be sent.
            contact: columns of `Contact` that this message changes.
            ticked: a checklist and the places that are now ticked in it.
            used_up: controls that were shown before are to be taken away.
            called_off: why nothing that waits is to be sent any more, if it is not; see `call_off`.
        """
        with self._transactions.writing() as session:
            unheard = [ReceivedMessage.id == received.id, ReceivedMessage.body.is_not(None)]
            if not _change(session, ReceivedMessage, unheard, body=None, conversation_id=None):
                # Another server was faster, or the person was erased meanwhile.
                return Heard([], [])
            insert = self._transactions.insert(Contact).values(
                conversation_id=received.conversation_id,
                channel=channel,
                address=address,
                last_message_at=now,
            )
            session.execute(insert.on_conflict_do_nothing())
            conversation = received.conversation_id
            if contact:
                mine = [Contact.conversation_id == conversation]
                _change(session, Contact, mine, **contact)
            if ticked is not None:
                checklist = [OutgoingMessage.id == ticked[0].id]
                _change(session, OutgoingMessage, checklist, chosen=list(ticked[1]))
            if called_off is not None:
                _call_off(session, conversation, called_off)
            controls = _take_controls(session, conversation) if used_up else []
            _add(session, conversation, channel, drafts, now)
            return Heard(due_in(session, conversation, now, since=now), controls)

    def say(
        self, conversation_id: str, channel: str, drafts: Sequence[Draft], now: dt.datetime
    ) -> None:
        """Make messages due that answer nothing stored."""
        with self._transactions.writing() as session:
            _add(session, conversation_id, channel, drafts, now)

    # ---- What goes out ------------------------------------------------------------------------

    def sent(self, due: Due, service_id: str | None, at: dt.datetime, certain: bool = True) -> None:
        """A message was taken by the service; its text is dropped.

        Args:
            at: by the clock of the service, where it tells; else by ours.
            certain: whether it was taken just now, and never before. What this person wrote
            while it was on its way makes it uncertain all the same.
        """
        row = ReceivedMessage
        written_meanwhile = (
            sa.select(row.id)
            .where(row.conversation_id == OutgoingMessage.conversation_id, row.id > due.after)
            .correlate(OutgoingMessage)
            .exists()
        )
        self._settle(
            due,
            state=SENT,
            body=None,
            sent_at=at,
            sent_after=sa.func.coalesce(LATEST_RECEIVED, 0),
            service_id=service_id,
            error=sa.case((written_meanwhile, UNCERTAIN), else_=None) if certain else UNCERTAIN,
        )

    def later(self, due: Due, error: str, not_before: dt.datetime) -> None:
        """A message could not be sent; it is tried again at that time."""
        self._settle(due, attempts=due.attempts + 1, error=error, not_before=not_before)

    def hold(self, due: Due, error: str) -> None:
        """A message may not be sent until the person writes again."""
        self._settle(due, state=HELD, error=error)

    def give_up(self, due: Due, error: str) -> None:
        """A message cannot be delivered. It is kept until the conversation is deleted."""
        self._settle(due, state=FAILED, attempts=due.attempts + 1, error=error)

    def _settle(self, due: Due, **values: Any) -> None:
        with self._transactions.writing() as session:
            _change(session, OutgoingMessage, [OutgoingMessage.id == due.id], **values)

    def report(
        self, channel: str, reports: Sequence[tuple[str, str, str | None]], now: dt.datetime
    ) -> list[bool | None]:
        """Keep what the service tells of messages; it may do so before `sent` was called.

        Args:
            reports: the service's id of a message, its status and an error, of each.

        Returns:
            For each, whether the message is urgent; None if the report was known, or the message
            is not.
        """
        with self._transactions.writing() as session:
            return [self._report(session, channel, report, now) for report in reports]

    def _report(
        self,
        session: Session,
        channel: str,
        report: tuple[str, str, str | None],
        now: dt.datetime,
    ) -> bool | None:
        row = OutgoingMessage
        service_id, status, error = report
        insert = self._transactions.insert(DeliveryReport).values(
            channel=channel, service_id=service_id, status=status, error=error, at=now
        )
        if not session.execute(insert.on_conflict_do_nothing()).rowcount:
            return None
        urgent = sa.select(row.urgent).where(row.channel == channel, row.service_id == service_id)
        found = session.execute(urgent).first()
        return bool(found[0]) if found else None

    def call_off(self, conversation_id: str, error: str) -> None:
        """Give up what waits to be sent in a conversation, as when the person wants nothing.

        What is urgent is not given up.
        """
        with self._transactions.writing() as session:
            _call_off(session, conversation_id, error)

    def forget(self, conversation_id: str) -> None:
        """Drop who writes in a conversation, and what was sent in it."""
        with self._transactions.writing() as session:
            for table in (Contact, OutgoingMessage):
                mine = sa.delete(table).where(table.conversation_id == conversation_id)
                session.execute(mine.execution_options(synchronize_session=False))

    # ---- Looking after it ---------------------------------------------------------------------

    def pending(self, channel: str, now: dt.datetime) -> list[str]:
        """Conversations with something to hear or to send, the longest waiting first.

        What was received just now is left to the process that took it.
        """
        received, outgoing = ReceivedMessage, OutgoingMessage
        with self._transactions.reading() as session:
            unheard = session.execute(
                sa.select(received.conversation_id)
                .where(
                    received.channel == channel,
                    received.body.is_not(None),
                    sa.or_(
                        received.received_at <= now - JUST_NOW,
                        received.received_at > now + FARTHEST,
                    ),
                    sa.or_(
                        received.not_before.is_(None),
                        received.not_before <= now,
                        received.not_before > now + FARTHEST,
                    ),
                )
                .order_by(received.id)
            ).scalars()
            unsent = session.execute(
                sa.select(outgoing.conversation_id)
                .where(
                    outgoing.channel == channel,
                    outgoing.state == WAITING,
                    sa.or_(
                        outgoing.attempts == 0,
                        outgoing.not_before <= now,
                        outgoing.not_before > now + FARTHEST,
                    ),
                )
                .order_by(outgoing.id)
            ).scalars()
            return list(dict.fromkeys([*unheard, *unsent]))

    def counts(self, channel: str) -> dict[str, int]:
        """How many messages are `unheard`, `waiting`, `held` and `failed`."""
        row = OutgoingMessage
        counts = dict.fromkeys(("unheard", WAITING, HELD, FAILED), 0)
        with self._transactions.reading() as session:
            counts["unheard"] = session.execute(
                sa.select(sa.func.count()).where(
                    ReceivedMessage.channel == channel, ReceivedMessage.body.is_not(None)
                )
            ).scalar_one()
            states = sa.select(row.state, sa.func.count()).where(
                row.channel == channel, row.state != SENT
            )
            counts.update(dict(session.execute(states.group_by(row.state)).all()))
        return counts

    def undelivered_emergencies(self, channel: str, now: dt.datetime) -> dict[str, int]:
        """How many emergency messages did not arrive, by how.

        `late` wait for 30 seconds or more, `held` cannot be sent before the person writes again,
        `failed` were given up, or reported as not delivered, in the last 24 hours.
        """
        row, report = OutgoingMessage, DeliveryReport
        lately = now - FAILED_LATELY
        emergencies = sa.select(sa.func.count()).select_from(row)
        urgent = emergencies.where(row.channel == channel, row.urgent.is_(True))
        late = urgent.where(row.state == WAITING, row.created_at < now - LATE_AFTER)
        held = urgent.where(row.state == HELD)
        failed = urgent.where(row.state == FAILED, row.created_at >= lately)
        reported = urgent.join(
            report, sa.and_(report.channel == row.channel, report.service_id == row.service_id)
        ).where(row.state == SENT, report.status == FAILED, report.at >= lately)
        with self._transactions.reading() as session:
            count = {
                name: session.execute(statement).scalar_one()
                for name, statement in (
                    (LATE, late),
                    (HELD, held),
                    (FAILED, failed),
                    ("reported", reported),
                )
            }
        count[FAILED] += count.pop("reported")
        return count

    def undelivered(self) -> list[Undelivered]:
        """All messages that were given up, are held or were tried in vain, the oldest first."""
        row, report = OutgoingMessage, DeliveryReport
        with self._transactions.reading() as session:
            refused = (
                sa.select(report.error)
                .where(
                    report.channel == row.channel,
                    report.service_id == row.service_id,
                    report.status == FAILED,
                )
                .scalar_subquery()
            )
            reported = sa.exists().where(
                report.channel == row.channel,
                report.service_id == row.service_id,
                report.status == FAILED,
            )
            found = session.execute(
                sa.select(row, refused)
                .where(
                    sa.or_(
                        row.state.in_((HELD, FAILED)),
                        sa.and_(row.state == WAITING, row.attempts > 0),
                        sa.and_(row.state == SENT, reported),
                    )
                )
                .order_by(row.id)
            ).all()
            return [
                Undelivered(
                    r.channel,
                    r.conversation_id,
                    FAILED if r.state == SENT else r.state,
                    error or r.error,
                    r.attempts,
                    r.urgent,
                    r.created_at,
                )
                for r, error in found
            ]

    def forget_keys(self, now: dt.datetime) -> None:
        """Drop what is only there to know repeated deliveries and late reports by."""
        with self._transactions.writing() as session:
            cut = now - KEYS_KEPT
            for table, conditions in (
                (
                    ReceivedMessage,
                    [
                        ReceivedMessage.body.is_(None),
                        ReceivedMessage.received_at < cut,
                        # SQLite would give its id to the next one, and ids tell the order.
                        ReceivedMessage.id < LATEST_RECEIVED,
                    ],
                ),
                (DeliveryReport, [DeliveryReport.at < cut]),
            ):
                gone = sa.delete(table).where(*conditions)
                session.execute(gone.execution_options(synchronize_session=False))

    def address_of(self, conversation_id: str) -> str | None:
        """What the service needs to reach who writes in a conversation, sealed; None if unknown."""
        with self._transactions.reading() as session:
            found = sa.select(Contact.address).where(Contact.conversation_id == conversation_id)
            address: str | None = session.execute(found).scalar_one_or_none()
            return address

    def seal_anew(self, renew: Callable[[str], str]) -> int:
        """Pass all that is sealed through `renew`, as after a change of keys; returns how much."""
        count = 0
        with self._transactions.writing() as session:
            for table, column in (
                (Contact, "address"),
                (ReceivedMessage, "body"),
                (OutgoingMessage, "body"),
            ):
                sealed = sa.select(table).where(getattr(table, column).is_not(None))
                for row in session.execute(sealed).scalars():
                    setattr(row, column, renew(getattr(row, column)))
                    count += 1
        return count


def _change(session: Session, table: Any, conditions: Sequence[Any], **values: Any) -> int:
    statement = sa.update(table).where(*conditions).values(**values)
    done = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)


def _add(
    session: Session,
    conversation_id: str,
    channel: str,
    drafts: Sequence[Draft],
    now: dt.datetime,
) -> None:
    for draft in drafts:
        values = {**asdict(draft), "state": WAITING, "attempts": 0}
        new = sa.insert(OutgoingMessage).values(
            conversation_id=conversation_id,
            channel=channel,
            created_at=now,
            not_before=now,
            **values,
        )
        session.execute(new)


def _take_controls(session: Session, conversation_id: str) -> list[str]:
    row = OutgoingMessage
    mine = [row.conversation_id == conversation_id, row.controls.is_(True), row.state == SENT]
    found = list(session.execute(sa.select(row.service_id).where(*mine)).scalars())
    if found:
        _change(session, row, mine, controls=False)
    return [service_id for service_id in found if service_id]


def _call_off(session: Session, conversation_id: str, error: str) -> None:
    row = OutgoingMessage
    mine = [
        row.conversation_id == conversation_id,
        row.state.in_((WAITING, HELD)),
        row.urgent.is_(False),
    ]
    _change(session, row, mine, state=FAILED, error=error)
