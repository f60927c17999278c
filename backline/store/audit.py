"""Who of the staff saw or changed what, and when. It is added to, never changed.

The rows are a chain: each holds the hash of the one before, and a hash of that and of itself, made
with a key that is stored encrypted. A row that is changed, taken out or put in by hand breaks it.
Its head, which says where it begins and ends, is stored encrypted beside the key: rows that were
cut off at the end show, too. Rows of versions that knew no chain have no hash; the first that has
one takes them in, and no later one does.

Whoever can write to the database can put back rows and head together to what they were before, or
take all away. That shows only by a hash of the head that was kept elsewhere.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store import retention
from backline.store.cipher import is_encrypted, keyed_hash
from backline.store.errors import Unreadable
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import AuditEntry, EncryptionState
from backline.store.transactions import Transactions, update_rows

KEY = ("encryption.audit_key",)
HEAD = ("encryption.audit_head",)
"""What the key of the chain, and its head, are encrypted as."""
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
        broken: the id of the first row that does not fit, or is missing; None if all do.
        unsealed: how many were added by an earlier version, where the chain has not begun yet.
        head: the hash of the last row; to be kept where nobody who writes to the database does.
    """

    rows: int
    broken: int | None
    unsealed: int = 0
    head: str = BEGINNING


@dataclass(frozen=True)
class _Head:
    """Where the chain begins and ends: ids of its first and last row, and the hash of that."""

    first: int | None = None
    last: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True)
class _Chain:
    key: bytes
    head: _Head


class Audit:
    """The audit table. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def about(self, conversation_id: str) -> str:
        """Make of a conversation's id what the log calls it, by the database's own key."""
        return self._encryption.hash_of(conversation_id)[:ABOUT_CHARACTERS]

    def add(self, *looks: Look) -> None:
        """Keep what somebody saw or did; committed when this returns."""
        with self._transactions.writing() as session:
            self.add_in(session, *looks)

    def add_in(self, session: Session, *looks: Look) -> None:
        """Keep it in the transaction that does it, so that neither is kept without the other.

        Nobody else adds to the log until the transaction ends. Where rows at the end were cut off,
        or have another hash, the chain goes on from its head all the same: so it stays broken.

        Raises:
            Unreadable: the key or the head of the chain was changed, or taken away.
        """
        chain = self._held_chain(session)
        key, head = chain.key, chain.head
        if head.first is None:
            earlier = session.execute(sa.select(AuditEntry).order_by(AuditEntry.id)).scalars()
            head = replace(head, hash=_fold(key, head.hash, map(_look, earlier)))
        for look in looks:
            hash_ = _hash(key, head.hash, look)
            row = AuditEntry(**asdict(look), previous=head.hash, hash=hash_)
            session.add(row)
            session.flush()
            head = _Head(head.first or int(row.id), int(row.id), hash_)
        self._keep(session, audit_head=self._closed_head(head if looks else chain.head))

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
        """Follow the chain from its beginning to the first row that does not fit, or to its head.

        Raises:
            Unreadable: the key or the head of the chain was changed, or taken away.
        """
        with self._transactions.long_read() as session:
            # Rows and head as they were at one moment: others add to the log meanwhile.
            session.connection(execution_options=self._one_moment())
            retention.take_time(session)
            chain = self._chain(session)
            if chain is None:
                return _without_chain(session)
            return _follow(chain, _rows(session))

    def encrypted_anew(self, session: Session) -> dict[str, str]:
        """Give key and head of the chain, by column, encrypted with the newest key.

        Nobody adds to the log until the transaction ends.
        """
        chain = self._held_chain(session)
        return {
            "audit_key": self._closed_key(chain.key),
            "audit_head": self._closed_head(chain.head),
        }

    def _one_moment(self) -> dict[str, str]:
        return {} if self._transactions.is_sqlite else {"isolation_level": "REPEATABLE READ"}

    def _held_chain(self, session: Session) -> _Chain:
        """Find the chain, or begin it, and keep others from adding to it."""
        if not self._transactions.is_sqlite:
            # Earlier versions, too, wait for each other so: ids and hashes come in one order.
            session.execute(sa.text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
        chain = self._chain(session)
        if chain is None:
            chain = _Chain(secrets.token_bytes(32), _Head())
            key, head = self._closed_key(chain.key), self._closed_head(chain.head)
            self._keep(session, audit_key=key, audit_head=head)
        return chain

    def _chain(self, session: Session) -> _Chain | None:
        state = EncryptionState
        kept = session.execute(sa.select(state.audit_key, state.audit_head)).one()
        if kept.audit_key is None and kept.audit_head is None:
            return None
        # What is not encrypted, or one without the other, was put there by hand.
        if not (is_encrypted(kept.audit_key) and is_encrypted(kept.audit_head)):
            raise Unreadable(
                "the key or the head of the audit log's chain was changed by hand; restore the "
                "table `encryption` from a backup"
            )
        key = base64.b64decode(self._encryption.decrypt(kept.audit_key, *KEY))
        head = json.loads(self._encryption.decrypt(kept.audit_head, *HEAD))
        return _Chain(key, _Head(**head))

    def _closed_key(self, key: bytes) -> str:
        return self._encryption.cipher.encrypt(base64.b64encode(key).decode(), *KEY)

    def _closed_head(self, head: _Head) -> str:
        return self._encryption.cipher.encrypt(json.dumps(asdict(head)), *HEAD)

    @staticmethod
    def _keep(session: Session, **values: str) -> None:
        update_rows(session, EncryptionState, [], **values)


def _rows(session: Session) -> Iterator[Any]:
    rows, after = AuditEntry.__table__, 0
    listed = sa.select(rows).order_by(rows.c.id).limit(PORTION)
    while portion := session.execute(listed.where(rows.c.id > after)).all():
        yield from portion
        after = int(portion[-1].id)


def _without_chain(session: Session) -> ChainReport:
    """Look at a log whose chain has not begun: no row has a hash."""
    row = AuditEntry
    first = session.execute(sa.select(sa.func.min(row.id)).where(row.hash.is_not(None))).scalar()
    rows = int(session.execute(sa.select(sa.func.count()).select_from(row)).scalar_one())
    return ChainReport(rows, first, unsealed=0 if first else rows)


def _follow(chain: _Chain, found: Iterator[Any]) -> ChainReport:
    head, previous, rows, last, earlier = chain.head, BEGINNING, 0, 0, None
    for row in found:
        rows += 1
        hash_ = _hash(chain.key, previous, _look(row))
        if row.hash is None:
            if head.first is not None and row.id >= head.first:
                return ChainReport(rows, int(row.id))
            earlier = earlier or int(row.id)
        elif row.previous != previous:
            # Rows that had no hash count by what they came to when they were taken in.
            return ChainReport(rows, earlier or int(row.id))
        elif row.hash != hash_ or row.id > head.last:
            return ChainReport(rows, int(row.id))
        else:
            last, earlier = int(row.id), None
        previous = hash_
    if last != head.last:
        return ChainReport(rows, head.last)
    return ChainReport(rows, None, rows if head.first is None else 0, head.hash)


def _fold(key: bytes, previous: str, looks: Iterable[Look]) -> str:
    for look in looks:
        previous = _hash(key, previous, look)
    return previous


def _hash(key: bytes, previous: str, look: Look) -> str:
    told = {**asdict(look), "at": look.at.astimezone(dt.timezone.utc).isoformat()}
    return keyed_hash(key, json.dumps([previous, told], sort_keys=True))


def _look(row: Any) -> Look:
    return Look(*(getattr(row, field.name) for field in fields(Look)))
