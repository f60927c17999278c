"""What staff are told outside the desk: found once, and kept until one of the servers has sent it.

A notice holds nothing that anybody said. What is told of it is written when it is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.cases import Cases
from backline.store.desk_tables import CallBack, Notice
from backline.store.tables import Assessment, Conversation
from backline.store.transactions import Transactions, update_rows

EMERGENCY, VIOLENCE, URGENT, CALL_BACK, DIGEST = (
    "emergency",
    "violence",
    "urgent",
    "call_back",
    "digest",
)
DANGERS = (EMERGENCY, VIOLENCE)
WAITING, SENT, FAILED = "waiting", "sent", "failed"
LOOKED_BACK = dt.timedelta(hours=24)
"""What happened before that is told no more, as where notices are set up for the first time."""
TAKEN_FOR = dt.timedelta(minutes=2)
"""How long a server has for a notice before another one takes it: longer than a try may last."""
FAILED_LATELY = dt.timedelta(hours=24)


@dataclass(frozen=True)
class DueNotice:
    """A notice that this server sends now.

    Attributes:
        about: the id of what it is about, in its kind of event; of a digest the day.
        reference: what staff call the conversation by; None for a digest.
        attempts: how often it was tried before.
    """

    id: int
    event: str
    about: int
    target: str
    conversation_id: str | None
    reference: str | None
    attempts: int
    created_at: dt.datetime


@dataclass(frozen=True)
class KeptNotice:
    """A notice as the desk shows it."""

    event: str
    target: str
    reference: str | None
    state: str
    attempts: int
    error: str | None
    created_at: dt.datetime
    not_before: dt.datetime
    sent_at: dt.datetime | None


@dataclass(frozen=True)
class AboutResult:
    """What a notice may tell of a result, where the clinic allows it."""

    channel: str
    age: int | None
    rules: tuple[str, ...]


class Notices:
    """Notices, one method a need. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, cases: Cases) -> None:
        self._transactions = transactions
        self._cases = cases

    def find(
        self,
        rules_of_violence: Collection[str],
        targets: Mapping[str, Sequence[str]],
        not_before: Mapping[str, dt.datetime],
        now: dt.datetime,
    ) -> int:
        """Make notices due of what happened and was not told yet; returns how many.

        Args:
            rules_of_violence: ids of the rules whose result says that somebody is hurt or afraid.
            targets: by event, where it goes.
            not_before: by event, when it may be told.
        """
        happened = {
            EMERGENCY: _assessments(Assessment.urgency == EMERGENCY),
            VIOLENCE: _assessments(_has_rule(rules_of_violence), Assessment.urgency != EMERGENCY),
            URGENT: _assessments(Assessment.urgency == URGENT, ~_has_rule(rules_of_violence)),
            CALL_BACK: sa.select(CallBack.id, CallBack.conversation_id).where(
                CallBack.asked_at >= now - LOOKED_BACK, CallBack.done_at.is_(None)
            ),
        }
        with self._transactions.reading() as session:
            new = [
                _row(event, row.id, target, row.conversation_id, not_before[event], now)
                for event, goes_to in targets.items()
                for target in goes_to
                for row in session.execute(_untold(happened[event], event, target, now))
            ]
        return self._add(new)

    def add_digest(self, day: int, targets: Sequence[str], now: dt.datetime) -> int:
        """Make the digest of a day due, once; returns for how many targets."""
        return self._add([_row(DIGEST, day, target, None, now, now) for target in targets])

    def take(self, most: int, now: dt.datetime) -> list[DueNotice]:
        """Take notices to send; no other server takes them meanwhile.

        Of somebody in danger first, however many others wait, then what is due longest.
        """
        row = Notice
        later = sa.case((row.event.in_(DANGERS), 0), else_=1)
        due = (
            sa.select(row, Conversation.reference)
            .outerjoin(Conversation, Conversation.id == row.conversation_id)
            .where(row.state == WAITING, row.not_before <= now)
            .order_by(later, row.not_before, row.id)
            .limit(most)
            .with_for_update(of=row, skip_locked=True)
        )
        with self._transactions.writing() as session:
            taken = [self._due(one, reference) for one, reference in session.execute(due)]
            mine = [row.id.in_([notice.id for notice in taken])]
            values = {"attempts": row.attempts + 1, "not_before": now + TAKEN_FOR}
            update_rows(session, row, mine, **values)
        unnamed = [n.conversation_id for n in taken if n.conversation_id is not None]
        self._cases.name(unnamed)
        return taken

    def mark_sent(self, notice: DueNotice, now: dt.datetime) -> None:
        """Note that a notice was taken."""
        self._update(notice, state=SENT, sent_at=now, error=None)

    def retry_later(self, notice: DueNotice, error: str, not_before: dt.datetime) -> None:
        """Note that a notice could not be sent; it is tried again at that time.

        Args:
            error: the kind of failure, without personal data and addresses.
        """
        self._update(notice, error=error[:64], not_before=not_before)

    def mark_failed(self, notice: DueNotice, error: str) -> None:
        """Give a notice up."""
        self._update(notice, state=FAILED, error=error[:64])

    def latest(self, most: int) -> list[KeptNotice]:
        """List notices, the latest first."""
        row = Notice
        newest = (
            sa.select(row, Conversation.reference)
            .outerjoin(Conversation, Conversation.id == row.conversation_id)
            .order_by(row.id.desc())
            .limit(most)
        )
        with self._transactions.reading() as session:
            return [_kept(one, reference) for one, reference in session.execute(newest)]

    def count_in_trouble(self, now: dt.datetime) -> int:
        """Count those that were tried in vain, and wait or were given up in the last day."""
        row = Notice
        waits = sa.and_(row.state == WAITING, row.error.is_not(None))
        given_up = sa.and_(row.state == FAILED, row.created_at >= now - FAILED_LATELY)
        count = sa.select(sa.func.count()).where(sa.or_(waits, given_up))
        with self._transactions.reading() as session:
            return int(session.execute(count).scalar_one())

    def about_result(self, assessment_id: int) -> AboutResult | None:
        """Give what may be told of a result; None if it is gone."""
        row = Assessment
        found = (
            sa.select(row.facts, row.rules, Conversation.channel)
            .join(Conversation, Conversation.id == row.conversation_id)
            .where(row.id == assessment_id)
        )
        with self._transactions.reading() as session:
            kept = session.execute(found).first()
        if kept is None:
            return None
        age = (kept.facts or {}).get("age")
        return AboutResult(kept.channel, int(age) if age is not None else None, tuple(kept.rules))

    def results_since(self, since: dt.datetime) -> dict[str, int]:
        """Count the results since then by their urgency, without those that nobody had."""
        row = Assessment
        counts = (
            sa.select(row.urgency, sa.func.count())
            .where(row.created_at >= since)
            .group_by(row.urgency)
            .order_by(row.urgency)
        )
        with self._transactions.reading() as session:
            return {urgency: int(count) for urgency, count in session.execute(counts)}

    def prune(self, older_than: dt.datetime) -> None:
        """Delete digests, and what is left of others, of before that moment."""
        gone = sa.delete(Notice).where(Notice.created_at < older_than, Notice.state != WAITING)
        with self._transactions.writing() as session:
            session.execute(gone.execution_options(synchronize_session=False))

    def _add(self, rows: list[dict[str, Any]]) -> int:
        if not rows:
            return 0
        once = self._transactions.insert(Notice).on_conflict_do_nothing(
            index_elements=[Notice.event, Notice.about, Notice.target]
        )
        with self._transactions.writing() as session:
            return sum(_added(session, once.values(row)) for row in rows)

    def _update(self, notice: DueNotice, **values: Any) -> None:
        with self._transactions.writing() as session:
            update_rows(session, Notice, [Notice.id == notice.id], **values)

    def _due(self, row: Any, reference: str | None) -> DueNotice:
        owner = row.conversation_id
        named = reference or (self._cases.reference_of(owner) if owner else None)
        return DueNotice(
            row.id, row.event, row.about, row.target, owner, named, row.attempts, row.created_at
        )


