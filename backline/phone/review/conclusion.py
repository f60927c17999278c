"""Conclude what follows from what was established in a call. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, fields, replace
from enum import Enum

from backline.dialogue import LEG_ITEM, QUESTION_ORDER
from backline.dialogue.questions import alike, spec_of
from backline.facts import (
    CHECKLISTS,
    PARTED,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Outcome,
    Slot,
)
from backline.phone.review.record import DENIED, OpenLines, Review, ReviewEvidence, Unsettled
from backline.policy import RULES, Recommendation, Undecided, decide, open_follow_up
from backline.policy.checklists import CODES, LISTS
from backline.policy.follow_ups import PAIN
from backline.policy.rules import Rule

_REVIEWED = {
    asked: tuple(code for code in alike(asked) if code in CODES[asked])
    for asked in LISTS
    if asked not in PARTED
}
"""By list, the signs and conditions that a call has to settle."""


@dataclass(frozen=True)
class Established:
    """What was established in a call.

    Attributes:
        facts: of the patient, as they were told.
        denied: the lines of the checklists that were said not to be there.
        asked: the lines that were asked about.
        evidence, unsettled: in the order of the call.
    """

    facts: Facts
    denied: frozenset[str]
    asked: frozenset[str]
    evidence: Sequence[ReviewEvidence]
    unsettled: Sequence[Unsettled]


def conclude(established: Established) -> Review:
    """Conclude what follows, and what is left to be asked."""
    settled = _settled_lines(established)
    missing = _missing(settled)
    checked = frozenset(slot for slot, codes in missing.items() if not codes)
    facts = replace(established.facts, checked=checked, given_up=frozenset())
    unsettled = tuple(u for u in established.unsettled if not _settled(u, facts, settled))
    possible = tuple(sorted({code for u in unsettled if u.perhaps for code in u.items} - settled))
    recommendation, owed = _decide(facts)
    return Review(
        facts,
        evidence=tuple(_dated(e, facts, established.denied) for e in established.evidence),
        unsettled=unsettled,
        unasked=_without(missing, established.asked),
        unanswered=_among(missing, established.asked),
        unknown=_unknown(facts),
        recommendation=recommendation,
        owed=tuple(slot for slot in QUESTION_ORDER if slot in owed),
        at_least=_at_least(facts),
        possible=possible,
        perhaps=_perhaps(facts, possible),
    )


def codes_of(facts: Facts) -> set[str]:
    """Collect the codes of the signs and conditions that hold."""
    return {sign.value for sign in facts.emergency_signs} | {
        condition.value for condition in facts.health_conditions
    }


def with_code(facts: Facts, code: str) -> Facts:
    """Return the facts with a line of a checklist that holds."""
    if code == LEG_ITEM:
        return replace(facts, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
    if code in EmergencySign._value2member_map_:
        signs = facts.emergency_signs | {EmergencySign(code)}
        return replace(facts, emergency_signs=signs)
    return replace(facts, health_conditions=facts.health_conditions | {HealthCondition(code)})


def _settled_lines(established: Established) -> set[str]:
    """Collect the lines of the checklists that hold or were denied."""
    settled = set(established.denied) | codes_of(established.facts)
    return settled if established.facts.leg_below_knee is None else settled | {LEG_ITEM}


def _perhaps(facts: Facts, possible: Sequence[str]) -> Rule | None:
    """Find the rule that would hold if what may be there is there, where it is more urgent."""
    told = facts
    for code in possible:
        told = with_code(told, code)
    rule, known = _at_least(told), _at_least(facts)
    more = rule is not None and (known is None or rule.urgency.rank > known.urgency.rank)
    return rule if more else None


def _missing(settled: Set[str]) -> OpenLines:
    """Collect the lines of each checklist that were not settled."""
    return {
        slot: tuple(code for code in codes if code not in settled)
        for slot, codes in _REVIEWED.items()
    }


def _among(lines: OpenLines, codes: Set[str]) -> OpenLines:
    return {slot: tuple(c for c in of_slot if c in codes) for slot, of_slot in lines.items()}


def _without(lines: OpenLines, codes: Set[str]) -> OpenLines:
    return {slot: tuple(c for c in of_slot if c not in codes) for slot, of_slot in lines.items()}


def _dated(evidence: ReviewEvidence, facts: Facts, denied: Set[str]) -> ReviewEvidence:
    """Mark what was told otherwise later."""
    return replace(evidence, superseded=_is_superseded(evidence, facts, denied))


def _is_superseded(evidence: ReviewEvidence, facts: Facts, denied: Set[str]) -> bool:
    name = evidence.about
    if name in {f.name for f in fields(Facts)}:
        value = getattr(facts, name)
        return bool((value.value if isinstance(value, Enum) else value) != evidence.value)
    present = name in codes_of(facts)
    return (present or name not in denied) if evidence.value == DENIED else not present


def _at_least(facts: Facts) -> Rule | None:
    """Find the first rule that holds already and sends to a doctor."""
    facts = _usually_so(facts)
    doctor = (rule for rule in RULES if rule.outcome is Outcome.DOCTOR_FIRST)
    return next((rule for rule in doctor if rule.when(facts).holds), None)


def _usually_so(facts: Facts) -> Facts:
    """Take the strength that was told for the usual one: nobody can be asked any more."""
    return facts if facts.pain_severity is None else facts.with_detail(PAIN, usual=True)


def _settled(answer: Unsettled, facts: Facts, settled: set[str]) -> bool:
    """Return whether what it was about became clear later."""
    if not answer.items:
        return False
    told = answer.why == "which" and bool(set(answer.items) & codes_of(facts))
    return told or set(answer.items) <= settled


def _decide(facts: Facts) -> tuple[Recommendation | None, frozenset[Slot]]:
    try:
        return decide(_usually_so(facts)), frozenset()
    except Undecided as undecided:
        return None, undecided.slots


def _unknown(facts: Facts) -> tuple[Slot, ...]:
    beside = {*CHECKLISTS, Slot.LEG_SYMPTOMS}
    if open_follow_up(facts) is None:
        beside.add(Slot.FOLLOW_UP)
    if facts.massage_response is not MassageResponse.NO_CHANGE:
        beside.add(Slot.MASSAGE_SESSIONS)
    return tuple(s for s in QUESTION_ORDER if s not in beside and not spec_of(s).is_answered(facts))
