"""Rasa's SQL tracker store on Backline's database: quick, off the event loop, and fenced."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY
from sqlalchemy.orm import sessionmaker

from backline.observability import metrics
from backline.observability.instrumentation import count_turn, timed
from backline.replies import Deleted, part_of
from backline.runtime.consented_events import (
    answer_in,
    is_unsaved,
    keeps_no_words,
    said_no,
    without_words,
)
from backline.store.audit import Audit
from backline.store.consents import ALWAYS, ConsentAnswer, forgetting, keeping, prepared
from backline.store.engine import create_engine
from backline.store.errors import StoreUnavailable
from backline.store.events import mark_of
from backline.store.field_encryption import FieldEncryption
from backline.store.reencryption import EVENT_DATA
from backline.store.takeover_tables import TakeoverRow
from backline.store.takeovers import BotHears, Takeovers
from backline.store.transactions import Transactions

KEPT_TURNS = 3
"""How many turns are read back whole. The rules of data/rules look at one."""

KEPT_TYPES = (
    SlotSet.type_name,
    ActiveLoop.type_name,
    # Rasa folds a form's turns back to its last run.
    ActionExecuted.type_name,
    # What was before the latest one does not count.
    SessionStarted.type_name,
)
"""Of these the latest of each name is read back, whenever it was."""

EVENT: Any = SQLTrackerStore.SQLEvent.__table__.c
MINE = sa.bindparam("sender_id")


class Overtaken(RuntimeError):
    """The conversation went on, or was erased, while this turn was being taken."""


@dataclass(frozen=True)
class Stored:
    """How much of a tracker's events the database holds.

    Attributes:
        count: of the tracker's own events, from its first one on.
        last_id: of the conversation's latest row, None if it has none.
        whole: whether the tracker holds all turns of the conversation.
        staff: what the bot still hears, while staff of the clinic have the conversation.
    """

    count: int
    last_id: int | None
    whole: bool
    staff: BotHears | None = None


def _latest_turns() -> sa.sql.Select:
    mine = EVENT.sender_id == MINE
    first_kept = (
        sa.select(EVENT.id)
        .where(mine, EVENT.type_name == UserUttered.type_name)
        .order_by(EVENT.id.desc())
        .offset(KEPT_TURNS - 1)
        .limit(1)
        .scalar_subquery()
    )
    turns = sa.select(EVENT.id).where(mine, EVENT.id >= sa.func.coalesce(first_kept, 0))
    # This column holds a slot's name, too.
    latest_values = (
        sa.select(sa.func.max(EVENT.id))
        .where(mine, EVENT.type_name.in_(KEPT_TYPES))
        .group_by(EVENT.type_name, EVENT.action_name)
    )
    kept = sa.union(turns, latest_values)
    return sa.select(EVENT.id, EVENT.data).where(EVENT.id.in_(kept)).order_by(EVENT.id)


LATEST_TURNS = _latest_turns()
WITH_STAFF = LATEST_TURNS.add_columns(
    sa.select(TakeoverRow.bot_hears)
    .where(
        TakeoverRow.conversation_id == MINE,
        TakeoverRow.ended_at.is_(None),
        TakeoverRow.taken_by.is_not(None),
    )
    .scalar_subquery()
    .label("bot_hears")
)
"""The same, and whether staff have the conversation: one round trip for both."""
ALL_TURNS = sa.select(EVENT.id, EVENT.data).where(EVENT.sender_id == MINE).order_by(EVENT.id)
LAST_ID = sa.select(sa.func.max(EVENT.id)).where(EVENT.sender_id == MINE)
HEARD = (
    sa.select(sa.literal(1))
    .where(
        EVENT.sender_id == MINE,
        EVENT.type_name == UserUttered.type_name,
        # Rows of versions that did not encrypt have no mark until they are encrypted.
        sa.or_(
            EVENT.action_name == sa.bindparam("mark"),
            EVENT.action_name.is_(None) & EVENT.data.like(sa.bindparam("pattern"), escape="!"),
        ),
    )
    .limit(1)
)
INDEX = sa.text(
    "CREATE INDEX IF NOT EXISTS ix_events_of_a_conversation "
    "ON events (sender_id, type_name, action_name, id)"
)
"""Without it each turn would look at every event that its conversation ever had."""

PREPARING = 7_261_525
"""Any number will do, beside that of backline.store.schema."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:sender_id, 0))"
NOT_OVERTAKEN = """(
    (SELECT max(id) FROM events WHERE sender_id = :sender_id)
    IS NOT DISTINCT FROM CAST(:known AS integer)
)"""
INSERT = f"""
    INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)
    SELECT :sender_id, type_name, timestamp, intent_name, action_name, data
    FROM json_to_recordset(CAST(:rows AS json)) AS new (
        place integer, type_name text, timestamp double precision, intent_name text,
        action_name text, data text
    )
    WHERE {NOT_OVERTAKEN}
    ORDER BY place
    RETURNING id
"""  # noqa: S608
REPLACE = f"""
    WITH new AS ({INSERT}), gone AS (
        DELETE FROM events WHERE sender_id = :sender_id AND EXISTS (SELECT 1 FROM new)
    )
    SELECT id FROM new
"""  # noqa: S608
"""All parts of it see the rows from before it: none that it inserts is deleted."""


