"""The answer to a follow-up: since when, whether it gets worse, whether it was examined."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

from backline.dialogue.answers import NOTHING, reply_in
from backline.dialogue.volunteered import (
    BY_FORCE,
    NEW_DAYS,
    STRAINS,
    feet_in_words,
    usual_in_words,
    values_of,
)
from backline.facts import Course, EmergencySign, Facts, Finding, HealthCondition, Onset, Status
from backline.policy import FOLLOW_UPS, FollowUp, open_follow_up
from backline.policy.follow_ups import CHEST, INJURY, NERVE_SIGNS, NERVES, PAIN, TICKED_SIGNS

LATELY_DAYS = {
    HealthCondition.HEART_OR_STROKE.value: 91,
    HealthCondition.KNOWN_SPINE_DISEASE.value: 365,
    HealthCondition.EPILEPSY.value: 365,
    NERVES: NEW_DAYS,
    CHEST: 28,
    EmergencySign.SERIOUS_ACCIDENT.value: 42,
}
"""What counts as lately, as their questions say: 3 months, 12 months (NCCIH), 4 weeks (GIRFT
2023), 6 weeks (NHS 999)."""
COURSES = (Course.WORSE, Course.SAME, Course.BETTER)
"""The worst first: of several the worst counts."""
TIMES = frozenset({"duration", "duration_unit", "time"})
"""Kinds of findings that tell a time: here of what is asked about, and not of the pain."""
_LEGS = frozenset(
    {
        ("emergency_sign", EmergencySign.BOTH_LEGS.value),
        ("leg", "one_leg"),
        ("leg_detail", "below_knee"),
    }
)
"""What words about feet tell otherwise."""
_FORCES = frozenset(("injury", code) for code in BY_FORCE)
Told = Onset | Course | bool | None


def of_the_pain(facts: Facts, findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what is of that which was asked about, and not of the pain.

    "Five years ago" is since when an illness is there, and "no fall, I was lifting" takes back no
    injury.
    """
    asked = open_follow_up(facts)
    left_out: Set[tuple[str, Any]] = frozenset()
    if asked is not None and FOLLOW_UPS[asked].code == NERVES:
        # "Yes, the numbness came on Sunday" tells no other sign than those that are asked about.
        left_out = {("emergency_sign", sign.value) for sign in NERVE_SIGNS & facts.ticked}
    elif asked == "diabetes_feet" and onset_in_words(findings, NERVES) is not Onset.NEW:
        # The feet that were asked about; what came to them lately may be of the back.
        left_out = _LEGS
    elif asked == "injury_force":
        held = {(f.kind, f.value) for f in findings if f.kind == "injury" and f.holds}
        left_out = _FORCES - held
    kinds = {kind for kind, _ in left_out}
    return [
        f
        for f in findings
        if f.kind not in TIMES and not (f.kind in kinds and (f.kind, f.value) in left_out)
    ]


def open_at_once(facts: Facts) -> FollowUp | None:
    """Find the follow-up that is asked before anything else, as it may be an emergency."""
    name = open_follow_up(facts)
    return FOLLOW_UPS[name] if name is not None and FOLLOW_UPS[name].at_once else None


def asks_about_a_tick(facts: Facts) -> bool:
    """Tell whether the next follow-up is about a danger sign that was ticked."""
    name = open_follow_up(facts)
    return name is not None and FOLLOW_UPS[name].code in TICKED_SIGNS


def without_stale_details(facts: Facts) -> Facts:
    """Forget the details of what is not there any more."""
    about = {f.code for f in FOLLOW_UPS.values() if f.concerns(facts)}
    # Where the usual strength is asked for again, it is known that the next one told is that.
    about |= {PAIN, *(sign.value for sign in facts.emergency_signs)}
    if not facts.ticked <= facts.emergency_signs:
        facts = replace(facts, ticked=facts.ticked & facts.emergency_signs)
    kept = {code: detail for code, detail in facts.details.items() if code in about}
    return facts if len(kept) == len(facts.details) else replace(facts, details=kept)


def without_follow_ups(facts: Facts) -> Facts:
    """Forget what was told in answer to follow-ups, so that each is asked again."""
    for asked in FOLLOW_UPS.values():
        if asked.concerns(facts):
            facts = asked.told(facts, None)
    return facts


def read_follow_up(
    facts: Facts,
    before: Facts,
    findings: Sequence[Finding],
    plainly: str | None = None,
    mainly: str | None = None,
) -> tuple[Facts, bool]:
    """Take in an answer, in words of its own or as a yes or no, and tell whether it is one.

    Args:
        facts: with what the message told in words of its own.
        before: without; it tells what is asked.
        plainly: "yes" or "no", if the message is that and nothing else.
        mainly: the same, if it begins with that and no word of it speaks against it.
    """
    name = open_follow_up(before)
    if name is None:
        return facts, True
    asked = FOLLOW_UPS[name]
    if asked.code == PAIN:
        facts = _with_usual_strength(facts, before, findings)
    if asked.concerns(facts) and not asked.known(facts):
        told = _told(asked, findings, plainly, mainly)
        facts = facts if told is None else asked.told(facts, told)
    return facts, asked.known(facts) or not asked.concerns(facts)


