"""Who of the staff saw or changed what, and when. It is added to, never changed.

The rows are a chain: each holds the hash of the one before, and a hash of that and of itself, made
with a key that is stored encrypted. A row that is changed, taken out or put in by hand breaks it.
Rows of versions that knew no chain have no hash; the next that has one takes them in.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.cipher import keyed_hash
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import AuditEntry, EncryptionState
from backline.store.transactions import Transactions

KEY = ("encryption.audit_key",)
"""What the key of the chain is encrypted as."""
BEGINNING = "0" * 64
"""What the first row has in place of a hash of the one before."""
PORTION = 1000
ABOUT_CHARACTERS = 40


@dataclass(frozen=True)
class Look:
    """That somebody saw or did something; see `tables.AuditEntry` for its parts."""

    at: dt.datetime
    who: str
    action: str
    about: str
    why: str


@dataclass(frozen=True)
class By:
    """Who does something, when, and by which command or page."""

    who: str
    why: str
    at: dt.datetime

    def look(self, action: str, about: str) -> Look:
        """Make what the log keeps of it."""
        return Look(self.at, self.who, action, about, self.why)


@dataclass(frozen=True)
class ChainReport:
    """What became of the chain of the audit log.

    Attributes:
        rows: how many were looked at.
        broken: the id of the first row that does not fit; None if all do.
        unsealed: how many at the end have no hash yet, as of an earlier version.
    """

    rows: int
    broken: int | None
    unsealed: int


class Audit:
    """The audit table. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._key: bytes | None = None

    def about(self, conversation_id: str) -> str:
        """Make of a conversation's id what the log calls it, by the database's own key."""
        return self._encryption.hash_of(conversation_id)[:ABOUT_CHARACTERS]

    def add(self, *looks: Look) -> None:
        """Keep what somebody saw or did; committed when this returns."""
        with self._transactions.writing() as session:
            self.add_in(session, *looks)

    def add_in(self, session: Session, *looks: Look) -> None:
        """Keep it in the transaction that does it, so that neither is kept without the other.

        Nobody else adds to the log until the transaction ends.
        """
        key = self._chain_key(session)
        if not self._transactions.is_sqlite:
            # Earlier versions, too, wait for each other so: ids and hashes come in one order.
            session.execute(sa.text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
        previous = self._last_hash(session, key)
        for look in looks:
            hash_ = _hash(key, previous, look)
            session.add(AuditEntry(**asdict(look), previous=previous, hash=hash_))
            session.flush()
            previous = hash_

    def all(self) -> list[Look]:
        """List what was kept, the latest first."""
        with self._transactions.reading() as session:
            rows = session.execute(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).scalars()
            return [_look(row) for row in rows]

    def page(self, skip: int, most: int) -> list[Look]:
        """List a part of it, the latest first."""
        newest = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).offset(skip).limit(most)
        with self._transactions.reading() as session:
            return [_look(row) for row in session.execute(newest).scalars()]

    def verify(self) -> ChainReport:
        """Follow the chain from its beginning to the first row that does not fit."""
        with self._transactions.writing() as session:
            key = self._chain_key(session)
        previous, rows, unsealed, first_unsealed, after = BEGINNING, 0, 0, None, 0
        while portion := self._portion(after):
            for row in portion:
                rows += 1
                hash_ = _hash(key, previous, _look(row))
                if row.hash is None:
                    unsealed += 1
                    first_unsealed = first_unsealed or int(row.id)
                elif row.previous != previous:
                    # Rows that had no hash count by what they came to when they were taken in.
                    return ChainReport(rows, first_unsealed or int(row.id), unsealed)
                elif row.hash != hash_:
                    return ChainReport(rows, int(row.id), unsealed)
                else:
                    unsealed, first_unsealed = 0, None
                previous, after = hash_, int(row.id)
        return ChainReport(rows, None, unsealed)

    def encrypted_key(self, session: Session) -> str:
        """Give the key of the chain as it is stored, encrypted with the newest key."""
        key = base64.b64encode(self._chain_key(session)).decode()
        return self._encryption.cipher.encrypt(key, *KEY)

    def _portion(self, after: int) -> list[Any]:
        rows = AuditEntry.__table__
        mine = sa.select(rows).where(rows.c.id > after).order_by(rows.c.id).limit(PORTION)
        with self._transactions.reading() as session:
            return list(session.execute(mine))

    @staticmethod
    def _last_hash(session: Session, key: bytes) -> str:
        hashed = AuditEntry.hash.is_not(None)
        newest = sa.select(AuditEntry.id, AuditEntry.hash).where(hashed)
        last = session.execute(newest.order_by(AuditEntry.id.desc()).limit(1)).first()
        since, previous = (0, BEGINNING) if last is None else (last.id, str(last.hash))
        later = sa.select(AuditEntry).where(AuditEntry.id > since).order_by(AuditEntry.id)
        return _fold(key, previous, map(_look, session.execute(later).scalars()))

    def _chain_key(self, session: Session) -> bytes:
        """Find the key, or make it: the first server to need it does."""
        if self._key is None:
            column, cipher = EncryptionState.audit_key, self._encryption.cipher
            new = cipher.encrypt(base64.b64encode(secrets.token_bytes(32)).decode(), *KEY)
            first = sa.update(EncryptionState).where(column.is_(None)).values(audit_key=new)
            session.execute(first.execution_options(synchronize_session=False))
            kept = str(session.execute(sa.select(column)).scalar_one())
            self._key = base64.b64decode(cipher.decrypt(kept, *KEY))
        return self._key


def _fold(key: bytes, previous: str, looks: Iterable[Look]) -> str:
    for look in looks:
        previous = _hash(key, previous, look)
    return previous


def _hash(key: bytes, previous: str, look: Look) -> str:
    told = {**asdict(look), "at": look.at.astimezone(dt.timezone.utc).isoformat()}
    return keyed_hash(key, json.dumps([previous, told], sort_keys=True))


def _look(row: Any) -> Look:
    return Look(*(getattr(row, field.name) for field in fields(Look)))
