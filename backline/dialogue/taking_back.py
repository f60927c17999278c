"""What of what is known a message takes back: an illness at once, a danger sign when asked back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backline.dialogue.answers import reply_in
from backline.dialogue.sources import IS_OVER, NEVER_WAS, is_taken_back
from backline.facts import (
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    LegSymptoms,
    Slot,
    Status,
)

LEG_KIND, VESSEL_RISK = "leg", "vessel_risk"
"""Kinds of findings that tell a fact which is no condition, and may be taken back."""
TIMES = frozenset({"duration", "time"})
_ANY_ILLNESS = HealthCondition.OTHER_SYMPTOM.value


def takes_back(asked: Slot | None, facts: Facts, findings: Sequence[Finding]) -> bool:
    """Tell whether a message takes something back without a word for that."""
    return (
        _says_no_to_a_number(asked, findings)
        or _denies_what_is_known(asked, facts, findings)
        or _denies_a_time(findings)
        or denies_the_strength(facts, findings)
    )


def _says_no_to_a_number(asked: Slot | None, findings: Sequence[Finding]) -> bool:
    """Whether a "no" takes back how long it lasts: "No, since Sunday", asked for a strength."""
    lasts = any(f.kind == "duration" and f.holds for f in findings)
    return asked in (Slot.PAIN_SEVERITY, Slot.AGE) and lasts and reply_in(findings) == "no"


def _denies_a_time(findings: Sequence[Finding]) -> bool:
    """Whether a time takes another one back: "it is 4 weeks, not 20 years"."""
    times = {f.status is Status.ABSENT for f in findings if f.kind == "duration"}
    return times == {True, False}


def denies_the_strength(facts: Facts, findings: Sequence[Finding]) -> bool:
    """Tell whether a number takes the known strength back: "5, not 7"."""
    numbers = [f for f in findings if f.kind == "number"]
    denied = {f.value for f in numbers if f.status is Status.ABSENT}
    return facts.pain_severity in denied and any(f.holds for f in numbers)


def _denies_what_is_known(asked: Slot | None, facts: Facts, findings: Sequence[Finding]) -> bool:
    """Whether something is denied that a result rests on: what is said last counts.

    While a question is open only what is named as wrong is; all else may be its answer.
    """
    return any(_is_known(facts, f) and _is_denied(f, asked) for f in findings)


def _is_denied(finding: Finding, asked: Slot | None) -> bool:
    if finding.source == NEVER_WAS:
        return True
    return asked is None and (finding.status is Status.ABSENT or finding.source == IS_OVER)


def _is_known(facts: Facts, finding: Finding) -> bool:
    """Whether a finding is of what is known, but for danger signs, which are asked back first."""
    if finding.kind == "health_condition":
        return finding.value in {code.value for code in facts.health_conditions}
    if finding.kind == LEG_KIND:
        return facts.leg_symptoms is LegSymptoms.ONE_LEG
    return finding.kind == VESSEL_RISK and bool(facts.vessel_risk)


def denied_signs(facts: Facts, findings: Sequence[Finding]) -> frozenset[EmergencySign]:
    """Find the known emergency signs that a message denies, or names as wrong or over."""
    denied = {
        f.value
        for f in findings
        if f.kind == "emergency_sign" and (f.status is Status.ABSENT or is_taken_back(f))
    }
    return frozenset(sign for sign in facts.emergency_signs if sign.value in denied)


def times_of_the_pain(
    asked: Slot | None, last: Slot | None, findings: Sequence[Finding]
) -> list[Finding]:
    """Leave out the times of a correction that are not the pain's.

    One that names no pain ("it was in 2019", "on the tablets for years") is the pain's only where
    that was asked, now or last. One of a clause that takes something else back is of that.
    """
    gone = [f for f in findings if is_taken_back(f)]
    kept = [f for f in findings if f.kind not in TIMES or not any(_within(f, g) for g in gone)]
    if Slot.PAIN_DURATION in (asked, last) and len(kept) == len(findings):
        return kept
    return [f for f in kept if f.kind != "time"]


def _within(finding: Finding, other: Finding) -> bool:
    return other.start <= finding.start and finding.end <= other.end


def without_denied(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Forget what a correction denies that is no condition, and nothing in it tells anew."""
    if _is_gone(findings, LEG_KIND) and facts.leg_symptoms is LegSymptoms.ONE_LEG:
        facts = replace(facts, leg_symptoms=LegSymptoms.NONE, leg_below_knee=False)
    return replace(facts, vessel_risk=False) if _is_gone(findings, VESSEL_RISK) else facts


def denied_after_all(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Take "I have no other illness", said after a result, for the answer that was missing."""
    illnesses = Slot.HEALTH_CONDITIONS
    said = any(f.value == _ANY_ILLNESS and f.status is Status.ABSENT for f in findings)
    if not said or illnesses not in facts.given_up:
        return facts
    return replace(facts, checked=facts.checked | {illnesses})


def _is_gone(findings: Sequence[Finding], kind: str) -> bool:
    told = [f for f in findings if f.kind == kind]
    denied = any(f.status is Status.ABSENT or is_taken_back(f) for f in told)
    return denied and not any(f.holds for f in told)


def as_taken_back(
    asked: Slot | None, facts: Facts, findings: Sequence[Finding]
) -> Sequence[Finding]:
    """Leave out what is told by the words that take it back: "take cancer off", where known."""
    wrong = [
        f for f in findings if is_taken_back(f) and _is_denied(f, asked) and _is_known(facts, f)
    ]
    return [f for f in findings if not any(_says_the_same(f, other) for other in wrong)]


def _says_the_same(finding: Finding, other: Finding) -> bool:
    same = (finding.kind, finding.value) == (other.kind, other.value)
    return finding.holds and same and finding.start < other.end and other.start < finding.end
