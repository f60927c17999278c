"""Rasa's SQL tracker store on Backline's database setting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from backline.settings import load_settings
from backline.store.engine import write_turn

ERASING_ACTION = "action_delete_data"
KEPT_TURNS = 3
"""How many turns are read back whole. The rules of data/rules look at one."""

KEPT_TYPES = (SlotSet.type_name, ActiveLoop.type_name, ActionExecuted.type_name)


def _latest_turns() -> sa.sql.Select:
    event = SQLTrackerStore.SQLEvent.__table__.c
    of_the_conversation = event.sender_id == sa.bindparam("sender_id")
    session_began = (
        sa.select(sa.func.max(event.timestamp))
        .where(of_the_conversation, event.type_name == SessionStarted.type_name)
        .scalar_subquery()
    )
    first_kept = (
        sa.select(event.id)
        .where(of_the_conversation, event.type_name == UserUttered.type_name)
        .order_by(event.id.desc())
        .offset(KEPT_TURNS - 1)
        .limit(1)
        .scalar_subquery()
    )
    # This column holds a slot's name, too; of loops, whatever their name, one is active. The last
    # run of each action is there since Rasa folds a form's turns back to its last run.
    name = sa.case((event.type_name == ActiveLoop.type_name, ""), else_=event.action_name)
    latest_values = (
        sa.select(sa.func.max(event.id))
        .where(of_the_conversation, event.id < first_kept, event.type_name.in_(KEPT_TYPES))
        .group_by(event.type_name, name)
    )
    return (
        sa.select(event.data)
        .where(
            of_the_conversation,
            event.timestamp >= sa.func.coalesce(session_began, 0),
            sa.or_(event.id >= sa.func.coalesce(first_kept, 0), event.id.in_(latest_values)),
        )
        .order_by(event.id)
    )


LATEST_TURNS = _latest_turns()
"""The data of the events that are read back, in their order; takes `sender_id`."""


class BacklineTrackerStore(SQLTrackerStore):
    """Keeps conversations where Backline keeps assessments; forgets one when asked to.

    Of a long conversation only the latest turns are read back, and before them the latest value of
    each slot, the loop that was active and the last run of each action: a turn costs the same
    however long people talk.

    Set in `endpoints.yml` as the `type` of `tracker_store`.
    """

    def __init__(
        self,
        domain: Any = None,
        host: str | None = None,
        event_broker: Any = None,
        **kwargs: Any,
    ) -> None:
        url = host or load_settings().database_url
        super().__init__(domain=domain, host=url, event_broker=event_broker, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            # Rasa's engine would open the file anew for each read and each save.
            engine = sa.create_engine(
                url, poolclass=QueuePool, connect_args={"check_same_thread": False}
            )
            sa.event.listen(engine, "connect", _prepare_sqlite)
            self.engine: Any = engine
            self.sessionmaker = sessionmaker(bind=engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The latest turns of a conversation's session and what was known before them."""
        with self.session_scope() as session:
            rows = session.execute(LATEST_TURNS, {"sender_id": sender_id}).scalars().all()
        if not rows or self.domain is None:
            return None
        events = [json.loads(row) for row in rows]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    def _additional_events(
        self, session: Session, tracker: DialogueStateTracker
    ) -> Iterator[Event]:
        """The events to store. Of a tracker that was read from here, Rasa need not count them."""
        stored: int | None = getattr(tracker, "stored_events", None)
        if stored is None:
            return super()._additional_events(session, tracker)  # type: ignore[no-any-return]
        return islice(tracker.events, stored, None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the turn, or delete the conversation if this turn asked for that."""
        if _asked_to_forget(tracker):
            with write_turn(self.engine), self.session_scope() as session:
                session.query(self.SQLEvent).filter(
                    self.SQLEvent.sender_id == tracker.sender_id
                ).delete()
                session.commit()
            return
        await self.stream_events(tracker)
        with self.session_scope() as session:
            rows = [
                _row(tracker.sender_id, event)
                for event in self._additional_events(session, tracker)
            ]
            # What was read is not to be the base of the write: SQLite refuses that if anybody wrote
            # between.
            session.rollback()
            with write_turn(self.engine):
                if rows:
                    session.execute(sa.insert(self.SQLEvent.__table__), rows)
                session.commit()
        tracker.stored_events = len(tracker.events)


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    """A row of Rasa's table of events, as its own store writes it."""
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get(INTENT_NAME_KEY),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _asked_to_forget(tracker: DialogueStateTracker) -> bool:
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, ActionExecuted) and event.action_name == ERASING_ACTION:
            return True
    return False


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=2000")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
