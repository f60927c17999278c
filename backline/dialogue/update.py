"""From what was understood in a message to what is known of the patient.

A finding that names its fact ("three weeks", "on warfarin") counts whenever it is said. A bare
answer ("yes", "5", "the second one") is read by the question that waits for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from enum import Enum
from typing import Any

from backline.dialogue.questions import ASKS_BEFORE_GIVING_UP, CHECKLIST_ITEMS, LEG_ITEM
from backline.dialogue.state import Conversation, forget_last
from backline.facts import (
    BARE,
    BEGINS_MESSAGE,
    MAX_AGE_YEARS,
    MAX_DURATION_DAYS,
    UNREAD,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    LegSymptoms,
    Location,
    MassageResponse,
    Slot,
    Status,
)
from backline.policy.rules import SEVERE_FROM

DAYS_PER_UNIT = (365, 30, 7, 1)
NOTHING = frozenset({"no", "none", "all_good"})
COUNTED = frozenset(
    {"age", "duration", "duration_unit", "massage_sessions", "number", "severity", "time"}
)
"""Kinds of findings that are numbers, or times."""
DENIALS_FOR_ALL = 3
"""Who denies this many lines of a checklist, one by one, has gone through it."""
NEVER_A_STRENGTH = 40
"""From this number on, one told beside a rating is a year, a dose or a weight."""
WITHDRAWABLE = tuple(f.name for f in fields(Facts) if f.default is None)
"""Names of the facts that are None while they are unknown: an edit can take them back."""


def hear(
    conversation: Conversation,
    findings: Sequence[Finding],
    *,
    correction: bool = False,
    digression: bool = False,
) -> Conversation:
    """The conversation after one message.

    Args:
        findings: what was understood in the message, in its order.
        correction: the person takes something back ("sorry, I meant ...").
        digression: the person asked something else, so that an unanswered question does not
            count as one the person could not answer.
    """
    if any(f.kind == UNREAD for f in findings):
        # A bare answer may be taken back where it was not read: the question stays open.
        findings = [f for f in findings if f.kind not in BARE]
        digression = True
    asked = conversation.asked
    findings = _of_the_list(findings, asked)
    facts = _volunteered(conversation.facts, findings, correction)
    consent = conversation.consent
    answered = False
    if asked is Slot.CONSENT:
        agreed = agreement_in(findings)
        if agreed is None and reply_in(findings) == "yes" and not _doubts(findings):
            # "Yes, I am Margaret, and my hip is bad."
            agreed = True
        if agreed is not None:
            consent, answered = agreed, True
    elif asked is not None:
        # The "no" of "oh no, that should have been a 7" denies nothing that was asked.
        corrects = correction and facts != conversation.facts
        heard = [f for f in findings if not (corrects and f.kind == "answer")]
        facts, answered = _answer(facts, conversation.facts, asked, heard)
    if facts == conversation.facts and not answered:
        if any(f.kind == "undo" for f in findings):
            return forget_last(conversation)
        if correction:
            facts = _answered_again(conversation, findings)
    learned = facts != conversation.facts
    talks_on = asked is None and consent is False and (learned or agreement_in(findings) is True)
    # Someone who declined and talks on is asked again, not held to it; an emergency is answered
    # without asking, and without keeping it.
    if talks_on and not replace(conversation, facts=facts).emergency:
        consent = None
    attempts = dict(conversation.attempts)
    if asked is None:
        history = conversation.answered
    elif answered:
        attempts.pop(asked, None)
        history = (*(slot for slot in conversation.answered if slot is not asked), asked)
    else:
        history = conversation.answered
        if not digression and not learned:
            attempts[asked] = attempts.get(asked, 0) + 1
            if asked is not Slot.CONSENT and attempts[asked] >= ASKS_BEFORE_GIVING_UP:
                facts = replace(facts, given_up=facts.given_up | {asked})
                history = (*history, asked)
    facts = replace(facts, given_up=frozenset(s for s in facts.given_up if not _known(facts, s)))
    return replace(conversation, facts=facts, consent=consent, attempts=attempts, answered=history)


class Manner(str, Enum):
    """How a message comes to be no answer to the question that is open."""

    EARLY = "early"
    """It was written before that question was to be seen."""
    LATE = "late"
    """It is older than what was heard already, and says nothing against that."""
    CHANGED = "changed"
    """It takes the place of what was written before."""


def hear_earlier(
    conversation: Conversation,
    findings: Sequence[Finding],
    about: Slot | None,
    manner: Manner,
    withdrawn: Iterable[str] = (),
) -> Conversation:
    """The conversation after a message that is no answer to the question that is open now.

    A bare "no" in it denies nothing that is asked now. The open question stays open.

    Args:
        about: the question that was open when it was written; its answer is given anew, and is
            open again if changed words answer it no more. None if none was. A question that was
            never asked in this conversation cannot be answered, as by a button of an older one.
        withdrawn: what was known only from the words that are changed: names of facts, and codes
            of health conditions. Emergency signs never are.
    """
    asked_before = about in conversation.answered or about is conversation.asked
    about = about if asked_before else None
    gone = frozenset(withdrawn)
    facts = conversation.facts
    kept = frozenset(c for c in facts.health_conditions if c.value not in gone)
    unknown: dict[str, Any] = {name: None for name in WITHDRAWABLE if name in gone}
    before = replace(facts, health_conditions=kept, **unknown)
    # A bare number is no severity here, unless that was asked: it may be an age or a count.
    findings = _of_the_list(findings, about)
    telling = [f for f in findings if f.kind != "number"]
    facts = _volunteered(before, telling, correction=manner is Manner.CHANGED)
    if manner is Manner.LATE:
        facts = _only_adding(before, facts)
        if about is not None and _known(facts, about):
            about = None
    consent, answered = conversation.consent, False
    history = conversation.answered
    if about is Slot.CONSENT:
        agreed = agreement_in(findings)
        settled = manner is Manner.LATE and consent is not None
        if not settled and agreed is not None:
            consent, answered = agreed, True
    elif about is not None:
        fact = _fact_of(about)
        if about in _READERS and getattr(facts, fact) == getattr(before, fact):
            # Not told in words of its own, so what was answered before is read anew.
            opened = was_open = _forget(facts, about)
        else:
            opened, was_open = facts, before
        again, answered = _answer(opened, was_open, about, findings)
        if answered:
            facts = again
        elif manner is Manner.CHANGED:
            facts = replace(opened, checked=opened.checked - {about})
            history = tuple(slot for slot in history if slot is not about)
    if answered and about is not None:
        history = (*(slot for slot in history if slot is not about), about)
    given_up = frozenset(slot for slot in facts.given_up if not _known(facts, slot))
    facts = replace(facts, given_up=given_up)
    return replace(conversation, facts=facts, consent=consent, answered=history)


def _only_adding(before: Facts, after: Facts) -> Facts:
    """What was heard later stands; signs, conditions and what was unknown are added."""
    kept = {
        name: getattr(before, name) for name in WITHDRAWABLE if getattr(before, name) is not None
    }
    return replace(after, **kept)


def _of_the_list(findings: Sequence[Finding], asked: Slot | None) -> Sequence[Finding]:
    """Findings without the counts that are of a numbered list's lines.

    "17, 20 weeks" says that line 17 holds, and for how long: no age, and no time of the pain.
    Behind the number of "none of these" everything counts as at any other place.
    """
    if asked not in CHECKLIST_ITEMS:
        return findings
    lines = [f for f in findings if f.kind == "pick" and f.source == BEGINS_MESSAGE]
    if not lines:
        return findings
    items = CHECKLIST_ITEMS[asked]
    told = any(1 <= f.value <= len(items) for f in lines)
    until = max(f.end for f in lines) if told else max(f.start for f in lines) + 1
    return [f for f in findings if f.kind not in COUNTED or f.start >= until]


def _answered_again(conversation: Conversation, findings: Sequence[Finding]) -> Facts:
    """A bare "sorry, I meant yes" is a new answer to the question before."""
    facts = conversation.facts
    last = next((slot for slot in reversed(conversation.answered) if slot in _READERS), None)
    if last is None:
        return facts
    opened = _forget(facts, last)
    again, answered = _answer(opened, opened, last, findings)
    return again if answered else facts


def _fact_of(slot: Slot) -> str:
    return "leg_below_knee" if slot is Slot.LEG_SYMPTOMS else slot.value


def _forget(facts: Facts, slot: Slot) -> Facts:
    unknown: dict[str, Any] = {_fact_of(slot): None}
    return replace(facts, **unknown)


def reply_in(findings: Iterable[Finding]) -> str | None:
    """The bare answer of a message: yes, no, none, all_good or dont_know."""
    return next((str(f.value) for f in findings if f.kind == "answer"), None)


def agreement_in(findings: Iterable[Finding]) -> bool | None:
    """Whether the person agrees to go on; None where neither is said."""
    said = next((str(f.value) for f in findings if f.kind == "agreement"), None)
    return {"yes": True, "no": False}.get(said or "")


def _doubts(findings: Iterable[Finding]) -> bool:
    return any(f.kind == "agreement" for f in findings)


def _known(facts: Facts, slot: Slot) -> bool:
    if slot in CHECKLIST_ITEMS:
        return slot in facts.checked
    if slot is Slot.LEG_SYMPTOMS:
        return facts.leg_below_knee is not None
    return getattr(facts, slot.value, None) is not None


def _values(findings: Iterable[Finding], kind: str) -> list[Any]:
    return [f.value for f in findings if f.kind == kind and f.holds]


def _volunteered(facts: Facts, findings: Sequence[Finding], correction: bool) -> Facts:
    signs = {EmergencySign(v) for v in _values(findings, "emergency_sign")}
    conditions = {HealthCondition(v) for v in _values(findings, "health_condition")}
    kept = facts.health_conditions
    if correction:
        kept = kept - {
            HealthCondition(f.value)
            for f in findings
            if f.kind == "health_condition" and f.status in (Status.ABSENT, Status.PAST)
        }
    facts = replace(
        facts,
        emergency_signs=facts.emergency_signs | signs,
        health_conditions=kept | conditions,
    )
    facts = _hear_duration(facts, findings, correction)
    facts = _hear_severity(facts, findings, correction)
    ages = _values(findings, "age")
    if ages:
        facts = replace(facts, age=int(ages[-1]))
    locations = _values(findings, "location")
    if locations and facts.pain_location is None:
        facts = replace(facts, pain_location=Location(locations[0]))
    facts = _hear_injury(facts, findings)
    spasm = _present_or_absent(findings, "spasm")
    if spasm is not None:
        facts = replace(facts, muscle_spasm=spasm)
    return _hear_legs(_hear_massage(facts, findings), findings)


def _hear_severity(facts: Facts, findings: Sequence[Finding], correction: bool) -> Facts:
    told = [f for f in findings if f.kind == "severity" and f.holds]
    severities = [f.value for f in told]
    known = facts.pain_severity
    if known is not None and correction and not severities:
        # "Actually it is more like an 8" corrects the one answer that is such a number.
        numbers = [math.ceil(n) for n in _values(findings, "number") if 0 <= n <= 10]
        severities = numbers[-1:]
    elif known is not None and not correction and all(f.by_words for f in told):
        # What was told stands though somebody "struggles" later, unless that tells severe pain.
        severities = [known, *(s for s in severities if s >= SEVERE_FROM)]
    return replace(facts, pain_severity=max(severities)) if severities else facts


def _hear_duration(facts: Facts, findings: Sequence[Finding], correction: bool) -> Facts:
    durations = _values(findings, "duration")
    if durations:
        # Of two time scales the longer is how long the pain has been there; the shorter is a flare.
        longest = max(durations)
        if facts.pain_duration is None or correction or longest > facts.pain_duration:
            return replace(facts, pain_duration=longest)
        return facts
    units = _values(findings, "duration_unit")
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


def _hear_injury(facts: Facts, findings: Sequence[Finding]) -> Facts:
    injury = _present_or_absent(findings, "injury")
    if injury is not None:
        facts = replace(facts, recent_injury=injury)
    inflammation = _present_or_absent(findings, "inflammation")
    if inflammation is not None:
        facts = replace(facts, inflammation=inflammation)
    return facts


def _hear_massage(facts: Facts, findings: Sequence[Finding]) -> Facts:
    history = _values(findings, "massage")
    told = [v for v in history if v != "had"]
    if "had" in history and not told:
        told = _values(findings, "effect")
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
    sessions = _values(findings, "massage_sessions")
    if sessions:
        facts = replace(facts, massage_sessions=int(max(sessions)))
    return facts


def _hear_legs(facts: Facts, findings: Sequence[Finding]) -> Facts:
    details = [f for f in findings if f.kind == "leg_detail"]
    below = _present_or_absent([f for f in details if f.value == "below_knee"], "leg_detail")
    legs = _values(findings, "leg")
    if "both_legs" in legs or "both_legs" in _values(findings, "emergency_sign"):
        facts = replace(facts, leg_symptoms=LegSymptoms.BOTH_LEGS)
    elif facts.leg_symptoms is not LegSymptoms.BOTH_LEGS:
        if legs or below:
            facts = replace(facts, leg_symptoms=LegSymptoms.ONE_LEG)
        elif _present_or_absent(findings, "leg") is False and facts.leg_symptoms is None:
            facts = replace(facts, leg_symptoms=LegSymptoms.NONE)
    if below is not None:
        facts = replace(facts, leg_below_knee=below)
    if any(f.value == "examined" and f.holds for f in details):
        facts = replace(facts, leg_examined=True)
    return facts


def _answer(
    facts: Facts, before: Facts, asked: Slot, findings: Sequence[Finding]
) -> tuple[Facts, bool]:
    """Read bare answers by the question, and tell whether it is answered."""
    if asked in CHECKLIST_ITEMS:
        return _answer_checklist(facts, before, asked, findings)
    reader = _READERS.get(asked)
    if reader is not None:
        facts = reader(facts, before, findings)
    return facts, _known(facts, asked)


def _answer_checklist(
    facts: Facts, before: Facts, asked: Slot, findings: Sequence[Finding]
) -> tuple[Facts, bool]:
    items = CHECKLIST_ITEMS[asked]
    picked_none = False
    for index in _values(findings, "pick"):
        place = len(items) if index == -1 else int(index) - 1
        if 0 <= place < len(items):
            facts = _with_item(facts, asked, items[place])
        else:
            picked_none = picked_none or place == len(items)
    kind = "emergency_sign" if asked is Slot.EMERGENCY_SIGNS else "health_condition"
    named = bool(_values(findings, kind)) or (facts.leg_below_knee and not before.leg_below_knee)
    found = named or getattr(facts, asked.value) != getattr(before, asked.value)
    denied = sum(f.kind == kind and f.status is Status.ABSENT for f in findings)
    denied_all = bool(_values(findings, "denial")) or denied >= DENIALS_FOR_ALL
    if found or picked_none or denied_all or reply_in(findings) in NOTHING:
        return replace(facts, checked=facts.checked | {asked}), True
    return facts, False


def _with_item(facts: Facts, checklist: Slot, item: str) -> Facts:
    if checklist is Slot.EMERGENCY_SIGNS:
        return replace(facts, emergency_signs=facts.emergency_signs | {EmergencySign(item)})
    if item == LEG_ITEM:
        return replace(facts, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
    return replace(facts, health_conditions=facts.health_conditions | {HealthCondition(item)})


def _numbers(findings: Sequence[Finding], low: float, high: float) -> list[float]:
    return [v for v in _values(findings, "number") if low <= v <= high]


def _answer_duration(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    times = _values(findings, "time")
    if facts.pain_duration == before.pain_duration and times:
        return replace(facts, pain_duration=max(times))
    return facts


def _answer_severity(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    numbers = _values(findings, "number")
    on_the_scale = [v for v in numbers if 0 <= v <= 10]
    # A year, a dose or a weight beside it is no second answer; "15" is, and is asked again.
    others = [v for v in numbers if 10 < v < NEVER_A_STRENGTH]
    if facts.pain_severity is None and on_the_scale and not others:
        return replace(facts, pain_severity=math.ceil(max(on_the_scale)))
    return facts


def _answer_age(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    numbers = _numbers(findings, 0, MAX_AGE_YEARS)
    if facts.age is None and numbers:
        return replace(facts, age=int(numbers[-1]))
    return facts


def _answer_sessions(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    numbers = _numbers(findings, 0, 1000)
    if facts.massage_sessions is None and numbers:
        return replace(facts, massage_sessions=int(max(numbers)))
    return facts


def _yes_no(name: str, yes: Any = True, no: Any = False) -> Callable[..., Facts]:
    """Read yes or no as this fact, unless the message already told it in words."""

    def read(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
        reply = reply_in(findings)
        if getattr(facts, name) != getattr(before, name) or reply is None:
            return facts
        if reply == "yes" and yes is not None:
            return replace(facts, **{name: yes})
        if reply in NOTHING:
            return replace(facts, **{name: no})
        return facts

    return read


def _answer_massage(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    if facts.massage_response is None:
        effects = _values(findings, "effect")
        if effects:
            told = [Finding("massage", effect) for effect in effects]
            facts = _hear_massage(facts, told)
        elif not _values(findings, "massage"):
            facts = _yes_no("massage_response", None, MassageResponse.NONE_YET)(
                facts, before, findings
            )
        counts = _numbers(findings, 0, 1000)
        if facts.massage_response is not None and facts.massage_sessions is None and counts:
            facts = replace(facts, massage_sessions=int(max(counts)))
    return facts


_READERS: dict[Slot, Callable[[Facts, Facts, Sequence[Finding]], Facts]] = {
    Slot.PAIN_DURATION: _answer_duration,
    Slot.PAIN_SEVERITY: _answer_severity,
    Slot.RECENT_INJURY: _yes_no("recent_injury"),
    Slot.LEG_SYMPTOMS: _yes_no("leg_below_knee"),
    Slot.MUSCLE_SPASM: _yes_no("muscle_spasm"),
    Slot.MASSAGE_RESPONSE: _answer_massage,
    Slot.MASSAGE_SESSIONS: _answer_sessions,
    Slot.AGE: _answer_age,
}
