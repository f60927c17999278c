"""What was suspected and asked about, kept for the clinic's review."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from backline.store.field_encryption import FieldEncryption
from backline.store.tables import SuspicionRow
from backline.store.transactions import Transactions

CLAUSE, QUOTE = ("suspicions.clause",), ("suspicions.quote",)
"""What the texts are encrypted as, before the conversation they belong to."""


@dataclass(frozen=True)
class SuspicionRecord:
    """A suspicion and what came of it; see `tables.SuspicionRow` for its parts."""

    conversation_id: str
    code: str
    clause: str
    quote: str
    score: float
    nearest: str
    answer: str
    at: dt.datetime


class Suspicions:
    """The table of suspicions. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def add(self, record: SuspicionRecord, channel: str) -> None:
        """Keep one; committed when this returns."""
        owner, encrypt = record.conversation_id, self._encryption.encrypt
        with self._transactions.writing() as session:
            self._transactions.touch(session, owner, channel, record.at)
            session.add(
                SuspicionRow(
                    conversation_id=owner,
                    code=record.code,
                    clause=encrypt(record.clause, *CLAUSE, owner),
                    quote=encrypt(record.quote, *QUOTE, owner),
                    score=record.score,
                    nearest=record.nearest,
                    answer=record.answer,
                    at=record.at,
                )
            )

    def latest(self, most: int) -> list[SuspicionRecord]:
        """List what was kept, the latest first.

        Raises:
            Unreadable: one is encrypted with a key that is not there.
        """
        newest = sa.select(SuspicionRow).order_by(SuspicionRow.id.desc()).limit(most)
        with self._transactions.reading() as session:
            return [self._record(row) for row in session.execute(newest).scalars()]

    def _record(self, row: SuspicionRow) -> SuspicionRecord:
        owner, decrypt = str(row.conversation_id), self._encryption.decrypt
        return SuspicionRecord(
            owner,
            row.code,
            decrypt(row.clause, *CLAUSE, owner),
            decrypt(row.quote, *QUOTE, owner),
            row.score,
            row.nearest,
            row.answer,
            row.at,
        )
