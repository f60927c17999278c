"""Results that staff corrected: a new assessment beside the one before, with who, when and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store.assessments import AssessmentRecord, add_assessment
from backline.store.audit import Audit, By
from backline.store.desk_tables import Correction
from backline.store.field_encryption import FieldEncryption
from backline.store.tables import Assessment, StaffAccount
from backline.store.transactions import Transactions, hold

REASON = ("corrections.reason",)
"""What reasons are encrypted as, before the conversation they belong to."""


class CorrectionKind(str, Enum):
    """What of a result was changed: facts, on which the policy decides anew, or the result."""

    FACTS = "facts"
    RESULT = "result"


@dataclass(frozen=True)
class KeptCorrection:
    """A correction as it was stored; see `desk_tables.Correction`."""

    corrected_id: int
    assessment_id: int
    kind: CorrectionKind
    reason: str
    made_by: str
    made_at: dt.datetime


class Corrections:
    """Keeps corrections. Methods block, and raise `StoreUnavailable`, as the store's.

    Each is kept in the audit log in the same transaction.
    """

    def __init__(
        self, transactions: Transactions, field_encryption: FieldEncryption, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._audit = audit

    def add(
        self,
        conversation_id: str,
        corrected_id: int,
        record: AssessmentRecord,
        kind: CorrectionKind,
        reason: str,
        account_id: int,
        by: By,
    ) -> bool:
        """Keep a result of the staff; False if `corrected_id` is not the latest of its patient.

        The person has not written by that: how long the conversation is kept does not change.
        """
        encrypted = self._encryption.cipher.encrypt(reason, *REASON, conversation_id)
        with self._transactions.writing() as session:
            hold(session, conversation_id)
            if _latest(session, conversation_id, record.patient) != corrected_id:
                return False
            made = add_assessment(session, conversation_id, record, by.at)
            session.add(
                Correction(
                    conversation_id=conversation_id,
                    corrected_id=corrected_id,
                    assessment_id=made,
                    kind=kind.value,
                    reason=encrypted,
                    made_by=account_id,
                    made_at=by.at,
                )
            )
            action = f"{kind.value}_corrected"
            self._audit.add_in(session, by.look(action, self._audit.about(conversation_id)))
            return True

    def of(self, conversation_id: str) -> dict[int, KeptCorrection]:
        """Give the corrections of a conversation, by the assessment that each made.

        Raises:
            Unreadable: a reason is encrypted with a key that is not there.
        """
        mine = (
            sa.select(Correction, StaffAccount.name)
            .join(StaffAccount, StaffAccount.id == Correction.made_by)
            .where(Correction.conversation_id == conversation_id)
        )
        with self._transactions.reading() as session:
            kept = [self._kept(row, name) for row, name in session.execute(mine)]
        return {one.assessment_id: one for one in kept}

    def _kept(self, row: Correction, name: str) -> KeptCorrection:
        return KeptCorrection(
            int(row.corrected_id),
            int(row.assessment_id),
            CorrectionKind(row.kind),
            self._encryption.decrypt(row.reason, *REASON, str(row.conversation_id)),
            name,
            row.made_at,
        )


def _latest(session: Session, conversation_id: str, patient: int) -> int | None:
    mine = [Assessment.conversation_id == conversation_id, Assessment.patient == patient]
    latest: int | None = session.execute(
        sa.select(sa.func.max(Assessment.id)).where(*mine)
    ).scalar()
    return latest
