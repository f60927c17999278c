"""The triage policy: facts in, one recommendation out. Pure; the reference is docs/policy.md."""

from backline.policy.decision import (
    Recommendation,
    Undecided,
    decide,
    leads_only_to_doctor,
    open_slots,
)
from backline.policy.plans import Plan
from backline.policy.rules import POLICY_VERSION, RULES, Rule
from backline.policy.three_valued import Reason

__all__ = [
    "POLICY_VERSION",
    "RULES",
    "Plan",
    "Reason",
    "Recommendation",
    "Rule",
    "Undecided",
    "decide",
    "leads_only_to_doctor",
    "open_slots",
]
