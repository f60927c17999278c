"""What is recommended while the clinic has not signed the policy and wants it signed first."""

from __future__ import annotations

from backline.facts import Outcome, Urgency
from backline.policy import conditions
from backline.policy.decision import Recommendation
from backline.policy.plans import AFTER_EXAM
from backline.policy.rules import Rule
from backline.policy.three_valued import Reason

UNSIGNED = Rule(
    "S1",
    "the policy recommends a massage or a combined programme, and the clinic has not signed it",
    Outcome.DOCTOR_FIRST,
    Urgency.SOON,
    AFTER_EXAM,
    "clinic.yml: massage_needs_signed_policy",
    conditions.always,
)
"""None of `RULES`: those say what is right for the patient, this what the clinic stands for."""
REASON = Reason("policy_unsigned")


def withheld(decided: Recommendation) -> Recommendation:
    """Send to a doctor whom the policy would not; what sends there already stays as it is."""
    if decided.outcome is Outcome.DOCTOR_FIRST:
        return decided
    also = (decided.rule, *decided.also)
    return Recommendation(UNSIGNED, also, (REASON,), UNSIGNED.plan)
