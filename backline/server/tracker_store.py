"""Rasa's SQL tracker store on Backline's database setting."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Query, Session

from backline.settings import load_settings

ERASING_ACTION = "action_delete_data"
KEPT_TURNS = 7
"""How many turns are read back whole; the policies look at five (`max_history` in config.yml)."""

KEPT_TYPES = (SlotSet.type_name, ActiveLoop.type_name, ActionExecuted.type_name)


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
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            self.engine.dispose()

    def _event_query(
        self, session: Session, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> Query[Any]:
        query = super()._event_query(session, sender_id, fetch_events_from_all_sessions)
        if fetch_events_from_all_sessions:
            return query
        event = self.SQLEvent
        first = (
            session.query(event.id)
            .filter(event.sender_id == sender_id, event.type_name == UserUttered.type_name)
            .order_by(event.id.desc())
            .offset(KEPT_TURNS - 1)
            .limit(1)
            .scalar()
        )
        if first is None:
            return query
        # This column holds a slot's name, too; of loops, whatever their name, one is active. The
        # last run of each action is there since Rasa folds a form's turns back to its last run.
        name = sa.case((event.type_name == ActiveLoop.type_name, ""), else_=event.action_name)
        latest_values = (
            session.query(sa.func.max(event.id))
            .filter(
                event.sender_id == sender_id,
                event.id < first,
                event.type_name.in_(KEPT_TYPES),
            )
            .group_by(event.type_name, name)
        )
        return query.filter(sa.or_(event.id >= first, event.id.in_(latest_values)))

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the turn, or delete the conversation if this turn asked for that."""
        if _asked_to_forget(tracker):
            with self.session_scope() as session:
                session.query(self.SQLEvent).filter(
                    self.SQLEvent.sender_id == tracker.sender_id
                ).delete()
                session.commit()
            return
        await super().save(tracker)


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