@dataclass(frozen=True)
class Change:
    """What a turn changes in the database.

    Attributes:
        known: the conversation's latest row when the turn began, None if it had none.
        rows: of the table of events, to be added.
        replacing: whether they take the place of all rows from before.
        answer: to the consent question, given in this turn.
    """

    sender_id: str
    known: int | None
    rows: list[dict[str, Any]]
    replacing: bool
    answer: ConsentAnswer | None

    def statements(self, condition: str = ALWAYS) -> list[str]:
        """Beside those for the rows, for both databases.

        Args:
            condition: SQL that must hold for anything to be changed.
        """
        kept = keeping(condition) if self.answer else []
        return [*kept, *(forgetting(condition) if self.replacing else [])]

    def parameters(self) -> dict[str, Any]:
        """For these statements."""
        return self.answer.parameters(self.sender_id) if self.answer else self.me

    @property
    def me(self) -> dict[str, Any]:
        """For statements that name the conversation alone."""
        return {"sender_id": self.sender_id}


class BacklineTrackerStore(SQLTrackerStore):
    """Keeps conversations where Backline keeps assessments; forgets one when asked to.

    Of a long conversation only the latest turns are read back, and before them the latest value of
    each slot and loop and the last run of each action: a turn costs the same however long people
    talk. The order is that in which events were stored: clocks are set, and those of two servers
    differ.

    Rasa's lock keeps a conversation with one server, but not for ever: a server that stood still
    longer than the lock's life wakes up in the middle of a turn. What it would store then is
    refused, so that a conversation is never written by two.

    What was said is encrypted: `data` is, the other columns tell what kind of thing happened when.

    Args:
        host: the database's URL.

    Attributes:
        takeovers: conversations in which staff of the clinic answer.
    """

    def __init__(
        self,
        domain: Any,
        host: str,
        event_broker: Any = None,
        **kwargs: Any,
    ) -> None:
        engine: Any = create_engine(host)
        self._transactions = Transactions(engine)
        self._encryption = FieldEncryption(self._transactions)
        self._encryption.prepare(make_key=True)
        with self._transactions.writing() as session:
            if not self._transactions.is_sqlite:
                # Two servers that start at once would both find no table and no index.
                session.execute(sa.select(sa.func.pg_advisory_xact_lock(PREPARING)))
            self.Base.metadata.create_all(session.connection())
            session.execute(INDEX)
            # A database that nothing but Rasa has used is without tables of ours.
            ours = sa.inspect(session.connection()).has_table(TakeoverRow.__tablename__)
        self._turns = WITH_STAFF if ours else LATEST_TURNS
        audit = Audit(self._transactions, self._encryption)
        self.takeovers = Takeovers(self._transactions, self._encryption, audit)
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        # Rasa's own waits for a lost database without an end, and opens SQLite's file anew for
        # each read and each save.
        self.engine.dispose()
        self.engine: Any = engine
        self.sessionmaker = sessionmaker(bind=engine, future=True)

    @timed(metrics.TRACKER_READ)
    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The latest turns of a conversation and what was known before them.

        Raises:
            StoreUnavailable: the database does not answer within seconds.
        """
        return await asyncio.to_thread(self._read, sender_id, self._turns)

    @timed(metrics.TRACKER_READ)
    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All that was ever said in a conversation."""
        return await asyncio.to_thread(self._read, conversation_id, ALL_TURNS)

    def _read(self, sender_id: str, turns: sa.sql.Select) -> DialogueStateTracker | None:
        with self._transactions.reading() as session:
            rows = session.execute(turns, {"sender_id": sender_id}).all()
        if not rows or self.domain is None:
            return None
        events = [
            json.loads(self._encryption.decrypt(r.data, *EVENT_DATA, sender_id)) for r in rows
        ]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        said = sum(event["event"] == UserUttered.type_name for event in events)
        hears = rows[-1]._mapping.get("bot_hears")
        staff = BotHears(hears) if hears is not None else None
        whole = said < KEPT_TURNS
        tracker.stored = Stored(len(tracker.events), rows[-1].id, whole, staff)
        return tracker

    async def heard(self, tracker: DialogueStateTracker, message_id: str) -> bool:
        """Whether a message of that id is part of the conversation already."""
        known = (e.message_id for e in tracker.events if isinstance(e, UserUttered))
        if message_id in known:
            return True
        stored: Stored | None = getattr(tracker, "stored", None)
        if stored is None or stored.whole:
            return False
        return await asyncio.to_thread(self._look_for, tracker.sender_id, message_id)

    def _look_for(self, sender_id: str, message_id: str) -> bool:
        told = re.sub(r"([!%_])", r"!\1", f'"message_id": {json.dumps(message_id)}')
        asked = {"sender_id": sender_id, "mark": mark_of(message_id), "pattern": f"%{told}%"}
        with self._transactions.reading() as session:
            found = session.execute(HEARD, asked)
            return found.first() is not None

    @timed(metrics.TRACKER_WRITE)
    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the turn, or delete the conversation if this turn asked for that.

        An answer to the consent question is stored with the turn that gives it. After a no nothing
        of what was told is left, before it neither; see `backline.runtime.consented_events`.

        Raises:
            Overtaken: somebody else stored a turn, or erased the conversation, since it was read.
            StoreUnavailable: the database does not answer within seconds, or something of this
                turn could not be stored or deleted, so that the turn has to be taken again.
        """
        stored: Stored = getattr(tracker, "stored", None) or Stored(0, None, whole=True)
        new = list(tracker.events)[stored.count :]
        if any(is_unsaved(event) for event in new):
            raise StoreUnavailable("a part of this turn could not be stored")
        if _is_erased(tracker):
            await asyncio.to_thread(self._forget, tracker.sender_id)
            return
        if not new:
            # As Rasa does for a new conversation: an emergency can be told where nothing is stored.
            return
        told: Sequence[Event] = new
        before: Sequence[Event] = []
        if keeps_no_words(tracker, stored.count):
            told = without_words(new)
            before = await self._words_before(tracker, stored)
        kept = [*without_words(before), *told]
        change = Change(
            tracker.sender_id,
            stored.last_id,
            [self._row(tracker.sender_id, event) for event in kept],
            replacing=bool(before),
            answer=answer_in(tracker, stored.count, self.domain),
        )
        last_id = await asyncio.to_thread(self._write, change)
        tracker.stored = Stored(len(tracker.events), last_id, stored.whole)
        count_turn(tracker, new)
        if self.event_broker:
            for event in told:
                self.event_broker.publish({"sender_id": tracker.sender_id, **event.as_dict()})

    async def _words_before(self, tracker: DialogueStateTracker, stored: Stored) -> Sequence[Event]:
        """All events from before this turn, if words are among them that a no takes away."""
        before = list(tracker.events)[: stored.count]
        if not before or said_no(before):
            return []
        if stored.whole:
            return before
        whole = await self.retrieve_full_tracker(tracker.sender_id)
        return [] if whole is None else list(whole.events)

    def _row(self, sender_id: str, event: Event) -> dict[str, Any]:
        """A row of Rasa's table of events, as its own store writes it, with what it holds closed.

        In place of an action's name, what somebody said has the mark of the message.
        """
        data = event.as_dict()
        name, message_id = data.get("name"), data.get("message_id")
        if isinstance(event, UserUttered) and message_id is not None:
            name = mark_of(message_id)
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get(INTENT_NAME_KEY),
            "action_name": name,
            "data": self._encryption.encrypt(json.dumps(data), *EVENT_DATA, sender_id),
        }

    def _write(self, change: Change) -> int | None:
        if not self._transactions.is_sqlite:
            return self._write_batch(change)
        with self._transactions.writing() as session:
            if session.execute(LAST_ID, change.me).scalar() != change.known:
                raise Overtaken("the conversation went on meanwhile")
            # Before the old rows go: SQLite would give their ids to the new ones.
            session.execute(sa.insert(self.SQLEvent.__table__), change.rows)
            if change.replacing:
                mine = sa.delete(self.SQLEvent.__table__).where(EVENT.sender_id == MINE)
                session.execute(mine.where(EVENT.id <= change.known), change.me)
            for statement in change.statements():
                session.execute(prepared(statement), change.parameters())
            last: int | None = session.execute(LAST_ID, change.me).scalar()
        if change.replacing:
            self._transactions.empty_log()
        return last

    def _write_batch(self, change: Change) -> int:
        """PostgreSQL writes a turn in one round trip, BEGIN and COMMIT included.

        The statements after the first see what was stored while that one waited for the lock.
        """
        placed = json.dumps([{"place": place, **row} for place, row in enumerate(change.rows)])
        write = prepared(
            LOCK, *change.statements(NOT_OVERTAKEN), REPLACE if change.replacing else INSERT
        )
        with self._transactions.batch() as session:
            done = session.execute(
                write, {**change.parameters(), "known": change.known, "rows": placed}
            )
            ids = done.scalars().all()
        if not ids:
            raise Overtaken("the conversation went on meanwhile")
        return int(max(ids))

    def _forget(self, sender_id: str) -> None:
        with self._transactions.writing() as session:
            session.execute(sa.delete(self.SQLEvent.__table__).where(EVENT.sender_id == sender_id))


def _is_erased(tracker: DialogueStateTracker) -> bool:
    """Tell whether the latest turn says that the conversation is deleted."""
    turn = takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    said = (event for event in turn if isinstance(event, BotUttered))
    return any(isinstance(part_of(e.data), Deleted) for e in said)
