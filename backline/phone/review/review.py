"""Review a finished call with a receptionist: what came to be known of the patient. Pure.

The receptionist's questions give the caller's answers their meaning, and their words are never the
patient's facts. What is not clear counts only where it tells of a danger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any

from backline.dialogue import (
    CHECKLIST_ITEMS,
    LEG_ITEM,
    QUESTION_ORDER,
    Conversation,
    Understanding,
    update,
)
from backline.dialogue.questions import spec_of
from backline.facts import (
    CHECKLISTS,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Outcome,
    Slot,
    Status,
)
from backline.nlu.intents import is_correction
from backline.phone.review.questions import AskedQuestion, OpenQuestions, Read, asked_after
from backline.phone.text.asr_cleanup import repair
from backline.policy import RULES, Recommendation, Undecided, decide, open_follow_up
from backline.policy.rules import Rule

DENIED = "denied"
DENIALS = ("no", "none")
ALARMING = frozenset(
    {"emergency_sign", "health_condition", "injury", "inflammation", "leg", "leg_detail"}
)
"""Kinds of findings that only ever lead to a doctor."""
REPLIES = frozenset({"answer", "denial"})
"""Kinds of findings that mean something by what was asked alone."""
BARE = frozenset({"answer", "number", "time"})
BESIDE = frozenset(
    {"checked", "details", "emergency_signs", "given_up", "health_conditions", "ticked"}
)
"""Facts that are sets, or are no facts."""
OpenLines = dict[Slot, tuple[str, ...]]
"""Lines of each checklist."""


@dataclass(frozen=True)
class SpokenLine:
    """A line of the call, by one of the two.

    Attributes:
        begin: seconds since the call began, if that is known.
        unclear: some of it was not heard, or not heard surely.
    """

    by_caller: bool
    text: str
    begin: float | None = None
    unclear: bool = False


@dataclass(frozen=True)
class ReviewEvidence:
    """Something that was established, and by which words.

    Attributes:
        about: the name of a fact, or the code of a sign or a condition.
        value: what is known of it; `denied` for a sign or a condition that is not there.
        words: the caller's.
        asked: the receptionist's, if it was asked.
        leading: the question expected the answer that it got.
        superseded: something else was told later.
    """

    about: str
    value: Any
    words: str
    asked: str | None = None
    begin: float | None = None
    leading: bool = False
    superseded: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON-ready data."""
        return {
            "about": self.about,
            "value": self.value,
            "words": self.words,
            "asked": self.asked,
            "begin": self.begin,
            "leading": self.leading,
            "superseded": self.superseded,
        }


@dataclass(frozen=True)
class Unsettled:
    """An answer from which nothing follows.

    Attributes:
        why: `which` (yes, to one of several), `unknown` (the caller does not know), `unclear` (not
            heard surely), `leading` (to a question that expects a no) or `polarity` (to one that
            does not ask for what is wrong, such as "are you able to walk?").
        items: the lines of the checklists that it is about.
    """

    why: str
    words: str
    asked: str | None = None
    items: tuple[str, ...] = ()
    begin: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON-ready data."""
        return {
            "why": self.why,
            "words": self.words,
            "asked": self.asked,
            "items": list(self.items),
            "begin": self.begin,
        }


@dataclass(frozen=True)
class Review:
    """The outcome of a call.

    Attributes:
        facts: the patient's. A checklist is checked only if each of its lines was settled.
        evidence: in the order of the call.
        unsettled: answers from which nothing follows and nothing followed later.
        unasked: lines of each checklist that nobody asked about, and nobody told.
        unanswered: those that were asked about without an answer.
        unknown: other facts that can decide and are not known, in the order of the questions.
        recommendation: what the policy gives; None while questions are owed.
        at_least: the first rule that holds already and sends to a doctor.
        owed: the questions whose answers could still change the result, in their order.
    """

    facts: Facts
    evidence: tuple[ReviewEvidence, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    unasked: OpenLines = field(default_factory=dict)
    unanswered: OpenLines = field(default_factory=dict)
    unknown: tuple[Slot, ...] = ()
    recommendation: Recommendation | None = None
    owed: tuple[Slot, ...] = ()
    at_least: Rule | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the review as JSON-ready data."""
        decided = self.recommendation.to_json() if self.recommendation else {"outcome": None}
        return {
            "facts": {
                **self.facts.to_json(),
                "checked": sorted(slot.value for slot in self.facts.checked),
            },
            "evidence": [e.to_json() for e in self.evidence],
            "unsettled": [u.to_json() for u in self.unsettled],
            "never_asked": {s.value: list(codes) for s, codes in self.unasked.items()},
            "not_answered": {s.value: list(codes) for s, codes in self.unanswered.items()},
            "unknown": [slot.value for slot in self.unknown],
            **decided,
            "still_to_ask": [slot.value for slot in self.owed],
            "at_least": self.at_least.id if self.at_least else None,
        }


