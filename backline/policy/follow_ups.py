"""What is asked about something that was told: since when, whether it gets worse, who saw it.

A line of a list tells that something is there; what it means for a massage often hangs on one thing
more. Each follow-up asks for one, so that a yes or a no answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backline.facts import Course, EmergencySign, Facts, HealthCondition, Onset

INJURY, LEG = "recent_injury", "leg_below_knee"
"""Facts that are asked about like a line of a list; so are conditions, by their codes."""
PAIN = "pain_severity"
"""The pain itself, of which may be known that a doctor examined it and found nothing amiss."""
SUDDEN = "sudden_pain"
"""A fact that is asked about from `VESSEL_RISK_YEARS` on."""
SEVERE_FROM = 7
"""0-10. The usual and safer cut; Boonstra 2016 finds 8."""
NERVES, CHEST, THOUGHTS = "nerves", "chest", "thoughts"
NERVE_SIGNS = frozenset(
    {
        EmergencySign.SADDLE_NUMBNESS,
        EmergencySign.BLADDER_CHANGE,
        EmergencySign.BOWEL_CHANGE,
        EmergencySign.SEXUAL_NUMBNESS,
        EmergencySign.BOTH_LEGS,
        EmergencySign.LEG_COLLAPSE,
    }
)
"""Signs of nerves in trouble (GIRFT cauda equina pathway 2023)."""
TICKED_SIGNS: Mapping[str, frozenset[EmergencySign]] = {
    NERVES: NERVE_SIGNS,
    CHEST: frozenset({EmergencySign.CHEST_PAIN, EmergencySign.FAINTING}),
    THOUGHTS: frozenset({EmergencySign.SELF_HARM}),
}
"""Signs that are asked about once more where they were ticked in a list, which people tick for
milder and older things, too. In the order asked.

Sources: GIRFT cauda equina pathway 2023 (new within 4 weeks), NHS 999 (chest pain now), NICE NG225
(a plan). A sign that is told in words of one's own is an emergency at once.
"""
VESSEL_RISK_YEARS = 60
"""From this age on a first sudden pain may be of an aneurysm: NICE NG156."""

OWN_FACTS = frozenset({"first_pain", "inflammation", "leg_examined", "vessel_risk"})
"""Details that are facts of their own, since they are told by themselves, too."""


@dataclass(frozen=True)
class FollowUp:
    """One thing more to know about a code.

    Attributes:
        code: what it is about.
        part: the field of `backline.facts.Detail`, or of `Facts` where it is one of `OWN_FACTS`.
        yes, no: what these answers tell.
        at_once: it is asked before anything else, and what nobody can tell is the worse.
    """

    code: str
    part: str
    yes: Onset | Course | bool
    no: Onset | Course | bool
    at_once: bool = False

    def concerns(self, facts: Facts) -> bool:
        """Tell whether what it is about was told."""
        if self.code == INJURY:
            return facts.recent_injury is True
        if self.code == LEG:
            return facts.leg_below_knee is True
        if self.code in TICKED_SIGNS:
            return bool(self._codes(facts))
        if self.code == SUDDEN:
            return facts.sudden_pain is True
        if self.code == PAIN:
            return facts.pain_severity is not None and facts.pain_severity >= SEVERE_FROM
        return self.code in facts.health_conditions

    def _codes(self, facts: Facts) -> list[str]:
        """List the codes that it is about."""
        if self.code in TICKED_SIGNS:
            return sorted(sign.value for sign in TICKED_SIGNS[self.code] & facts.ticked)
        return [self.code]

    def known(self, facts: Facts) -> bool:
        """Tell whether it was told."""
        return self.value(facts) is not None

    def value(self, facts: Facts) -> Onset | Course | bool | None:
        """Give what was told of it."""
        if self.part in OWN_FACTS:
            own: bool | None = getattr(facts, self.part)
            return own
        told = [getattr(facts.detail(code), self.part) for code in self._codes(facts)]
        # What differs between several signs, or is not told of all of them, is asked again.
        return told[0] if told and all(value == told[0] for value in told) else None

    def told(self, facts: Facts, value: Onset | Course | bool | None) -> Facts:
        """Note what was told of it; None takes it back."""
        if self.part in OWN_FACTS:
            changed: Any = {self.part: value}
            return replace(facts, **changed)
        for code in self._codes(facts):
            facts = facts.with_detail(code, **{self.part: value})
        if self.code == PAIN and value is False:
            # It is asked for again, and what is told then is the usual one.
            facts = replace(facts, pain_severity=None).with_detail(PAIN, usual=True)
        return facts


def _settled(condition: HealthCondition) -> FollowUp:
    # Asked so that the yes is the lesser: "no, it's not under control" then says what it means.
    return FollowUp(condition.value, "onset", yes=Onset.OLDER, no=Onset.NEW)


def _worse(code: str) -> FollowUp:
    return FollowUp(code, "course", yes=Course.WORSE, no=Course.SAME)


FOLLOW_UPS: Mapping[str, FollowUp] = {
    "nerves_new": FollowUp(NERVES, "onset", yes=Onset.NEW, no=Onset.OLDER, at_once=True),
    "chest_new": FollowUp(CHEST, "onset", yes=Onset.NEW, no=Onset.OLDER, at_once=True),
    "thoughts_plan": FollowUp(THOUGHTS, "acute", yes=True, no=False, at_once=True),
    "nerves_examined": FollowUp(NERVES, "examined", yes=True, no=False),
    "strength_usual": FollowUp(PAIN, "usual", yes=True, no=False),
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
    # Diabetes counts by what it has done to the feet (NICE NG19); good feet are a note.
    "diabetes_feet": FollowUp(
        HealthCondition.DIABETES_NEUROPATHY.value, "pattern", yes=True, no=False
    ),
    "first_pain": FollowUp(SUDDEN, "first_pain", yes=True, no=False),
    "vessel_risk": FollowUp(SUDDEN, "vessel_risk", yes=True, no=False),
}
"""In the order asked. Their words are `utter_ask_follow_up_<name>` in domain.yml."""
TOLD_BY_LINE: Mapping[str, str] = {HealthCondition.DIABETES_NEUROPATHY.value: "diabetes_feet"}
"""By line of a list, the follow-up to which its own words are a yes."""
