"""What a message tells in words of its own: "three weeks", "on warfarin", "both legs"."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Any

from backline.facts import (
    MAX_DURATION_DAYS,
    Course,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    LegSymptoms,
    Location,
    MassageResponse,
    Onset,
    Status,
)
from backline.policy.follow_ups import FOLLOW_UPS, INJURY, NERVE_SIGNS, PAIN, SEVERE_FROM

DAYS_PER_UNIT = (365, 30, 7, 1)
BY_FORCE = frozenset({"blow", "crash", "fall"})
"""Codes of injuries that are no strain."""
STRAINS = frozenset({"lift", "twist"})
"""Codes of injuries without a fall or a blow."""
NEW_DAYS = 28
"""Within these a sign of the nerves is new: GIRFT cauda equina pathway 2023."""
TAKES_BACK = frozenset({Status.ABSENT, Status.PAST, Status.OTHER_PERSON})
"""How a condition stands in a correction that takes it back: denied, over, or another's."""


def values_of(findings: Iterable[Finding], kind: str) -> list[Any]:
    """List the values of the findings of a kind that hold."""
    return [f.value for f in findings if f.kind == kind and f.holds]


def take_volunteered(facts: Facts, findings: Sequence[Finding], *, correction: bool) -> Facts:
    """Add to the facts what a message tells in words of its own, whatever was asked.

    Signs and conditions are only ever added, but for a condition that a correction denies.
    """
    signs = {EmergencySign(v) for v in values_of(findings, "emergency_sign")}
    conditions = {HealthCondition(v) for v in values_of(findings, "health_condition")}
    kept = facts.health_conditions
    if correction:
        kept = kept - {
            HealthCondition(f.value)
            for f in findings
            if f.kind == "health_condition" and f.status in TAKES_BACK
        }
    unclear = _may_be_of_diabetes(signs, conditions, findings) - facts.emergency_signs
    facts = replace(
        facts,
        emergency_signs=facts.emergency_signs | signs,
        ticked=(facts.ticked - signs) | unclear,
        health_conditions=kept | conditions,
    )
    facts = _take_duration(facts, findings, correction)
    facts = _take_severity(facts, findings, correction)
    ages = values_of(findings, "age")
    if ages:
        facts = replace(facts, age=int(ages[-1]))
    locations = values_of(findings, "location")
    if locations and facts.pain_location is None:
        facts = replace(facts, pain_location=Location(locations[0]))
    facts = _take_injury(facts, findings)
    spasm = _present_or_absent(findings, "spasm")
    if spasm is not None:
        facts = replace(facts, muscle_spasm=spasm)
    facts = _take_feet(_take_beginning(facts, findings), findings)
    facts = _take_legs(take_massage(facts, findings), findings)
    return _take_examination(_take_course(facts, findings), findings)


def _may_be_of_diabetes(
    signs: Set[EmergencySign], conditions: Set[HealthCondition], findings: Sequence[Finding]
) -> frozenset[EmergencySign]:
    """Find the legs of "diabetes with numb feet": asked about like a tick, unless they are new."""
    if HealthCondition.DIABETES_NEUROPATHY not in conditions or not feet_in_words(findings):
        return frozenset()
    days = [f.value for f in findings if f.kind in ("duration", "time") and f.holds]
    new = Onset.NEW.value in values_of(findings, "onset") or min(days, default=math.inf) <= NEW_DAYS
    worse = Course.WORSE.value in values_of(findings, "course")
    return frozenset() if new or worse else frozenset(signs & {EmergencySign.BOTH_LEGS})


