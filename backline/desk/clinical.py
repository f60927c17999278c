"""What is known of a patient, in order for staff: positives, negatives, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backline.desk.words import DeskWords
from backline.dialogue.questions import QUESTIONS
from backline.facts import (
    DETAILED,
    PARTED,
    EmergencySign,
    Facts,
    FactsError,
    HealthCondition,
    Slot,
)
from backline.policy import POLICY_VERSION, RULES, UNSIGNED, Rule, Undecided, decide
from backline.policy.checklists import CODES, LISTS
from backline.policy.decision import open_slots
from backline.store import KeptAssessment

UNITS = (("year", 365), ("month", 30), ("week", 7), ("day", 1))
"""Days in each; the longest of which there are at least two is told."""
ASKED_OF_WHAT_WAS_TOLD = frozenset({Slot.FOLLOW_UP, Slot.MASSAGE_SESSIONS})
_CHECKLISTS: Mapping[str, tuple[str, ...]] = {
    "emergency_signs": tuple(sign.value for sign in EmergencySign),
    "health_conditions": tuple(condition.value for condition in HealthCondition),
}


@dataclass(frozen=True)
class Missing:
    """A question without an answer: what it asks, and whether it was asked twice in vain.

    Attributes:
        deciding: its answer could still change the result.
    """

    question: str
    given_up: bool
    deciding: bool


@dataclass(frozen=True)
class Known:
    """The facts of one assessment, in words.

    Attributes:
        figures: what was told beside the lists, each with what it is.
        positives: signs and conditions that are there, with what more is known of them.
        negatives: those of a list that was answered in full, and which are not.
    """

    figures: Sequence[tuple[str, str]]
    positives: Sequence[str]
    negatives: Sequence[str]
    missing: Sequence[Missing]


@dataclass(frozen=True)
class RuleTold:
    """A rule that spoke for a result. Without a summary it is none of today's policy."""

    id: str
    summary: str | None
    source: str | None


def known_of(kept: Mapping[str, Any], words: DeskWords) -> Known:
    """Put facts as they were stored into words; those of another version as they stand."""
    try:
        facts = Facts.from_json(kept)
    except FactsError:
        return Known([(name, str(value)) for name, value in kept.items()], [], [], [])
    return Known(
        list(_figures(kept, words)),
        list(_positives(facts, words)),
        [words.title(code) for code in negatives_of(facts)],
        missing_of(facts, words),
    )


def missing_of(facts: Facts, words: DeskWords) -> list[Missing]:
    """List the questions that nobody answered."""
    deciding = open_slots(facts)
    slots = [*QUESTIONS, Slot.PAIN_LOCATION]
    return [
        Missing(words.name("questions", slot.value), slot in facts.given_up, slot in deciding)
        for slot in slots
        if slot in facts.given_up or slot in deciding or not _is_known(facts, slot)
    ]


def rules_of(kept: KeptAssessment) -> list[RuleTold]:
    """Give the rules of a result, the deciding one first, as today's policy has them."""
    today: dict[str, Rule] = {rule.id: rule for rule in (*RULES, UNSIGNED)}
    return [
        RuleTold(id_, today[id_].summary, today[id_].source)
        if id_ in today
        else RuleTold(id_, None, None)
        for id_ in kept.rules
    ]


def notes_of(kept: KeptAssessment, words: DeskWords) -> list[str]:
    """List what a therapist should know before hands-on work; none where a doctor comes first.

    Only of results of today's policy: it makes them of the facts.
    """
    if kept.policy_version != POLICY_VERSION:
        return []
    try:
        decided = decide(Facts.from_json(kept.facts))
    except (FactsError, Undecided):
        return []
    checked = (
        ["The clinic's clinician looks before any hands-on work"] if decided.check_first else []
    )
    return [*checked, *(words.title(code) for code in decided.notes)]


