"""The answer to a follow-up: since when, whether it gets worse, whether it was examined."""

from __future__ import annotations

from collections.abc import Sequence

from backline.dialogue.answers import NOTHING, reply_in
from backline.dialogue.volunteered import BY_FORCE, values_of
from backline.facts import Course, Facts, Finding, HealthCondition, Onset, Status
from backline.policy import FOLLOW_UPS, FollowUp, open_follow_up

LATELY_DAYS = {
    HealthCondition.HEART_OR_STROKE.value: 91,
    HealthCondition.KNOWN_SPINE_DISEASE.value: 365,
    HealthCondition.EPILEPSY.value: 365,
}
"""What counts as lately, as their questions say: 3 months, 12 months (NCCIH)."""
COURSES = {"worse": Course.WORSE, "no_change": Course.SAME, "relaxed": Course.BETTER}
"""How something has gone, by the words for what a massage did; the worst first."""
TIMES = frozenset({"duration", "duration_unit", "time"})
"""Kinds of findings that tell a time: here of what is asked about, and not of the pain."""
STRAINS = frozenset({"lift", "twist"})
"""Codes of injuries without a fall or a blow."""
_FORCES = frozenset(("injury", code) for code in BY_FORCE)
Told = Onset | Course | bool | None


def of_the_pain(facts: Facts, findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what is of that which was asked about, and not of the pain.

    "Five years ago" is since when an illness is there, and "no fall, I was lifting" takes back no
    injury.
    """
    told = [f for f in findings if f.kind not in TIMES]
    if open_follow_up(facts) != "injury_force":
        return told
    return [f for f in told if f.holds or (f.kind, f.value) not in _FORCES]


def read_follow_up(facts: Facts, before: Facts, findings: Sequence[Finding]) -> tuple[Facts, bool]:
    """Take in an answer, in words of its own or as a yes or no, and tell whether it is one.

    Args:
        facts: with what the message told in words of its own.
        before: without; it tells what is asked.
    """
    name = open_follow_up(before)
    if name is None:
        return facts, True
    asked = FOLLOW_UPS[name]
    if not asked.known(facts):
        told = _told(asked, findings)
        facts = facts if told is None else asked.told(facts, told)
    return facts, asked.known(facts)


def _told(asked: FollowUp, findings: Sequence[Finding]) -> Told:
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
    if asked.part == "onset":
        days = [f.value for f in findings if f.kind in ("duration", "time") and f.holds]
        limit = LATELY_DAYS[asked.code]
        return (Onset.NEW if min(days) <= limit else Onset.OLDER) if days else None
    if asked.part == "course":
        told = set(values_of(findings, "effect"))
        return next((course for word, course in COURSES.items() if word in told), None)
    return None


def _by_reply(asked: FollowUp, findings: Sequence[Finding]) -> Told:
    reply = reply_in(findings)
    if reply == "yes":
        return asked.yes
    return asked.no if reply in NOTHING or values_of(findings, "denial") else None
