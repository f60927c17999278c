"""How the bot and the clinic do, in numbers: who came, what they were told, how soon it was taken.

Nothing in them is about one person. Results that staff corrected count as the bot told them; the
corrections are numbers of their own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from backline.store.desk_tables import Correction
from backline.store.events import EVENTS, has_events
from backline.store.field_encryption import FieldEncryption
from backline.store.reencryption import EVENT_DATA
from backline.store.tables import (
    Assessment,
    Consent,
    Conversation,
    Handling,
    SuspicionRow,
    UnansweredQuestionRow,
)
from backline.store.transactions import Transactions

MOST_STOPS = 300
"""Conversations without a result whose open question is read, the latest first: each has to be
decrypted."""
MOST_WAITS = 2000
"""Each of them looks for results that were open."""
REQUESTED = "requested_slot"
LISTS = ("emergency_signs", "health_conditions")
LINES = ("recent_injury", "muscle_spasm", "leg_below_knee")
"""Lines of lists that are facts of their own."""
EMERGENCY = "emergency"


@dataclass(frozen=True)
class ToldOften:
    """How often a result was told: by which rule, the deciding one, and how urgent it was."""

    rule: str
    outcome: str
    urgency: str
    count: int


@dataclass(frozen=True)
class Stops:
    """Where people stopped who began and have no result.

    Attributes:
        declined: they did not agree to storing.
        questions: which question was open last, of the latest of the others; "" where none was.
    """

    declined: int
    questions: Counter[str]


@dataclass(frozen=True)
class Wait:
    """How long it took until somebody of the staff took a person in hand."""

    emergency: bool
    seconds: float


@dataclass(frozen=True)
class Corrected:
    """How often staff made of one result another one."""

    kind: str
    before: tuple[str, str]
    after: tuple[str, str]
    count: int


class Figures:
    """Counts. Methods block, and raise `StoreUnavailable`, as the store's.

    Each takes the moment from which on it counts.
    """

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def channels(self, since: dt.datetime) -> Counter[str]:
        """Count conversations by what their channel is stored under."""
        row = Conversation
        counted = sa.select(row.channel, sa.func.count()).where(row.created_at >= since)
        return Counter(dict(self._all(counted.group_by(row.channel))))

    def results(self, since: dt.datetime) -> list[ToldOften]:
        """Count the results that the bot told, the most frequent first."""
        row = Assessment
        rules = sa.cast(row.rules, sa.Text)
        parts = (rules, row.outcome, row.urgency)
        counted = _by_the_bot(sa.select(*parts, sa.func.count()), since).group_by(*parts)
        by_first: Counter[tuple[str, str, str]] = Counter()
        for kept, outcome, urgency, count in self._all(counted):
            deciding = next(iter(json.loads(kept)), "")
            by_first[deciding, outcome, urgency] += count
        return [ToldOften(*key, count) for key, count in by_first.most_common()]

    def emergencies(self, since: dt.datetime) -> tuple[int, int]:
        """Count the emergencies among the results that the bot told, and all of these."""
        alarming = sa.func.sum(sa.case((Assessment.urgency == EMERGENCY, 1), else_=0))
        counted = _by_the_bot(sa.select(alarming, sa.func.count()), since)
        ((found, all_),) = self._all(counted)
        return int(found or 0), int(all_)

    def lines(self, since: dt.datetime) -> Counter[str]:
        """Count in how many results each sign, condition or other line of a list was there."""
        facts = [Assessment.facts[name] for name in (*LISTS, *LINES)]
        parts = [sa.cast(fact, sa.Text) for fact in facts]
        counted = _by_the_bot(sa.select(*parts, sa.func.count()), since).group_by(*parts)
        found: Counter[str] = Counter()
        for *kept, count in self._all(counted):
            values = [json.loads(one) if one else None for one in kept]
            for codes in values[: len(LISTS)]:
                found.update(dict.fromkeys(codes or (), count))
            for name, there in zip(LINES, values[len(LISTS) :], strict=True):
                found[name] += count if there else 0
        return +found

    def stops(self, since: dt.datetime) -> Stops:
        """Tell where people stopped.

        Of who gave no answer about storing nothing is kept after a day, and they count nowhere.

        Raises:
            Unreadable: what is kept of one is encrypted with a key that is not there.
        """
        answer = (
            sa.select(Consent.given)
            .where(Consent.conversation_id == Conversation.id)
            .order_by(Consent.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        begun = (
            sa.select(Conversation.id, answer)
            .where(Conversation.created_at >= since, Conversation.latest_assessment.is_(None))
            .order_by(Conversation.created_at.desc())
        )
        rows = self._all(begun)
        others = [id_ for id_, given in rows if given is not False]
        return Stops(len(rows) - len(others), self._open_questions(others[:MOST_STOPS]))

    def _open_questions(self, conversations: list[str]) -> Counter[str]:
        events = EVENTS.c
        latest = (
            sa.select(sa.func.max(events.id))
            .where(events.sender_id.in_(conversations), events.type_name == "slot")
            .where(events.action_name == REQUESTED)
            .group_by(events.sender_id)
        )
        kept = sa.select(events.sender_id, events.data).where(events.id.in_(latest))
        with self._transactions.long_read() as session:
            found = session.execute(kept).all() if has_events(session) else []
        asked = Counter(self._requested(owner, data) for owner, data in found)
        asked[""] += len(conversations) - len(found)
        return +asked

    def _requested(self, owner: str, data: str) -> str:
        event = json.loads(self._encryption.decrypt(data, *EVENT_DATA, owner))
        return str(event.get("value") or "")

    def waits(self, since: dt.datetime) -> list[Wait]:
        """Tell how long people waited who were taken in hand, from their first open result on.

        Of the latest `MOST_WAITS` of them.
        """
        hand, earlier = Handling, aliased(Handling)
        closed = (
            sa.select(sa.func.coalesce(sa.func.max(earlier.assessment_id), 0))
            .where(earlier.conversation_id == hand.conversation_id, earlier.id < hand.id)
            .where(earlier.closed_at.is_not(None))
            .scalar_subquery()
        )
        newest = sa.select(hand.id).order_by(hand.id.desc()).limit(MOST_WAITS)
        row = Assessment
        alarming = sa.func.max(sa.case((row.urgency == EMERGENCY, 1), else_=0))
        waited = (
            sa.select(hand.taken_at, sa.func.min(row.created_at), alarming)
            .join(row, row.conversation_id == hand.conversation_id)
            .where(hand.taken_at >= since, row.created_at <= hand.taken_at, row.id > closed)
            .where(hand.id.in_(newest))
            .group_by(hand.id, hand.taken_at)
        )
        return [
            Wait(bool(emergency), (taken - told).total_seconds())
            for taken, told, emergency in self._all(waited)
        ]

    def corrections(self, since: dt.datetime) -> list[Corrected]:
        """Count what staff made of which results."""
        old, new = aliased(Assessment), aliased(Assessment)
        parts = (Correction.kind, old.outcome, old.urgency, new.outcome, new.urgency)
        counted = (
            sa.select(*parts, sa.func.count())
            .join(old, old.id == Correction.corrected_id)
            .join(new, new.id == Correction.assessment_id)
            .where(Correction.made_at >= since)
            .group_by(*parts)
        )
        return [
            Corrected(kind, (was, how_soon), (now, by_now), count)
            for kind, was, how_soon, now, by_now, count in self._all(counted)
        ]

    def to_review(self, since: dt.datetime) -> tuple[int, int]:
        """Count suspicions, and questions that nobody could answer."""
        suspected = sa.select(sa.func.count()).select_from(SuspicionRow)
        asked = sa.select(sa.func.count()).select_from(UnansweredQuestionRow)
        with self._transactions.reading() as session:
            return (
                _number(session, suspected.where(SuspicionRow.at >= since)),
                _number(session, asked.where(UnansweredQuestionRow.at >= since)),
            )

    def _all(self, statement: Any) -> list[Any]:
        with self._transactions.reading() as session:
            return list(session.execute(statement).all())


def _by_the_bot(statement: Any, since: dt.datetime) -> Any:
    by_staff = sa.exists().where(Correction.assessment_id == Assessment.id)
    return statement.select_from(Assessment).where(Assessment.created_at >= since, ~by_staff)


def _number(session: Session, statement: Any) -> int:
    return int(session.execute(statement).scalar_one())
