"""What people asked and nothing could answer, kept for the clinic to write an answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from backline.store.field_encryption import FieldEncryption
from backline.store.tables import UnansweredQuestionRow
from backline.store.transactions import Transactions

QUESTION = ("unanswered_questions.question",)
"""What the text is encrypted as, before the conversation it belongs to."""


@dataclass(frozen=True)
class UnansweredQuestion:
    """A question in the person's words; see `tables.UnansweredQuestionRow` for its parts."""

    conversation_id: str
    question: str
    after_result: bool
    at: dt.datetime


class UnansweredQuestions:
    """The table of them. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, field_encryption: FieldEncryption) -> None:
        self._transactions = transactions
        self._encryption = field_encryption

    def add(self, asked: UnansweredQuestion, channel: str) -> None:
        """Keep one; committed when this returns."""
        owner = asked.conversation_id
        with self._transactions.writing() as session:
            self._transactions.touch(session, owner, channel, asked.at)
            session.add(
                UnansweredQuestionRow(
                    conversation_id=owner,
                    question=self._encryption.encrypt(asked.question, *QUESTION, owner),
                    after_result=asked.after_result,
                    at=asked.at,
                )
            )

    def latest(self, most: int) -> list[UnansweredQuestion]:
        """List what was kept, the latest first.

        Raises:
            Unreadable: one is encrypted with a key that is not there.
        """
        newest = sa.select(UnansweredQuestionRow).order_by(UnansweredQuestionRow.id.desc())
        with self._transactions.reading() as session:
            rows = session.execute(newest.limit(most)).scalars()
            return [self._question(row) for row in rows]

    def _question(self, row: UnansweredQuestionRow) -> UnansweredQuestion:
        owner = str(row.conversation_id)
        question = self._encryption.decrypt(row.question, *QUESTION, owner)
        return UnansweredQuestion(owner, question, row.after_result, row.at)
