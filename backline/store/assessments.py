"""An assessment as it is kept, whoever made it, and its plan with the days of its massages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.orm import Session

from backline.policy import Plan
from backline.store.tables import Assessment, PlanSession
from backline.store.tables import Plan as PlanRow


@dataclass(frozen=True)
class AssessmentRecord:
    """An assessment as it is kept: JSON-ready facts, codes, rule ids and versions.

    Attributes:
        patient: which patient of the conversation it is about, counted from 1.
        emergency_ended: how the emergency before it had ended: `seen` (by a doctor or an
            ambulance), `mistake`, `older` (nerve signs that are not new), or `clinician` where one
            of the clinic decided so; None if there was none, or it holds.
    """

    facts: dict[str, Any]
    outcome: str
    urgency: str
    rules: list[str]
    reasons: list[str]
    plan: Plan
    policy_version: str
    model_version: str
    patient: int = 1
    emergency_ended: str | None = None


def add_assessment(
    session: Session, conversation_id: str, assessment: AssessmentRecord, now: dt.datetime
) -> int:
    """Add an assessment with its plan in a transaction; return its id."""
    values = {f.name: getattr(assessment, f.name) for f in fields(assessment)}
    plan = values.pop("plan")
    row = Assessment(conversation_id=conversation_id, created_at=now, **values)
    session.add(row)
    session.flush()
    _add_plan(session, int(row.id), plan)
    return int(row.id)


def _add_plan(session: Session, assessment_id: int, plan: Plan) -> None:
    # The columns are called what the plan calls them.
    row = PlanRow(assessment_id=assessment_id, **plan.to_json())
    session.add(row)
    session.flush()
    count, days = plan.massage_sessions or 0, (plan.weeks or 0) * 7
    for number in range(1, count + 1):
        session.add(
            PlanSession(
                plan_id=row.id,
                number=number,
                due_after_days=days * (number - 1) // max(count - 1, 1),
                is_review=number == plan.review_after_sessions,
            )
        )
