"""Assessments in the order in which they were made, portion by portion, to be taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backline.store.cases import KeptAssessment, kept_of
from backline.store.desk_tables import Correction
from backline.store.tables import Assessment, Conversation, Plan, PlanSession
from backline.store.transactions import Transactions

PORTION = 500


@dataclass(frozen=True)
class ExportedAssessment:
    """An assessment with what staff call its conversation.

    Attributes:
        corrected: what staff changed to make it, `facts` or `result`; None where the bot told it.
    """

    reference: str
    channel: str
    kept: KeptAssessment
    corrected: str | None


@dataclass(frozen=True)
class DueReview:
    """When the plan of somebody's latest assessment is to be looked at again.

    Attributes:
        after_sessions: after how many massages; None where it is the latest day for it.
    """

    reference: str
    kept: KeptAssessment
    due: dt.datetime
    after_sessions: int | None


class Exports:
    """Reads portions. Methods block, and raise `StoreUnavailable`, as the store's."""

    def __init__(self, transactions: Transactions, reference_of: Callable[[str], str]) -> None:
        self._transactions = transactions
        self._reference_of = reference_of

    def assessments(
        self, since: dt.datetime | None = None, *, after: int = 0
    ) -> Iterator[ExportedAssessment]:
        """Give assessments in their order, with the staff's corrections.

        Args:
            since: only from then on.
            after: only with a greater id.
        """
        listed = (
            sa.select(Assessment, Plan, Conversation, Correction.kind)
            .join(Conversation, Conversation.id == Assessment.conversation_id)
            .outerjoin(Plan, Plan.assessment_id == Assessment.id)
            .outerjoin(Correction, Correction.assessment_id == Assessment.id)
        )
        if since is not None:
            listed = listed.where(Assessment.created_at >= since)
        for row, plan, conversation, kind in self._portions(listed, after):
            yield ExportedAssessment(
                self._reference(conversation), conversation.channel, kept_of(row, plan), kind
            )

    def reviews(self, since: dt.datetime | None = None) -> Iterator[DueReview]:
        """Give when plans are due for a review, of the latest assessment of each patient alone."""
        latest = sa.select(sa.func.max(Assessment.id)).group_by(
            Assessment.conversation_id, Assessment.patient
        )
        reviewed = sa.and_(PlanSession.plan_id == Plan.id, PlanSession.is_review.is_(True))
        listed = (
            sa.select(Assessment, Plan, Conversation, PlanSession)
            .join(Conversation, Conversation.id == Assessment.conversation_id)
            .join(Plan, Plan.assessment_id == Assessment.id)
            .outerjoin(PlanSession, reviewed)
            .where(Assessment.id.in_(latest), Plan.review_after_weeks.is_not(None))
        )
        if since is not None:
            listed = listed.where(Assessment.created_at >= since)
        for row, plan, conversation, session in self._portions(listed, 0):
            kept, reference = kept_of(row, plan), self._reference(conversation)
            if session is not None:
                due = row.created_at + dt.timedelta(days=session.due_after_days)
                yield DueReview(reference, kept, due, session.number)
            latest_day = row.created_at + dt.timedelta(weeks=plan.review_after_weeks)
            yield DueReview(reference, kept, latest_day, None)

    def _portions(self, listed: Any, after: int) -> Iterator[Any]:
        ordered = listed.order_by(Assessment.id).limit(PORTION)
        while True:
            # Each in a transaction of its own: others write meanwhile, also on SQLite.
            with self._transactions.reading() as session:
                portion = session.execute(ordered.where(Assessment.id > after)).all()
                session.expunge_all()
            yield from portion
            if len(portion) < PORTION:
                return
            after = int(portion[-1][0].id)

    def _reference(self, conversation: Any) -> str:
        return str(conversation.reference or self._reference_of(conversation.id))
