"""The answers of somebody who has nothing that leads to a doctor: in words, and as facts.

A new question needs its answer here, and every test that only wants to get past it has one.
"""

from __future__ import annotations

from backline.facts import Facts, MassageResponse
from backline.policy import FOLLOW_UPS, open_follow_up

PLAIN = {
    "consent": "yes",
    "suspicion": "no",
    "emergency_signs": "none of these",
    "danger_signs": "none of these",
    "safety": "no, I am safe",
    "pain_duration": "3 weeks",
    "pain_severity": "4",
    "recent_injury": "no",
    "health_conditions": "none",
    "back_signs": "none",
    "medicines": "none",
    "one_leg": "none",
    "other_illness": "none",
    "operation": "none",
    "heart_or_fits": "none",
    "urine_or_belly": "none",
    "new_sign": "none",
    "lasting": "none",
    "leg_symptoms": "no",
    "follow_up": "no",
    "muscle_spasm": "no",
    "massage_response": "not yet",
    "massage_sessions": "3",
    "age": "40",
}
"""What is written in answer to each question."""

PLAIN_FACTS = Facts(
    pain_duration=21,
    pain_severity=4,
    recent_injury=False,
    leg_below_knee=False,
    muscle_spasm=False,
    massage_response=MassageResponse.NONE_YET,
    massage_sessions=1,
    age=40,
)
"""What becomes known by it, beside the checklists."""

BETTER_BY_YES = frozenset(
    {
        "injury_better",
        "nerves_examined",
        "leg_examined",
        "heart_or_stroke_settled",
        "known_spine_disease_settled",
        "epilepsy_settled",
    }
)
"""The follow-ups to which a no is the worse answer."""


def with_the_worst(facts: Facts) -> Facts:
    """The same of somebody who gives the worse answer to whatever more is asked."""
    while (name := open_follow_up(facts)) is not None:
        asked = FOLLOW_UPS[name]
        facts = asked.told(facts, asked.no if name in BETTER_BY_YES else asked.yes)
    return facts