def plan_of(kept: KeptAssessment, words: DeskWords) -> str:
    """Tell in a line what was recommended; empty where a doctor comes first and nothing waits."""
    plan = kept.plan
    sessions, weeks = plan.get("massage_sessions"), plan.get("weeks")
    therapies = [words.name("therapies", code) for code in plan.get("therapies") or ()]
    postponed = plan.get("postponed_until")
    parts = [
        f"{sessions} massages" if sessions else "",
        f"over {weeks} weeks" if weeks else "",
        f"with {', '.join(therapies)}" if therapies else "",
        f"massage waits: {words.name('postponed', postponed)}" if postponed else "",
    ]
    return " ".join(part for part in parts if part)


def is_of_today(kept: KeptAssessment) -> bool:
    """Tell whether a result was given by the policy as it is now."""
    return kept.policy_version == POLICY_VERSION


def _is_known(facts: Facts, slot: Slot) -> bool:
    if slot is Slot.PAIN_LOCATION:
        return facts.pain_location is not None
    if slot in PARTED and slot not in facts.parted:
        return True
    if slot in (Slot.RECENT_INJURY, Slot.MUSCLE_SPASM) and Slot.BACK_SIGNS not in facts.checked:
        # The list about the back asks for them.
        return True
    if slot is Slot.LEG_SYMPTOMS:
        return facts.leg_symptoms is not None or facts.leg_below_knee is not None
    # What is only asked about something that was told is missing where it decides.
    return slot in ASKED_OF_WHAT_WAS_TOLD or QUESTIONS[slot].is_answered(facts)


def _figures(kept: Mapping[str, Any], words: DeskWords) -> Iterator[tuple[str, str]]:
    for name in words.names("facts"):
        if kept.get(name) is not None:
            yield words.name("facts", name), _value(name, kept[name], words)


def _value(name: str, value: Any, words: DeskWords) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "pain_duration":
        return duration(float(value))
    if name == "pain_severity":
        return f"{value} of 10"
    if name == "age":
        return f"{value} years"
    return words.name("values", value)


def duration(days: float) -> str:
    """Write a number of days as people say it: 14 are "2 weeks", 90 "3 months"."""
    for unit, length in UNITS:
        count = int(days // length)
        if count >= 2:
            return f"{count} {unit}s"
    return "1 day" if days >= 1 else "less than a day"


def _positives(facts: Facts, words: DeskWords) -> Iterator[str]:
    codes = [*_in_order(_present(facts)), *_others_with_details(facts)]
    for code in codes:
        told = [words.detail(part, value) for part, value in facts.detail(code).to_json().items()]
        ticked = ["ticked in the list"] if code in {sign.value for sign in facts.ticked} else []
        more = "; ".join([*ticked, *told])
        yield f"{words.title(code)} ({more})" if more else words.title(code)


def _present(facts: Facts) -> set[str]:
    signs = {sign.value for sign in facts.emergency_signs}
    return signs | {condition.value for condition in facts.health_conditions}


def _in_order(present: set[str]) -> list[str]:
    return [code for listed in _CHECKLISTS.values() for code in listed if code in present]


def _others_with_details(facts: Facts) -> list[str]:
    listed = {code for codes in _CHECKLISTS.values() for code in codes}
    return [code for code in facts.details if code in DETAILED and code not in listed]


def negatives_of(facts: Facts) -> list[str]:
    """List the codes of signs and conditions that were denied in a list."""
    present = _present(facts)
    # Whoever would rather not say whether they are safe denied nothing.
    asked_for_all = facts.checked - PARTED - {Slot.SAFETY}
    lists = (CODES[slot] for slot in LISTS if slot in asked_for_all)
    asked = frozenset().union(*lists)
    asked -= frozenset().union(*(CODES[line] for line in facts.parted - facts.checked))
    listed = (code for codes in _CHECKLISTS.values() for code in codes)
    return [code for code in listed if code in asked and code not in present]
