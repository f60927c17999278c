"""The triage policy: facts in, one recommendation out. Pure; the reference is docs/policy.md."""

from backline.policy.decision import (
    Recommendation,
    Undecided,
    decide,
    leads_only_to_doctor,
    open_follow_up,
    open_slots,
    urgency_so_far,
)
from backline.policy.follow_ups import FOLLOW_UPS, FollowUp
from backline.policy.plans import Plan
from backline.policy.rules import POLICY_VERSION, RULES, Rule
from backline.policy.sign_off import UNSIGNED, withheld
from backline.policy.three_valued import Reason

__all__ = [
    "FOLLOW_UPS",
    "POLICY_VERSION",
    "RULES",
    "UNSIGNED",
    "FollowUp",
    "Plan",
    "Reason",
    "Recommendation",
    "Rule",
    "Undecided",
    "decide",
    "leads_only_to_doctor",
    "open_follow_up",
    "open_slots",
    "urgency_so_far",
    "withheld",
]
