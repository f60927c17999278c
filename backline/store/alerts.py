"""What a browser of the staff may be notified of: new results that cannot wait, and call-backs.

Ids are given away before they are committed, so that a lesser one may come after a greater one:
whoever looks keeps which ones were told, and looks back a little.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backline.policy.rules import ALARM_RULES
from backline.store.cases import Cases
from backline.store.desk_tables import CallBack, Correction
from backline.store.notices import CALL_BACK, EMERGENCY, URGENT, VIOLENCE
from backline.store.tables import Assessment, Conversation
from backline.store.transactions import Transactions

LOOKED_BACK = dt.timedelta(minutes=5)
"""What happened before that is notified no more."""
MOST = 100


@dataclass(frozen=True)
class Alert:
    """Something to notify of; `event` as notices have it, and `number` its id in that kind."""

    event: str
    number: int
    reference: str

    @property
    def key(self) -> str:
        """Name it, to know it again."""
        return f"{'c' if self.event == CALL_BACK else 'a'}{self.number}"


class Alerts:
    """Finds alerts. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, cases: Cases) -> None:
        self._transactions = transactions
        self._cases = cases

    def latest(self, now: dt.datetime) -> list[Alert]:
        """List what happened in the last minutes, in its order; not what staff did themselves."""
        row, since = Assessment, now - LOOKED_BACK
        by_staff = sa.exists().where(Correction.assessment_id == row.id)
        results = (
            sa.select(row.id, row.urgency, row.rules, row.conversation_id, Conversation.reference)
            .join(Conversation, Conversation.id == row.conversation_id)
            .where(row.created_at >= since, ~by_staff)
            .order_by(row.id.desc())
            .limit(MOST)
        )
        calls = (
            sa.select(CallBack.id, CallBack.conversation_id, Conversation.reference)
            .join(Conversation, Conversation.id == CallBack.conversation_id)
            .where(CallBack.asked_at >= since, CallBack.done_at.is_(None))
            .order_by(CallBack.id.desc())
            .limit(MOST)
        )
        with self._transactions.reading() as session:
            told = [(event_of(r.urgency, r.rules), r) for r in session.execute(results)]
            told += [(CALL_BACK, one) for one in session.execute(calls)]
        return [self._alert(event, one) for event, one in reversed(told) if event is not None]

    def _alert(self, event: str, row: Any) -> Alert:
        reference = row.reference or self._cases.reference_of(row.conversation_id)
        return Alert(event, int(row.id), reference)


def event_of(urgency: str, rules: Iterable[str]) -> str | None:
    """Name what a result is to staff; None where it can wait."""
    if urgency == EMERGENCY:
        return EMERGENCY
    if set(rules) & set(ALARM_RULES):
        return VIOLENCE
    return URGENT if urgency == URGENT else None
