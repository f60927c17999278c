"""The calls of the phone line: where each stands, what was heard, and how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backline.clock import utcnow
from backline.store.call_backs import BROKE_OFF, need
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import Call, Hearing
from backline.store.transactions import Transactions

CHANNEL = "phone"
STATE, ABOUT, HEARD = ("calls.state",), ("hearings.about",), ("hearings.heard",)
"""What the texts are encrypted as, before the conversation they belong to."""
READ_BACK, BY_KEYS, DENIED = "read_back", "keys", "denied"
"""How a hearing came to count after it was read back, and that it did not."""
UNDER_WAY, FINISHED, UNFINISHED = "under_way", "finished", "unfinished"
LONGEST_CALL = dt.timedelta(hours=1)
"""A call that nobody ended and in which nothing was said for so long is over."""


@dataclass(frozen=True)
class CallRecord:
    """A call as it is kept.

    Attributes:
        turn: the number of the turn that was said last.
        state: what the phone line keeps of it, JSON-ready.
        facts: what is known, where the call ended without a result.
        still_to_ask: the questions that were open then.
    """

    conversation_id: str
    entrance: str
    turn: int
    state: Mapping[str, Any]
    status: str
    facts: Mapping[str, Any] | None
    still_to_ask: Sequence[str] | None
    started_at: dt.datetime
    last_turn_at: dt.datetime


@dataclass(frozen=True)
class HearingRecord:
    """What was heard for a fact; see `tables.Hearing`."""

    about: str
    heard: str
    confidence: float | None
    confirmed: str


class Calls:
    """Calls, one method a need. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def get(self, conversation_id: str) -> CallRecord | None:
        """Return a call, if there is one."""
        with self._transactions.reading() as session:
            found = sa.select(Call).where(Call.conversation_id == conversation_id)
            row = session.execute(found).scalar_one_or_none()
            return None if row is None else self._record(row)

    def begin(
        self,
        conversation_id: str,
        entrance: str,
        caller: str | None,
        state: Mapping[str, Any],
        now: dt.datetime,
        number: str | None = None,
    ) -> None:
        """Keep a new call, after its first turn; one that is there already stays as it is.

        Args:
            number: the caller's, encrypted; kept until the call is finished.
        """
        kept = self._encryption.encrypt_json(dict(state), *STATE, conversation_id)
        with self._transactions.writing() as session:
            self._transactions.touch(session, conversation_id, CHANNEL, now)
            session.execute(
                self._transactions.insert(Call)
                .values(
                    conversation_id=conversation_id,
                    entrance=entrance,
                    caller=caller,
                    number=number,
                    turn=1,
                    state=kept,
                    status=UNDER_WAY,
                    started_at=now,
                    last_turn_at=now,
                )
                .on_conflict_do_nothing(index_elements=[Call.conversation_id])
            )

    def go_on(
        self,
        conversation_id: str,
        turn: int,
        state: Mapping[str, Any],
        hearings: Sequence[HearingRecord],
        status: str,
        now: dt.datetime,
    ) -> None:
        """Keep a turn of a call, and what was heard in it; nobody calls back a finished one."""
        told = {"number": None} if status == FINISHED else {}
        kept = self._encryption.encrypt_json(dict(state), *STATE, conversation_id)
        with self._transactions.writing() as session:
            self._transactions.touch(session, conversation_id, CHANNEL, now)
            session.execute(
                sa.update(Call)
                .where(Call.conversation_id == conversation_id)
                .values(turn=turn, state=kept, status=status, last_turn_at=now, **told)
            )
            session.add_all(
                Hearing(
                    conversation_id=conversation_id,
                    turn=turn,
                    about=self._encryption.encrypt(h.about, *ABOUT, conversation_id),
                    heard=self._encryption.encrypt(h.heard, *HEARD, conversation_id),
                    confidence=h.confidence,
                    confirmed=h.confirmed,
                    at=now,
                )
                for h in hearings
            )

    def end(
        self,
        conversation_id: str,
        facts: Mapping[str, Any] | None,
        still_to_ask: Sequence[str] | None,
        *,
        call_back: bool = False,
    ) -> bool:
        """Keep that a call is over; returns False if it was already, or there is none.

        Args:
            facts, still_to_ask: where it ended without a result.
            call_back: whether somebody has to call back, and so the number is kept.
        """
        told = {} if call_back else {"number": None}
        with self._transactions.writing() as session:
            ended = session.execute(
                sa.update(Call)
                .where(Call.conversation_id == conversation_id, Call.status == UNDER_WAY)
                .values(
                    status=UNFINISHED,
                    facts=None if facts is None else dict(facts),
                    still_to_ask=None if still_to_ask is None else list(still_to_ask),
                    **told,
                )
                .execution_options(synchronize_session=False)
            )
            if ended.rowcount and call_back:
                mine = sa.select(Call.conversation_id).where(
                    Call.conversation_id == conversation_id
                )
                need(session, self._transactions, BROKE_OFF, mine, utcnow())
            return bool(ended.rowcount)

    def of_caller(self, caller: str) -> list[str]:
        """List the conversations of all calls from a number, by its keyed hash."""
        with self._transactions.reading() as session:
            found = sa.select(Call.conversation_id).where(Call.caller == caller)
            return list(session.execute(found).scalars())

    def number_of(self, conversation_id: str) -> str | None:
        """Return the caller's number, encrypted; None if unknown, or nobody has to call back."""
        with self._transactions.reading() as session:
            found = sa.select(Call.number).where(Call.conversation_id == conversation_id)
            number: str | None = session.execute(found).scalar_one_or_none()
            return number

    def rotate(self, rotate: Callable[[str], str]) -> int:
        """Pass all numbers through `rotate`, as after a change of keys; returns how many."""
        with self._transactions.writing() as session:
            rows = session.execute(sa.select(Call).where(Call.number.is_not(None))).scalars().all()
            for row in rows:
                row.number = rotate(row.number)
            return len(rows)

    def unfinished(self, now: dt.datetime) -> list[CallRecord]:
        """List calls that ended without a result, the latest first."""
        with self._transactions.reading() as session:
            silent = sa.and_(Call.status == UNDER_WAY, Call.last_turn_at < now - LONGEST_CALL)
            found = (
                sa.select(Call)
                .where(sa.or_(Call.status == UNFINISHED, silent))
                .order_by(Call.started_at.desc())
            )
            return [self._record(row) for row in session.execute(found).scalars()]

    def hearings(self, conversation_id: str) -> list[HearingRecord]:
        """List what was heard in a call, in its order."""
        with self._transactions.reading() as session:
            found = (
                sa.select(Hearing)
                .where(Hearing.conversation_id == conversation_id)
                .order_by(Hearing.id)
            )
            return [
                HearingRecord(
                    self._encryption.decrypt(row.about, *ABOUT, conversation_id),
                    self._encryption.decrypt(row.heard, *HEARD, conversation_id),
                    row.confidence,
                    row.confirmed,
                )
                for row in session.execute(found).scalars()
            ]

    def judged(self, entrance: str) -> list[tuple[float, str]]:
        """List how sure the recogniser of an entrance was of what was read back, and what came.

        Nothing of what was heard is read. What was pressed at once has no confidence.
        """
        with self._transactions.reading() as session:
            found = (
                sa.select(Hearing.confidence, Hearing.confirmed)
                .join(Call, Call.conversation_id == Hearing.conversation_id)
                .where(
                    Call.entrance == entrance,
                    Hearing.confidence.is_not(None),
                    Hearing.confirmed.in_((READ_BACK, BY_KEYS, DENIED)),
                )
                .order_by(Hearing.id)
            )
            return [(row.confidence, row.confirmed) for row in session.execute(found)]

    def _record(self, row: Any) -> CallRecord:
        names = CallRecord.__dataclass_fields__
        values = {name: getattr(row, name) for name in names}
        values["state"] = self._encryption.decrypt_json(row.state, *STATE, row.conversation_id)
        return CallRecord(**values)