def _take_examination(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Take that a doctor examined this pain, with nothing against massage; what came since is not.

    It may end what a doctor would be needed for, so that no doubt about it counts.
    """
    told = [f.status for f in findings if f.kind == "examined"]
    worse = Course.WORSE.value in values_of(findings, "course")
    if told and all(status is Status.PRESENT for status in told) and not worse:
        return replace(facts, leg_examined=True).with_detail(PAIN, examined=True)
    newer = worse or Status.ABSENT in told or values_of(findings, "injury")
    return facts.with_detail(PAIN, examined=None) if newer else facts


def feet_in_words(findings: Iterable[Finding]) -> bool | None:
    """Tell whether something is wrong with the feet, by words; of both the worse counts."""
    told = set(values_of(findings, "feet"))
    return "harmed" in told if told else None


def _take_feet(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Take that diabetes has harmed the feet; that it has not is asked."""
    asks = FOLLOW_UPS["diabetes_feet"]
    return asks.told(facts, asks.yes) if feet_in_words(findings) else facts


def _take_beginning(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Take how the pain began, and what makes a sudden one a danger (NICE NG156)."""
    told = values_of(findings, "beginning")
    if "sudden" in told:
        facts = replace(facts, sudden_pain=True)
    if "first" in told or "again" in told:
        facts = replace(facts, first_pain="again" not in told)
    # Who gave up smoking may have high blood pressure: only a risk is taken from words.
    return replace(facts, vessel_risk=True) if values_of(findings, "vessel_risk") else facts


def _take_course(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Take "it gets worse" for whatever it may be of; that it gets better is asked for."""
    if Course.WORSE.value not in values_of(findings, "course") or values_of(findings, "massage"):
        return facts
    for sign in facts.ticked & NERVE_SIGNS:
        # What was older and gets worse is changed: it is asked about again.
        facts = facts.with_detail(sign.value, onset=None)
    for asks in FOLLOW_UPS.values():
        if asks.part == "course" and asks.concerns(facts):
            facts = asks.told(facts, Course.WORSE)
    return facts


def _take_severity(facts: Facts, findings: Sequence[Finding], correction: bool) -> Facts:
    told = [f for f in findings if f.kind == "severity" and f.holds]
    denied = [f.value for f in findings if f.kind == "severity" and f.status is Status.ABSENT]
    if not told and facts.pain_severity in denied:
        # "I never said 10": it is asked for again.
        return replace(facts, pain_severity=None)
    severities = [f.value for f in told]
    if facts.pain_severity is not None:
        severities = _told_again(facts.pain_severity, told, findings, correction)
    if not severities:
        return facts
    facts = replace(facts, pain_severity=max(severities))
    return facts.with_detail(PAIN, usual=True) if usual_in_words(findings) else facts


def usual_in_words(findings: Iterable[Finding]) -> bool | None:
    """Tell whether a strength is that most of the time, by words such as "always"."""
    told = set(values_of(findings, "strength_lasts"))
    return told == {"mostly"} if len(told) == 1 else None


def _told_again(
    known: int, told: Sequence[Finding], findings: Sequence[Finding], correction: bool
) -> list[int]:
    """The strengths that count where one is `known` already."""
    severities = [f.value for f in told]
    if correction:
        # "Actually it is more like an 8" corrects the one answer that is such a number.
        numbers = [math.ceil(n) for n in values_of(findings, "number") if 0 <= n <= 10]
        return severities or numbers[-1:]
    if all(f.by_words for f in told):
        # What was told stands though somebody "struggles" later, unless that tells severe pain.
        return [known, *(s for s in severities if s >= SEVERE_FROM)]
    return severities


def _take_duration(facts: Facts, findings: Sequence[Finding], correction: bool) -> Facts:
    durations = values_of(findings, "duration")
    if correction and facts.pain_duration is not None:
        # "Scrap that, 3 weeks": a time that stands alone is the one that was told before.
        durations = durations or values_of(findings, "time")[-1:]
    if durations:
        # Of two time scales the longer is how long the pain has been there; the shorter is a flare.
        # What was told once stays: later years are of a job, a habit or another illness.
        if facts.pain_duration is None or correction:
            return replace(facts, pain_duration=max(durations))
        return facts
    units = values_of(findings, "duration_unit")
    if units and facts.pain_duration:
        for days in DAYS_PER_UNIT:
            count = facts.pain_duration / days
            if count >= 1 and count == int(count):
                return replace(facts, pain_duration=min(count * units[-1], MAX_DURATION_DAYS))
    return facts


def _present_or_absent(findings: Iterable[Finding], kind: str) -> bool | None:
    """True if one such finding holds, False if all are denied or past, None without any."""
    statuses = [f.status for f in findings if f.kind == kind]
    if any(status in (Status.PRESENT, Status.UNCERTAIN) for status in statuses):
        return True
    if any(status in (Status.ABSENT, Status.PAST) for status in statuses):
        return False
    return None


def _take_injury(facts: Facts, findings: Sequence[Finding]) -> Facts:
    injury = _present_or_absent(findings, "injury")
    if injury and facts.recent_injury:
        # Told anew it may be a new one: how it happened and went is asked again.
        facts = facts.with_detail(INJURY, force=None, course=None)
    if injury is not None:
        facts = replace(facts, recent_injury=injury)
        how = set(values_of(findings, "injury"))
        if how & BY_FORCE:
            facts = facts.with_detail(INJURY, force=True)
        elif how and how <= STRAINS:
            facts = facts.with_detail(INJURY, force=False)
    inflammation = _present_or_absent(findings, "inflammation")
    if inflammation is not None:
        facts = replace(facts, inflammation=inflammation)
    return facts


def take_massage(facts: Facts, findings: Sequence[Finding]) -> Facts:
    history = values_of(findings, "massage")
    told = [v for v in history if v != "had"]
    if "had" in history and not told:
        told = values_of(findings, "effect")
    if told:
        # Of several effects the worst decides: harm is never averaged away.
        worst_first = [
            MassageResponse.WORSE,
            MassageResponse.NO_CHANGE,
            MassageResponse.RELAXED,
            MassageResponse.NONE_YET,
        ]
        response = min((MassageResponse(v) for v in told), key=worst_first.index)
        facts = replace(facts, massage_response=response)
    sessions = values_of(findings, "massage_sessions")
    if sessions:
        facts = replace(facts, massage_sessions=int(max(sessions)))
    return facts


def without_massages_that_were_none(facts: Facts) -> Facts:
    """Know that somebody with no massage had none yet; that one did harm is kept whatever."""
    told = facts.massage_response
    if facts.massage_sessions != 0 or told in (None, MassageResponse.WORSE):
        return facts
    return replace(facts, massage_response=MassageResponse.NONE_YET, massage_sessions=None)


def _take_legs(facts: Facts, findings: Sequence[Finding]) -> Facts:
    details = [f for f in findings if f.kind == "leg_detail"]
    below = _present_or_absent([f for f in details if f.value == "below_knee"], "leg_detail")
    facts = replace(facts, leg_symptoms=_legs(facts.leg_symptoms, findings, bool(below)))
    if below is not None:
        facts = replace(facts, leg_below_knee=below)
    if any(f.value == "examined" and f.holds for f in details):
        facts = replace(facts, leg_examined=True)
    return facts


def _legs(
    known: LegSymptoms | None, findings: Sequence[Finding], below: bool
) -> LegSymptoms | None:
    """What is known of the legs after a message; both are never taken back by one.

    Args:
        below: something is felt below a knee.
    """
    legs = values_of(findings, "leg")
    if "both_legs" in legs or "both_legs" in values_of(findings, "emergency_sign"):
        return LegSymptoms.BOTH_LEGS
    if known is not LegSymptoms.BOTH_LEGS and (legs or below):
        return LegSymptoms.ONE_LEG
    if known is None and _present_or_absent(findings, "leg") is False:
        return LegSymptoms.NONE
    return known
