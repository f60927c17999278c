"""What is asked about something that was told: since when, whether it gets worse, who saw it.

A line of a list tells that something is there; what it means for a massage often hangs on one thing
more. Each follow-up asks for one, so that a yes or a no answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backline.facts import Course, Facts, HealthCondition, Onset

INJURY, LEG = "recent_injury", "leg_below_knee"
"""Facts that are asked about like a line of a list; so are conditions, by their codes."""


@dataclass(frozen=True)
class FollowUp:
    """One thing more to know about a code.

    Attributes:
        code: what it is about.
        part: the field of `backline.facts.Detail`; `examined` of the leg is a fact of its own.
        yes, no: what these answers tell.
    """

    code: str
    part: str
    yes: Onset | Course | bool
    no: Onset | Course | bool

    def concerns(self, facts: Facts) -> bool:
        """Tell whether what it is about was told."""
        if self.code == INJURY:
            return facts.recent_injury is True
        if self.code == LEG:
            return facts.leg_below_knee is True
        return self.code in facts.health_conditions

    def known(self, facts: Facts) -> bool:
        """Tell whether it was told."""
        if self.part == "examined":
            return facts.leg_examined is not None
        return getattr(facts.detail(self.code), self.part) is not None

    def told(self, facts: Facts, value: Onset | Course | bool | None) -> Facts:
        """Note what was told of it; None takes it back."""
        if self.part == "examined":
            return replace(facts, leg_examined=None if value is None else bool(value))
        return facts.with_detail(self.code, **{self.part: value})


def _lately(condition: HealthCondition) -> FollowUp:
    return FollowUp(condition.value, "onset", yes=Onset.NEW, no=Onset.OLDER)


def _worse(code: str) -> FollowUp:
    return FollowUp(code, "course", yes=Course.WORSE, no=Course.SAME)


FOLLOW_UPS: Mapping[str, FollowUp] = {
    "injury_force": FollowUp(INJURY, "force", yes=True, no=False),
    "injury_better": FollowUp(INJURY, "course", yes=Course.BETTER, no=Course.SAME),
    "leg_examined": FollowUp(LEG, "examined", yes=True, no=False),
    "leg_worse": _worse(LEG),
    "night_pain_worse": _worse(HealthCondition.NIGHT_PAIN.value),
    "weak_immunity_worse": _worse(HealthCondition.WEAK_IMMUNITY.value),
    "heart_or_stroke_lately": _lately(HealthCondition.HEART_OR_STROKE),
    "known_spine_disease_lately": _lately(HealthCondition.KNOWN_SPINE_DISEASE),
    "epilepsy_lately": _lately(HealthCondition.EPILEPSY),
    "inflammatory_pattern": FollowUp(
        HealthCondition.INFLAMMATORY.value, "pattern", yes=True, no=False
    ),
}
"""In the order asked. Their words are `utter_ask_follow_up_<name>` in domain.yml."""
