"""Who of the staff looked at what is encrypted, and when. It is added to, never changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from backline.store.tables import AuditEntry
from backline.store.transactions import Transactions


@dataclass(frozen=True)
class Look:
    """That somebody looked; see `tables.AuditEntry` for its parts."""

    at: dt.datetime
    who: str
    action: str
    about: str
    why: str


class Audit:
    """The audit table. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def add(self, look: Look) -> None:
        """Keep that somebody looked; committed when this returns."""
        with self._transactions.writing() as session:
            session.add(AuditEntry(**asdict(look)))

    def all(self) -> list[Look]:
        """List what was kept, the latest first."""
        with self._transactions.reading() as session:
            rows = session.execute(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).scalars()
            return [Look(r.at, r.who, r.action, r.about, r.why) for r in rows]