def _added(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)


def _assessments(*conditions: Any) -> Any:
    return sa.select(Assessment.id, Assessment.conversation_id).where(*conditions)


def _has_rule(rules: Collection[str]) -> Any:
    # JSON of a list of ids; a rule's id stands in it with its quotation marks.
    kept = sa.cast(Assessment.rules, sa.Text)
    return sa.or_(sa.false(), *(kept.like(f'%"{rule}"%') for rule in rules))


def _untold(happened: Any, event: str, target: str, now: dt.datetime) -> Any:
    id_, *_ = happened.selected_columns
    told = sa.exists().where(Notice.event == event, Notice.target == target, Notice.about == id_)
    if event != CALL_BACK:
        happened = happened.where(Assessment.created_at >= now - LOOKED_BACK)
    return happened.where(~told)


def _row(
    event: str,
    about: int,
    target: str,
    conversation_id: str | None,
    not_before: dt.datetime,
    now: dt.datetime,
) -> dict[str, Any]:
    return {
        "event": event,
        "about": about,
        "target": target,
        "conversation_id": conversation_id,
        "state": WAITING,
        "attempts": 0,
        "created_at": now,
        "not_before": not_before,
    }


def _kept(row: Any, reference: str | None) -> KeptNotice:
    return KeptNotice(
        row.event,
        row.target,
        reference,
        row.state,
        row.attempts,
        row.error,
        row.created_at,
        row.not_before,
        row.sent_at,
    )