def _with_usual_strength(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    """Take a strength that is told where it was asked which one is usual: "no, a 5"."""
    numbers = [n for n in values_of(findings, "number") if 0 <= n <= 10]
    if facts.pain_severity != before.pain_severity:
        return facts.with_detail(PAIN, usual=True)
    if len(numbers) != 1:
        return facts
    return replace(facts, pain_severity=math.ceil(numbers[0])).with_detail(PAIN, usual=True)


def _told(
    asked: FollowUp, findings: Sequence[Finding], plainly: str | None, mainly: str | None
) -> Told:
    if asked.code in TICKED_SIGNS:
        return _told_of_a_tick(asked, findings, plainly, mainly)
    words, reply = _in_words(asked, findings), _by_reply(asked, findings)
    if words is None or reply is None:
        return reply if words is None else words
    # "Yes, still painful" says two things where it was asked whether that is better.
    agree = (words == asked.yes) == (reply == asked.yes)
    return words if agree else None


def _in_words(asked: FollowUp, findings: Sequence[Finding]) -> Told:
    if asked.part == "force":
        none = any((f.kind, f.value) in _FORCES and f.status is Status.ABSENT for f in findings)
        return False if none or STRAINS & set(values_of(findings, "injury")) else None
    if asked.code == HealthCondition.DIABETES_NEUROPATHY.value:
        return feet_in_words(findings)
    if asked.part == "usual":
        return usual_in_words(findings)
    if asked.part == "onset":
        # An older one says nothing: "not under control for two years".
        lately = onset_in_words(findings, asked.code) is Onset.NEW
        return Onset.NEW if lately else None
    if asked.part == "course":
        told = set(values_of(findings, "course"))
        if asked.code == INJURY and Course.BETTER.value in told:
            # "About the same, maybe a little better": of a strain that is the better of the two.
            told -= {Course.SAME.value}
        return next((course for course in COURSES if course.value in told), None)
    return None


def began_lately(findings: Sequence[Finding], code: str) -> bool:
    """Tell whether a time or a word says that something began lately; its course says nothing.

    Args:
        code: of `LATELY_DAYS`, what it is about.
    """
    days = [f.value for f in findings if f.kind in ("duration", "time") and f.holds]
    lately = bool(days) and min(days) <= LATELY_DAYS[code]
    return lately or Onset.NEW.value in values_of(findings, "onset")


def onset_in_words(findings: Sequence[Finding], code: str) -> Onset | None:
    """Tell whether something began or got worse lately, by times or words; None where untold.

    Args:
        code: of `LATELY_DAYS`, what it is about.
    """
    worse = Course.WORSE.value in values_of(findings, "course")
    if worse or began_lately(findings, code):
        return Onset.NEW
    told = any(f.kind in ("duration", "time", "onset") and f.holds for f in findings)
    return Onset.OLDER if told else None


def _by_reply(asked: FollowUp, findings: Sequence[Finding]) -> Told:
    reply = reply_in(findings)
    if reply == "yes":
        return asked.yes
    return asked.no if reply in NOTHING or values_of(findings, "denial") else None


def _told_of_an_old_one(asked: FollowUp, reply: str | None, plainly: str | None) -> Told:
    if plainly == "yes":
        return asked.yes
    return asked.no if reply in NOTHING or reply == "dont_know" else None


def _is_older(findings: Sequence[Finding]) -> bool:
    """Whether it is told that something is not new, and nothing newer or worse: "no, not new"."""
    told = {*values_of(findings, "onset"), *values_of(findings, "course")}
    return Onset.OLDER.value in told and told <= {Onset.OLDER.value, Course.SAME.value}


def _is_newer(findings: Sequence[Finding]) -> bool:
    """Whether something is told to be new or worse, or was never looked at."""
    told = {*values_of(findings, "onset"), *values_of(findings, "course")}
    denied = any(f.kind == "examined" and not f.holds for f in findings)
    return denied or not told.isdisjoint({Onset.NEW.value, Course.WORSE.value})


def _told_of_a_tick(
    asked: FollowUp, findings: Sequence[Finding], plainly: str | None, mainly: str | None
) -> Told:
    """Read the answer about a danger sign: what makes less of it is said plainly, or not at all."""
    reply = reply_in(findings)
    if not asked.at_once:
        # "Yes, the scan was last year" is as plain as a bare yes where nothing speaks against it.
        if reply == "yes" and mainly == "yes" and not _is_newer(findings):
            plainly = "yes"
        return _told_of_an_old_one(asked, reply, plainly)
    new = asked.part == "onset" and onset_in_words(findings, asked.code) is Onset.NEW
    if new or reply in ("yes", "dont_know"):
        return asked.yes
    # "No, it is not new and not worse" is as plain as a bare no.
    older = asked.part == "onset" and _is_older(findings)
    return asked.no if plainly == "no" or (older and reply == "no") else None
