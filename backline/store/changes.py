"""Whether anything changed that the desk shows, told by a few numbers: two that differ mean yes.

Each number is the end of an index, so that a server may ask every second. What they say of whom
is not told: a page that hears of a change asks for itself again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from backline.store.desk_tables import CallBack, Notice
from backline.store.events import EVENTS, has_events
from backline.store.tables import (
    Assessment,
    AuditEntry,
    Consent,
    Conversation,
    Handling,
    OutgoingMessage,
)
from backline.store.takeover_tables import TakeoverMessageRow, TakeoverRow
from backline.store.transactions import Transactions

Reading = tuple[Any, ...]
"""Numbers that mean nothing but that they are others."""


class Changes:
    """Looks for changes. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._has_events = False

    def of_all(self) -> Reading:
        """Read what changes with anything that the list shows, whichever server did it."""
        # Each thing that staff do is a row of the audit log; what deletes somebody is not, but the
        # conversation that was seen last, or their number, is another one then.
        tables = (AuditEntry, Assessment, CallBack, Consent, TakeoverRow, TakeoverMessageRow)
        parts = [sa.select(sa.func.max(table.id)) for table in (*tables, Notice)]
        parts.append(sa.select(sa.func.max(Conversation.last_seen_at)))
        standing = sa.select(sa.func.count()).where(TakeoverRow.ended_at.is_(None))
        parts += [standing, sa.select(sa.func.count()).where(Conversation.place == 0)]
        return self._read(parts, sa.select(sa.func.max(EVENTS.c.id)))

    def of(self, conversation_id: str) -> Reading:
        """Read what changes with anything that a person's page shows."""
        mine = {
            table: table.conversation_id == conversation_id
            for table in (Assessment, CallBack, Consent, Handling, TakeoverMessageRow, TakeoverRow)
        }
        parts = [sa.select(sa.func.max(table.id)).where(of) for table, of in mine.items()]
        done = (CallBack.done_at, Handling.closed_at, TakeoverRow.taken_at, TakeoverRow.ended_at)
        parts += [sa.select(sa.func.max(at)).where(mine[at.class_]) for at in done]
        row = OutgoingMessage
        sent = sa.select(sa.func.count()).where(row.conversation_id == conversation_id)
        parts += [sent.where(row.state == state) for state in ("sent", "held", "failed")]
        said = sa.select(sa.func.max(EVENTS.c.id)).where(EVENTS.c.sender_id == conversation_id)
        return self._read(parts, said)

    def _read(self, parts: list[Any], of_events: Any) -> Reading:
        with self._transactions.long_read() as session:
            # Rasa makes its table once, and never drops it.
            self._has_events = self._has_events or has_events(session)
            asked = [*parts, of_events] if self._has_events else parts
            found = session.execute(sa.select(*(part.scalar_subquery() for part in asked))).one()
            return tuple(found)
