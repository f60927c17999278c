"""What goes into the store and comes out of it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlanRecord:
    """A plan as it is kept; see `backline.policy.Plan` for the units."""

    massage_sessions: int | None = None
    weeks: int | None = None
    review_after_sessions: int | None = None
    review_after_weeks: int | None = None
    therapies: list[str] = field(default_factory=list)
    self_care: list[str] = field(default_factory=list)
    shared_programme: bool = False
    postponed_until: str | None = None


@dataclass(frozen=True)
class AssessmentRecord:
    """An assessment as it is kept: JSON-ready facts, codes, rule ids and versions.

    Attributes:
        patient: which patient of the conversation it is about, counted from 1.
        emergency_ended: how the emergency before it had ended: `seen` (by a doctor or an
            ambulance) or `mistake`; None if there was none, or it holds.
    """

    facts: dict[str, Any]
    outcome: str
    urgency: str
    rules: list[str]
    reasons: list[str]
    plan: PlanRecord
    policy_version: str
    model_version: str
    patient: int = 1
    emergency_ended: str | None = None
