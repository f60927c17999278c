"""What is asked about something that was told: since when, whether it gets worse, who saw it.

A line of a list tells that something is there; what it means for a massage often hangs on one thing
more. Each follow-up asks for one, so that a yes or a no answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backline.facts import Course, Facts, HealthCondition, Onset

INJURY, LEG = "recent_injury", "leg_below_knee"
"""Facts that are asked about like a line of a list; so are conditions, by their codes."""


OWN_FACTS = frozenset({"inflammation", "leg_examined"})
"""Details that are facts of their own, since they are told by themselves, too."""


@dataclass(frozen=True)
class FollowUp:
    """One thing more to know about a code.

    Attributes:
        code: what it is about.
        part: the field of `backline.facts.Detail`, or of `Facts` where it is one of `OWN_FACTS`.
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
        return self.value(facts) is not None

    def value(self, facts: Facts) -> Onset | Course | bool | None:
        """Give what was told of it."""
        told: Onset | Course | bool | None = getattr(
            facts if self.part in OWN_FACTS else facts.detail(self.code), self.part
        )
        return told

    def told(self, facts: Facts, value: Onset | Course | bool | None) -> Facts:
        """Note what was told of it; None takes it back."""
        if self.part in OWN_FACTS:
            changed: Any = {self.part: value}
            return replace(facts, **changed)
        return facts.with_detail(self.code, **{self.part: value})


def _settled(condition: HealthCondition) -> FollowUp:
    # Asked so that the yes is the lesser: "no, it's not under control" then says what it means.
    return FollowUp(condition.value, "onset", yes=Onset.OLDER, no=Onset.NEW)


def _worse(code: str) -> FollowUp:
    return FollowUp(code, "course", yes=Course.WORSE, no=Course.SAME)


FOLLOW_UPS: Mapping[str, FollowUp] = {
    "injury_force": FollowUp(INJURY, "force", yes=True, no=False),
    "injury_better": FollowUp(INJURY, "course", yes=Course.BETTER, no=Course.SAME),
    "injury_inflamed": FollowUp(INJURY, "inflammation", yes=True, no=False),
    "leg_examined": FollowUp(LEG, "leg_examined", yes=True, no=False),
    "leg_worse": _worse(LEG),
    "night_pain_worse": _worse(HealthCondition.NIGHT_PAIN.value),
    "weak_immunity_worse": _worse(HealthCondition.WEAK_IMMUNITY.value),
    "heart_or_stroke_settled": _settled(HealthCondition.HEART_OR_STROKE),
    "known_spine_disease_settled": _settled(HealthCondition.KNOWN_SPINE_DISEASE),
    "epilepsy_settled": _settled(HealthCondition.EPILEPSY),
    "inflammatory_pattern": FollowUp(
        HealthCondition.INFLAMMATORY.value, "pattern", yes=True, no=False
    ),
}
"""In the order asked. Their words are `utter_ask_follow_up_<name>` in domain.yml."""
