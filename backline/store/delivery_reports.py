"""What becomes of messages: what the services report of them, and which did not arrive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.conversation_queue import FAILED, HELD, SENT, WAITING
from backline.store.outbox import need_call
from backline.store.tables import DeliveryReport, OutgoingMessage, ReceivedMessage
from backline.store.transactions import Transactions

UNHEARD, LATE = "unheard", "late"
LATE_AFTER = dt.timedelta(seconds=30)
FAILED_LATELY = dt.timedelta(hours=24)
REPORTS_KEPT = dt.timedelta(days=90)
"""How long a report that comes again is known as such."""


@dataclass(frozen=True)
class UndeliveredMessage:
    """A message that did not arrive, or does not yet."""

    channel: str
    conversation_id: str
    state: str
    error: str | None
    attempts: int
    urgent: bool
    created_at: dt.datetime


class DeliveryReports:
    """Reports and figures of all channels. Methods block; call them off the event loop."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def record(
        self, channel: str, reports: Sequence[tuple[str, str, str | None]], now: dt.datetime
    ) -> list[bool | None]:
        """Keep what the service tells of messages; it may do so before they are marked as sent.

        Args:
            reports: the service's id of a message, its status and an error, of each.

        Returns:
            For each, whether the message is urgent; None if the report was known, or the message
            is not.
        """
        with self._transactions.writing() as session:
            return [self._record(session, channel, report, now) for report in reports]

    def _record(
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
        mine = sa.and_(row.channel == channel, row.service_id == service_id)
        urgent = sa.select(row.urgent).where(mine)
        found = session.execute(urgent).first()
        if status == FAILED:
            need_call(session, self._transactions, mine)
        return bool(found[0]) if found else None

    def counts(self, channel: str) -> dict[str, int]:
        """Count the messages that are `unheard`, `waiting`, `held` and `failed`."""
        row = OutgoingMessage
        counts = dict.fromkeys((UNHEARD, WAITING, HELD, FAILED), 0)
        with self._transactions.reading() as session:
            counts[UNHEARD] = session.execute(
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
        """Count the emergency messages that did not arrive, by how.

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

    def undelivered(self) -> list[UndeliveredMessage]:
        """List messages that were given up, are held or were tried in vain, the oldest first."""
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
                UndeliveredMessage(
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

    def prune(self, now: dt.datetime) -> None:
        """Drop reports of more than 90 days ago."""
        gone = sa.delete(DeliveryReport).where(DeliveryReport.at < now - REPORTS_KEPT)
        with self._transactions.writing() as session:
            session.execute(gone.execution_options(synchronize_session=False))
