"""People as the clinic's desk lists them: what they were told, and who has them in hand.

A case is a conversation. Its result is the most urgent among the latest of each patient in it. It
is an alarm while any of its results is one that nobody has closed, whatever came after. Where it
stands by that is kept with it, by triggers of the database: see revision 0021.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from backline.store.audit import Audit, By
from backline.store.cipher import is_encrypted
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import (
    Assessment,
    Call,
    Consent,
    Conversation,
    Handling,
    Plan,
    ReadMark,
    StaffAccount,
)
from backline.store.transactions import Transactions, hold, update_rows

NOTE = ("handlings.note",)
"""What notes are encrypted as, before the conversation they belong to."""
REVIEWS = ("review_after_sessions", "review_after_weeks")
REFERENCE_CHARACTERS = 10
ALARM, OPEN, CLOSED = 0, 1, 2
"""Where a case stands in the list: on top, among the others, below them."""


@dataclass(frozen=True)
class Filters:
    """Which cases are listed; empty for all. `channels` are those of the table `conversations`."""

    urgencies: Collection[str] = ()
    outcomes: Collection[str] = ()
    channels: Collection[str] = ()


@dataclass(frozen=True)
class InHand:
    """Who took a case, and how that ended; `note` is None where it is not read, or not closed."""

    taken_by: str
    taken_at: dt.datetime
    closed_by: str | None
    closed_at: dt.datetime | None
    note: str | None = None


@dataclass(frozen=True)
class Case:
    """One conversation, as it is listed.

    Attributes:
        reference: what staff call it by.
        urgency, outcome: of its result; None without one.
        latest_assessment: the id of the latest of all.
        place: `ALARM`, `OPEN` or `CLOSED`.
        emergency_waits: whether an emergency, be it an earlier result, is one that nobody closed.
        in_hand: the latest time that it was taken, if it was.
        agreed: to storing; None where nobody was asked yet, or did not answer.
        read_at: when whoever lists it last opened it.
    """

    conversation_id: str
    reference: str
    channel: str
    last_seen_at: dt.datetime
    urgency: str | None
    outcome: str | None
    latest_assessment: int | None
    place: int
    emergency_waits: bool
    in_hand: InHand | None
    agreed: bool | None
    read_at: dt.datetime | None


@dataclass(frozen=True)
class KeptAssessment:
    """A result as it was stored, with its plan as JSON-ready data; see `tables.Assessment`."""

    id: int
    facts: Mapping[str, Any]
    outcome: str
    urgency: str
    rules: Sequence[str]
    reasons: Sequence[str]
    policy_version: str
    model_version: str
    patient: int
    emergency_ended: str | None
    created_at: dt.datetime
    plan: Mapping[str, Any]


class Cases:
    """Lists people. Methods block, and raise `StoreUnavailable`, as the store's.

    What changes a case is kept in the audit log in the same transaction.
    """

    def __init__(
        self, transactions: Transactions, field_encryption: FieldEncryption, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._audit = audit

    def page(self, reader: int, filters: Filters, skip: int, most: int) -> list[Case]:
        """List cases: alarms on top, the longest waiting first; then by urgency, the latest first.

        Those that were closed come last; a later result opens them again.

        Args:
            reader: the account whose marks count.
            skip, most: which part of the list.
        """
        row = Conversation
        order = (row.place, row.place_order, row.last_seen_at.desc(), row.id)
        # The index alone has which they are; the rest is read of those that are listed.
        chosen = sa.select(row.id).order_by(*order).offset(skip).limit(most)
        for column, allowed in (
            (row.urgency, filters.urgencies),
            (row.outcome, filters.outcomes),
            (row.channel, filters.channels),
        ):
            if allowed:
                chosen = chosen.where(column.in_(allowed))
        with self._transactions.reading() as session:
            ids = session.execute(chosen).scalars().all()
            listing = _listing(reader).where(row.id.in_(ids))
            found = {case.id: case for case in session.execute(listing)}
            answers = _answers(session, ids)
        rows = [found[id_] for id_ in ids if id_ in found]
        self.name([case.id for case in rows if case.reference is None])
        return [self._case(case, answers) for case in rows]

    def count_alarms(self) -> int:
        """Count the cases that stand on top of the list."""
        count = sa.select(sa.func.count()).where(Conversation.place == ALARM)
        with self._transactions.reading() as session:
            return int(session.execute(count).scalar_one())

    def find(self, reference: str, reader: int) -> Case | None:
        """Find a case by what staff call it."""
        listing = _listing(reader).where(Conversation.reference == reference)
        with self._transactions.reading() as session:
            row = session.execute(listing).first()
            answers = _answers(session, [row.id] if row else [])
        return None if row is None else self._case(row, answers)

    def assessments(self, conversation_id: str) -> list[KeptAssessment]:
        """List all results of a conversation, the latest first."""
        mine = (
            sa.select(Assessment, Plan)
            .outerjoin(Plan, Plan.assessment_id == Assessment.id)
            .where(Assessment.conversation_id == conversation_id)
            .order_by(Assessment.id.desc())
        )
        with self._transactions.reading() as session:
            return [kept_of(row, plan) for row, plan in session.execute(mine)]

    def still_to_ask(self, conversation_id: str) -> list[str]:
        """List the questions that were open when a call broke off; none for others."""
        mine = sa.select(Call.still_to_ask).where(Call.conversation_id == conversation_id)
        with self._transactions.reading() as session:
            return list(session.execute(mine).scalar_one_or_none() or [])

    def handlings(self, conversation_id: str) -> list[InHand]:
        """List who took a case, and how that ended, with the notes; the latest first.

        Raises:
            Unreadable: a note is encrypted with a key that is not there.
        """
        mine = _handlings().where(Handling.conversation_id == conversation_id)
        with self._transactions.reading() as session:
            rows = session.execute(mine.order_by(Handling.id.desc())).all()
        return [self._in_hand(row, read=True) for row in rows]

    def mark_read(self, conversation_id: str, reader: int, by: By) -> None:
        """Keep, before it is shown, that somebody opens a case: in the audit log, as their mark."""
        insert = self._transactions.insert(ReadMark).values(
            account_id=reader, conversation_id=conversation_id, read_at=by.at
        )
        both = [ReadMark.account_id, ReadMark.conversation_id]
        with self._transactions.writing() as session:
            session.execute(
                insert.on_conflict_do_update(index_elements=both, set_={ReadMark.read_at: by.at})
            )
            self._audit.add_in(session, by.look("person_shown", self._about(conversation_id)))

    def take(self, case: Case, account_id: int, by: By) -> bool:
        """Take a case in hand; False if somebody has it, or closed it, or there is no result."""
        if case.latest_assessment is None:
            return False
        row = Handling
        values = {
            row.conversation_id: case.conversation_id,
            row.assessment_id: case.latest_assessment,
            row.taken_by: account_id,
            row.taken_at: by.at,
        }
        closed = sa.exists().where(
            row.conversation_id == case.conversation_id,
            row.closed_at.is_not(None),
            row.assessment_id >= case.latest_assessment,
        )
        told = [sa.literal(value, column.type) for column, value in values.items()]
        insert = self._transactions.insert(row).from_select(
            [column.name for column in values], sa.select(*told).where(~closed)
        )
        nobody_has_it = insert.on_conflict_do_nothing(
            index_elements=[row.conversation_id], index_where=row.closed_at.is_(None)
        )
        with self._transactions.writing() as session:
            hold(session, case.conversation_id)
            if not session.execute(nobody_has_it).rowcount:
                return False
            self._audit.add_in(session, by.look("case_taken", self._about(case.conversation_id)))
            return True

    def close(self, conversation_id: str, seen: int, account_id: int, note: str, by: By) -> bool:
        """Close a case that is in hand, with what was done; False if it is in nobody's.

        Args:
            seen: the latest assessment that was shown to who closes it: a later one opens it again.
        """
        mine = [
            Handling.conversation_id == conversation_id,
            Handling.closed_at.is_(None),
            sa.exists().where(Assessment.id == seen, Assessment.conversation_id == conversation_id),
        ]
        values = {
            "assessment_id": seen,
            "closed_by": account_id,
            "closed_at": by.at,
            "note": self._encryption.cipher.encrypt(note, *NOTE, conversation_id),
        }
        with self._transactions.writing() as session:
            hold(session, conversation_id)
            if not update_rows(session, Handling, mine, **values):
                return False
            self._audit.add_in(session, by.look("case_closed", self._about(conversation_id)))
            return True

    def _about(self, conversation_id: str) -> str:
        return self._audit.about(conversation_id)

    def reference_of(self, conversation_id: str) -> str:
        """Make what staff call a conversation: ten letters and digits that tell nothing of it."""
        # With a word before it, so that it is no part of what the audit log has.
        made = bytes.fromhex(self._encryption.hash_of(f"reference {conversation_id}"))
        return base64.b32encode(made).decode()[:REFERENCE_CHARACTERS]

    def name(self, conversation_ids: Sequence[str]) -> None:
        """Keep the references of conversations that are listed for the first time."""
        if not conversation_ids:
            return
        with self._transactions.writing() as session:
            for id_ in conversation_ids:
                mine = [Conversation.id == id_]
                update_rows(session, Conversation, mine, reference=self.reference_of(id_))

    def _case(self, row: Any, answers: Mapping[str, bool]) -> Case:
        return Case(
            row.id,
            row.reference or self.reference_of(row.id),
            row.channel,
            row.last_seen_at,
            row.urgency,
            row.outcome,
            row.latest_assessment,
            row.place,
            bool(row.emergency_waits),
            self._in_hand(row) if row.taken_at is not None else None,
            answers.get(row.id),
            row.read_at,
        )

    def _in_hand(self, row: Any, *, read: bool = False) -> InHand:
        note = row.note if read else None
        if is_encrypted(note):
            note = self._encryption.decrypt(str(note), *NOTE, str(row.conversation_id))
        return InHand(row.taken_by, row.taken_at, row.closed_by, row.closed_at, note)


def _is_latest(hand: Any) -> Any:
    later = aliased(Handling)
    return ~sa.exists().where(later.conversation_id == hand.conversation_id, later.id > hand.id)


def _listing(reader: int) -> Any:
    """Cases, with all that a list shows."""
    row, hand = Conversation, aliased(Handling)
    taker, closer = aliased(StaffAccount), aliased(StaffAccount)
    mark = sa.and_(ReadMark.conversation_id == row.id, ReadMark.account_id == reader)
    return (
        sa.select(
            row.id,
            row.reference,
            row.channel,
            row.last_seen_at,
            row.urgency,
            row.outcome,
            row.latest_assessment,
            row.place,
            row.emergency_waits,
            taker.name.label("taken_by"),
            hand.taken_at,
            closer.name.label("closed_by"),
            hand.closed_at,
            ReadMark.read_at,
        )
        .select_from(row)
        .outerjoin(hand, sa.and_(hand.conversation_id == row.id, _is_latest(hand)))
        .outerjoin(taker, taker.id == hand.taken_by)
        .outerjoin(closer, closer.id == hand.closed_by)
        .outerjoin(ReadMark, mark)
    )


def _handlings() -> Any:
    taker, closer = aliased(StaffAccount), aliased(StaffAccount)
    return (
        sa.select(
            Handling.conversation_id,
            taker.name.label("taken_by"),
            Handling.taken_at,
            closer.name.label("closed_by"),
            Handling.closed_at,
            Handling.note,
        )
        .join(taker, taker.id == Handling.taken_by)
        .outerjoin(closer, closer.id == Handling.closed_by)
    )


def _answers(session: Session, conversation_ids: Sequence[str]) -> dict[str, bool]:
    """Tell who agreed to storing, and who refused, by the latest answer."""
    latest = (
        sa.select(sa.func.max(Consent.id))
        .where(Consent.conversation_id.in_(conversation_ids))
        .group_by(Consent.conversation_id)
    )
    rows = session.execute(
        sa.select(Consent.conversation_id, Consent.given).where(Consent.id.in_(latest))
    )
    return {id_: bool(given) for id_, given in rows}


def kept_of(row: Any, plan: Any) -> KeptAssessment:
    """Make an assessment of its row and that of its plan, if it has one."""
    names = [name for name in KeptAssessment.__dataclass_fields__ if name != "plan"]
    told = ("massage_sessions", "weeks", "therapies", "postponed_until", *REVIEWS)
    parts = {name: getattr(plan, name) for name in told} if plan is not None else {}
    return KeptAssessment(**{name: getattr(row, name) for name in names}, plan=parts)
