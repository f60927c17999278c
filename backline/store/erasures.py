"""The list of erased conversations, by which who asked to be deleted survives no restore."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.clock import utcnow
from backline.store import retention
from backline.store.cipher import keyed_hash
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import EncryptionState, Erasure
from backline.store.transactions import Transactions

TITLE = "backline erasures 1"


class NoList(ValueError):
    """A file that is no list of erasures, or is damaged."""


@dataclass(frozen=True)
class ErasureList:
    """Which conversations were erased, and when.

    Attributes:
        hash_key: the key of the hashes, encrypted.
        erased: hashes of conversations' ids, each with its moment in ISO format.
    """

    hash_key: str
    erased: frozenset[tuple[str, str]]

    def write(self, file: Path) -> None:
        """Write it into a file that its owner alone can read; takes the place of an earlier one."""
        lines = [TITLE, self.hash_key, *(f"{hash_} {at}" for hash_, at in sorted(self.erased))]
        new = file.with_name(f"{file.name}.new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text("\n".join([*lines, "end", ""]), encoding="ascii")
        new.replace(file)


def read_list(file: Path) -> ErasureList:
    """Read what `ErasureList.write` wrote.

    Raises:
        NoList: it is something else, or not whole.
        OSError: it cannot be read.
    """
    try:
        title, hash_key, *lines, end = file.read_text(encoding="ascii").splitlines()
        if title != TITLE or end != "end":
            raise NoList
        erased = [line.split(" ") for line in lines]
        return ErasureList(hash_key, frozenset((hash_, at) for hash_, at in erased))
    except ValueError:
        raise NoList(f"{file} is no list of erasures, or is damaged") from None


class Erasures:
    """The list, as the database keeps it. Methods raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def noter(self, conversation_id: str) -> Callable[[Session], None]:
        """Give what keeps, in the transaction that erases it, that a conversation was erased."""
        hash_, now = (
            self._encryption.hash_of(conversation_id),
            utcnow(),
        )
        return lambda session: session.add(Erasure(conversation=hash_, at=now))

    def list(self) -> ErasureList:
        """Read all of it."""
        hash_key = self._encryption.encrypted_hash_key()
        with self._transactions.reading() as session:
            rows = session.execute(sa.select(Erasure.conversation, Erasure.at))
            return ErasureList(hash_key, frozenset((hash_, at.isoformat()) for hash_, at in rows))

    def replay(self, told: ErasureList) -> int:
        """Erase again what was erased, where this database does not know of it; returns how many.

        What a person who was erased wrote afterwards stays: the erasure before it is known here.

        Raises:
            Unreadable: the list is of a database with other keys.
        """
        hash_key = self._encryption.decrypt_hash_key(told.hash_key)
        unknown = told.erased - self.list().erased
        hashes = {hash_ for hash_, _ in unknown}
        with self._transactions.long_read() as session:
            retention.take_time(session)
            ids = retention.all_ids(session)
        gone = [id_ for id_ in ids if keyed_hash(hash_key, id_) in hashes]
        for portion in retention.batches(gone):
            with self._transactions.writing() as session:
                retention.take_time(session)
                retention.delete(session, portion)
        with self._transactions.writing() as session:
            session.add_all(
                Erasure(conversation=hash_, at=dt.datetime.fromisoformat(at))
                for hash_, at in sorted(unknown)
            )
            session.execute(sa.update(EncryptionState).values(hash_key=told.hash_key))
        return len(gone)