def review(call: Iterable[SpokenLine], read: Read) -> Review:
    """Go through a call.

    Args:
        call: in its order.
        read: the understanding of a text.
    """
    listener = _Listener(read)
    for utterance in call:
        if utterance.by_caller:
            listener.caller(utterance)
        else:
            listener.receptionist(utterance)
    return listener.review()


class _Listener:
    """Listens to a call."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._conversation = Conversation(consent=True)
        self._asked = OpenQuestions()
        self._asked_items: set[str] = set()
        self._denied: dict[str, ReviewEvidence] = {}
        self._evidence: list[ReviewEvidence] = []
        self._unsettled: list[Unsettled] = []
        self._last_denied: frozenset[str] = frozenset()
        self._answered = False

    def receptionist(self, said: SpokenLine) -> None:
        before = self._asked
        self._asked = asked_after(before, said.text, self._read, answered=self._answered)
        if self._asked != before:
            self._answered = False
        self._asked_items |= self._asked.items

    def caller(self, said: SpokenLine) -> None:
        question = self._asked.last
        text = repair(said.text, question.slot if question else None)
        corrects = is_correction(text)
        findings = self._heard_clearly(self._read(text), said, question)
        findings = self._meant_clearly(findings, said, question)
        reply = _reply(findings)
        before = self._conversation.facts
        self._hear(question, findings, correction=corrects)
        learned = self._note(before, said, question)
        learned |= self._told_absent(findings, said)
        learned |= self._take_reply(reply, findings, said, question)
        if corrects and reply not in DENIALS and not learned:
            self._take_back(said)
        if reply is not None or learned:
            self._answered = True
            self._asked = OpenQuestions()

    def _heard_clearly(
        self, findings: list[Finding], said: SpokenLine, question: AskedQuestion | None
    ) -> list[Finding]:
        """Leave out what was not heard surely, unless it tells of a danger."""
        if not said.unclear:
            return findings
        self._unsettle("unclear", said, question)
        return [f for f in findings if _alarms(f, question)]

    def _meant_clearly(
        self, findings: list[Finding], said: SpokenLine, question: AskedQuestion | None
    ) -> list[Finding]:
        """Leave out a yes and a no to a question to which they are not clear."""
        if question is None or not question.known or question.plain:
            return findings
        if _reply(findings) is not None and (question.items or _by_yes_or_no(question)):
            self._unsettle("leading" if question.leading else "polarity", said, question)
        return [f for f in findings if f.kind not in REPLIES]

    def _hear(
        self, question: AskedQuestion | None, findings: Sequence[Finding], *, correction: bool
    ) -> None:
        slot = question.slot if question else None
        findings = list(findings)
        how_far = question is not None and LEG_ITEM in question.items
        if slot is Slot.LEG_SYMPTOMS and not how_far and _reply(findings) == "yes":
            # "Does it go down your leg?" does not ask how far.
            findings = [f for f in findings if f.kind != "answer"]
        if (slot is None or slot is Slot.PAIN_LOCATION) and not correction:
            # Nothing that is asked for takes a bare number or a bare reply here.
            findings = [f for f in findings if f.kind not in BARE]
        asked = None if slot is Slot.PAIN_LOCATION else slot
        conversation = replace(self._conversation, asked=asked)
        meant = Understanding(findings, corrects=correction, digresses=True)
        self._conversation = update(conversation, meant)

    def _note(self, before: Facts, said: SpokenLine, question: AskedQuestion | None) -> bool:
        """Keep what was learned of facts; return whether anything was."""
        after = self._conversation.facts
        learned = False
        for name in (f.name for f in fields(Facts) if f.name not in BESIDE):
            value = getattr(after, name)
            if value is None or value == getattr(before, name):
                continue
            plain = value.value if isinstance(value, Enum) else value
            self._keep(name, plain, said, question)
            learned = True
        for code in _codes(after) - _codes(before):
            self._denied.pop(code, None)
            self._keep(code, True, said, question)
            learned = True
        for code in _codes(before) - _codes(after):
            self._keep(code, DENIED, said, question)
            learned = True
        return learned

    def _told_absent(self, findings: Sequence[Finding], said: SpokenLine) -> bool:
        """Deny signs and conditions that the caller said by themselves are not there."""
        kinds = ("emergency_sign", "health_condition")
        absent = (Status.ABSENT, Status.PAST)
        codes = {str(f.value) for f in findings if f.kind in kinds and f.status in absent}
        for code in sorted(codes):
            self._deny(code, said, None)
        return bool(codes)

    def _take_reply(
        self,
        reply: str | None,
        findings: Sequence[Finding],
        said: SpokenLine,
        question: AskedQuestion | None,
    ) -> bool:
        """Take a bare reply to lines of the checklists; return whether it was one."""
        if question is None or not question.known:
            return False
        of_all = _denies_all(reply, findings)
        items = self._asked.items if of_all else question.items
        if question.slot is Slot.LEG_SYMPTOMS:
            items = items - {LEG_ITEM}
        if not items:
            return False
        named = {str(f.value) for f in findings if f.holds} & items
        if of_all or reply in DENIALS:
            self._deny_all(items - named, said, question)
        elif reply == "dont_know":
            self._unsettle("unknown", said, question)
        elif reply == "yes":
            self._take_yes(items, named, said, question)
        else:
            return False
        return True

    def _deny_all(self, items: frozenset[str], said: SpokenLine, question: AskedQuestion) -> None:
        for code in sorted(items):
            self._deny(code, said, question)
        self._last_denied = items

    def _take_yes(
        self, items: Set[str], named: Set[str], said: SpokenLine, question: AskedQuestion
    ) -> None:
        """Let the only line hold; of several, a yes that names none does not tell which."""
        if len(items) == 1:
            self._add(next(iter(items)), said, question)
        elif not named:
            self._unsettle("which", said, question)

    def _add(self, code: str, said: SpokenLine, question: AskedQuestion) -> None:
        before = facts = self._conversation.facts
        if code == LEG_ITEM:
            facts = replace(facts, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
        elif code in EmergencySign._value2member_map_:
            signs = facts.emergency_signs | {EmergencySign(code)}
            facts = replace(facts, emergency_signs=signs)
        else:
            conditions = facts.health_conditions | {HealthCondition(code)}
            facts = replace(facts, health_conditions=conditions)
        self._conversation = replace(self._conversation, facts=facts)
        self._note(before, said, question)

    def _deny(self, code: str, said: SpokenLine, question: AskedQuestion | None) -> None:
        # What was told once is not taken back by a bare no.
        facts = self._conversation.facts
        if code in self._denied or code in _codes(facts):
            return
        if code == LEG_ITEM:
            if facts.leg_below_knee is None:
                facts = replace(facts, leg_below_knee=False)
                self._conversation = replace(self._conversation, facts=facts)
                self._keep("leg_below_knee", False, said, question)
            return
        self._denied[code] = self._keep(code, DENIED, said, question)

    def _take_back(self, said: SpokenLine) -> None:
        """Open the lines that were denied last again, after "no wait, yes"."""
        for code in self._last_denied:
            self._denied.pop(code, None)
        items = tuple(sorted(self._last_denied))
        if items:
            self._unsettled.append(Unsettled("which", said.text, None, items, said.begin))

    def _keep(
        self, about: str, value: Any, said: SpokenLine, question: AskedQuestion | None
    ) -> ReviewEvidence:
        known = question is not None and question.known
        asked, leading = (question.text, question.leading) if known and question else (None, False)
        evidence = ReviewEvidence(about, value, said.text, asked, said.begin, leading)
        self._evidence.append(evidence)
        return evidence

    def _unsettle(self, why: str, said: SpokenLine, question: AskedQuestion | None) -> None:
        if not said.text:
            return
        items = tuple(sorted(question.items)) if question else ()
        asked = question.text if question else None
        self._unsettled.append(Unsettled(why, said.text, asked, items, said.begin))

    # ---- What it came to ------------------------------------------------------------------------

    def review(self) -> Review:
        settled = self._settled_items()
        missing = _missing(settled)
        checked = frozenset(slot for slot, codes in missing.items() if not codes)
        facts = replace(self._conversation.facts, checked=checked, given_up=frozenset())
        recommendation, owed = _decide(facts)
        return Review(
            facts,
            evidence=tuple(replace(e, superseded=_is_superseded(e, facts)) for e in self._evidence),
            unsettled=tuple(u for u in self._unsettled if not _settled(u, facts, settled)),
            unasked=_without(missing, self._asked_items),
            unanswered=_among(missing, self._asked_items),
            unknown=_unknown(facts),
            recommendation=recommendation,
            owed=tuple(slot for slot in QUESTION_ORDER if slot in owed),
            at_least=_at_least(facts),
        )

    def _settled_items(self) -> set[str]:
        """Collect the lines of the checklists that hold or were denied."""
        facts = self._conversation.facts
        settled = set(self._denied) | _codes(facts)
        return settled if facts.leg_below_knee is None else settled | {LEG_ITEM}


def _missing(settled: Set[str]) -> OpenLines:
    """Collect the lines of each checklist that were not settled."""
    return {
        slot: tuple(code for code in CHECKLIST_ITEMS[slot] if code not in settled)
        for slot in (Slot.EMERGENCY_SIGNS, Slot.HEALTH_CONDITIONS)
    }


def _among(lines: OpenLines, codes: Set[str]) -> OpenLines:
    return {slot: tuple(c for c in of_slot if c in codes) for slot, of_slot in lines.items()}


def _without(lines: OpenLines, codes: Set[str]) -> OpenLines:
    return {slot: tuple(c for c in of_slot if c not in codes) for slot, of_slot in lines.items()}


def _is_superseded(evidence: ReviewEvidence, facts: Facts) -> bool:
    """Return whether something else was told later."""
    name = evidence.about
    if name in {f.name for f in fields(Facts)}:
        value = getattr(facts, name)
        return bool((value.value if isinstance(value, Enum) else value) != evidence.value)
    present = name in _codes(facts)
    return present if evidence.value == DENIED else not present


def _at_least(facts: Facts) -> Rule | None:
    """Find the first rule that holds already and sends to a doctor."""
    doctor = (rule for rule in RULES if rule.outcome is Outcome.DOCTOR_FIRST)
    return next((rule for rule in doctor if rule.when(facts).holds), None)


def _settled(answer: Unsettled, facts: Facts, settled: set[str]) -> bool:
    """Return whether what it was about became clear later."""
    if not answer.items:
        return False
    told = answer.why == "which" and bool(set(answer.items) & _codes(facts))
    return told or set(answer.items) <= settled


def _decide(facts: Facts) -> tuple[Recommendation | None, frozenset[Slot]]:
    try:
        return decide(facts), frozenset()
    except Undecided as undecided:
        return None, undecided.slots


def _unknown(facts: Facts) -> tuple[Slot, ...]:
    beside = {*CHECKLISTS, Slot.LEG_SYMPTOMS}
    if open_follow_up(facts) is None:
        beside.add(Slot.FOLLOW_UP)
    if facts.massage_response is not MassageResponse.NO_CHANGE:
        beside.add(Slot.MASSAGE_SESSIONS)
    return tuple(s for s in QUESTION_ORDER if s not in beside and not spec_of(s).is_answered(facts))


def _codes(facts: Facts) -> set[str]:
    return {sign.value for sign in facts.emergency_signs} | {
        condition.value for condition in facts.health_conditions
    }


def _reply(findings: Iterable[Finding]) -> str | None:
    return next((str(f.value) for f in findings if f.kind == "answer"), None)


def _denies_all(reply: str | None, findings: Iterable[Finding]) -> bool:
    """Return whether nothing holds of all that was asked at once."""
    return reply == "none" or any(f.kind == "denial" for f in findings)


def _by_yes_or_no(question: AskedQuestion) -> bool:
    return question.slot is not None and spec_of(question.slot).yes_or_no


def _alarms(finding: Finding, question: AskedQuestion | None) -> bool:
    """Return whether a finding can only lead to a doctor, so that it counts although not clear."""
    if finding.kind == "answer" and question is not None:
        dangers = question.slot is not None and spec_of(question.slot).asks_for_dangers
        return (bool(question.items) or dangers) and finding.value == "yes"
    return finding.kind in ALARMING and finding.holds
