"""Where a conversation stands: the facts, the consent, and the questions asked so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any, TypeVar

from backline.dialogue.answers import with_ticks_to_ask
from backline.dialogue.follow_ups import asks_about_a_tick, open_at_once
from backline.dialogue.questions import LEG_ITEM, next_question, spec_of
from backline.dialogue.suspicions import Suspicion, due, taken_back
from backline.facts import (
    CHECKLISTS,
    EMERGENCY_LISTS,
    EmergencySign,
    Facts,
    LegSymptoms,
    Onset,
    Slot,
)
from backline.persons import ThirdPerson
from backline.policy import open_follow_up, open_slots
from backline.policy.checklists import CODES, OWN_FACTS
from backline.policy.follow_ups import NERVE_SIGNS, PAIN
from backline.policy.rules import RULES

_T = TypeVar("_T")
FACT_SLOTS = tuple(f.name for f in fields(Facts))
"""The slots that hold facts, by the facts' names."""


CRISIS = frozenset({EmergencySign.SELF_HARM, EmergencySign.OVERDOSE})
"""Signs for which the crisis line is told first."""


class Hold(str, Enum):
    """Where an emergency stands that was told to the person, or how it ended."""

    TOLD = "told"
    SEEN = "seen"
    """They say that a doctor or an ambulance has seen them."""
    MISTAKE = "mistake"
    """They said twice that they have none of the signs."""
    OLDER = "older"
    """They said, and said again when asked, that the nerve signs are no newer and no worse than 4
    weeks ago."""


class Confirming(str, Enum):
    """What was asked back and waits for a yes or a no."""

    DELETE = "delete"
    RESTART = "restart"
    MISTAKE = "mistake"
    SEEN = "seen"
    OLDER = "older"
    NEXT_PATIENT = "next_patient"


@dataclass(frozen=True)
class Conversation:
    """The state of one conversation.

    Attributes:
        consent: True or False once the person answered whether to go on.
        asked: the question that waits for an answer.
        attempts: how often each question was asked without an answer.
        answered: the questions answered so far, oldest first, for going back.
        hold: where an emergency stands that was told.
        confirming: what was asked back last.
        patient: which patient of this conversation it is about, from 1.
        earlier: the slots as they were before the last restart, to take it back.
        person: the patient, where somebody else writes for them.
        sign_words: by emergency sign, the sentence that told it; none for one that was ticked.
        suspicions: what was told and may be of a danger, oldest first, with what came of asking.
    """

    facts: Facts = field(default_factory=Facts)
    consent: bool | None = None
    asked: Slot | None = None
    attempts: Mapping[Slot, int] = field(default_factory=dict)
    answered: tuple[Slot, ...] = ()
    hold: Hold | None = None
    confirming: Confirming | None = None
    patient: int = 1
    earlier: Mapping[str, Any] | None = None
    suspicions: tuple[Suspicion, ...] = ()
    person: ThirdPerson | None = None
    sign_words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any], *, asking: bool) -> Conversation:
        """The conversation that slots hold, by the names of `Facts` and of this class.

        Args:
            asking: whether the question of `requested_slot` is open.
        """
        known = {name: slots.get(name) for name in FACT_SLOTS}
        known["checked"] = slots.get("checked") or []
        known["details"] = slots.get("details") or {}
        requested = slots.get("requested_slot")
        told = slots.get("suspicions") or []
        return cls(
            facts=Facts.from_json(known),
            consent=slots.get("consent"),
            asked=Slot(requested) if requested and asking else None,
            attempts={Slot(name): n for name, n in (slots.get("attempts") or {}).items()},
            answered=tuple(Slot(name) for name in slots.get("answered") or []),
            hold=_read(Hold, slots.get("emergency_hold")),
            confirming=_read(Confirming, slots.get("confirming")),
            patient=int(slots.get("patient") or 1),
            earlier=slots.get("earlier"),
            suspicions=tuple(Suspicion.from_json(s) for s in told),
            person=_read(ThirdPerson.from_json, slots.get("person")),
            sign_words=slots.get("sign_words") or {},
        )

    def to_slots(self) -> dict[str, Any]:
        """The slots that hold this conversation; the inverse of `from_slots` but for `asked`."""
        facts = self.facts.to_json()
        return {
            **{name: facts.get(name) for name in FACT_SLOTS},
            "consent": self.consent,
            "attempts": {slot.value: n for slot, n in self.attempts.items()} or None,
            "answered": [slot.value for slot in self.answered] or None,
            "emergency_hold": self.hold.value if self.hold else None,
            "confirming": self.confirming.value if self.confirming else None,
            "patient": self.patient if self.patient > 1 else None,
            "earlier": dict(self.earlier) if self.earlier else None,
            "suspicions": [s.to_json() for s in self.suspicions] or None,
            "person": self.person.to_json() if self.person else None,
            "sign_words": dict(self.sign_words) or None,
        }

    @property
    def emergency(self) -> bool:
        """True if an emergency sign is known; it is answered before anything else, consent too."""
        return bool(RULES[0].when(self.facts).holds)

    @property
    def crisis(self) -> bool:
        """True if the emergency is thoughts of ending one's life, and nothing of the body but
        what was taken for it."""
        signs = self.facts.emergency_signs
        return EmergencySign.SELF_HARM in signs and signs <= CRISIS

    @property
    def declined(self) -> bool:
        """True if the person does not want to go on and nothing is an emergency."""
        return self.consent is False and not self.emergency

    @property
    def suspicion(self) -> Suspicion | None:
        """What has to be asked about before a result: never beside an emergency."""
        return None if self.emergency else due(self.suspicions, self.facts)

    @property
    def may_be_emergency(self) -> bool:
        """True while it is asked whether a sign that was ticked is an emergency."""
        return self.consent is True and open_at_once(self.facts) is not None

    @property
    def follow_up(self) -> str | None:
        """Name what is asked for about something that was told, if that is the next question."""
        return open_follow_up(self.facts)

    @property
    def open_questions(self) -> frozenset[Slot]:
        """What could still change the result, consent aside."""
        suspected = {Slot.SUSPICION} if self.suspicion is not None else set()
        return open_slots(self.facts) | suspected

    @property
    def decided(self) -> bool:
        """True if there is a result to give."""
        if self.emergency:
            return True
        return self.consent is True and not self.open_questions

    def next_question(self) -> Slot | None:
        """The next question, consent first; None if decided, declined or an emergency."""
        if self.emergency or self.declined:
            return None
        if self.consent is None:
            return Slot.CONSENT
        if asks_about_a_tick(self.facts):
            return Slot.FOLLOW_UP
        if self.suspicion is not None:
            return Slot.SUSPICION
        return next_question(self.facts)


def _read(kind: Callable[[Any], _T], value: Any) -> _T | None:
    """Read a slot's value; None where it is empty."""
    return kind(value) if value else None


def start_over(conversation: Conversation) -> Conversation:
    """Forget every fact; a consent once given still holds, and so does how an emergency ended."""
    return Conversation(
        consent=conversation.consent or None,
        hold=conversation.hold,
        patient=conversation.patient,
        person=conversation.person,
    )


def next_patient(conversation: Conversation) -> Conversation:
    """Begin with another patient; nothing of the one before is taken over but the consent."""
    return Conversation(consent=conversation.consent or None, patient=conversation.patient + 1)


def come_back(conversation: Conversation) -> Conversation:
    """Take up a conversation after a long silence: what may have changed since is asked again.

    An emergency sign that began in between would else stay behind the "none of these" of before.
    """
    facts = conversation.facts
    if conversation.hold is Hold.TOLD or conversation.emergency:
        return conversation
    for code in facts.details:
        facts = facts.with_detail(code, course=None)
    facts = facts.with_detail(PAIN, examined=None)
    facts = with_ticks_to_ask(facts, facts.ticked)
    facts = replace(facts, checked=facts.checked - EMERGENCY_LISTS, pain_severity=None)
    again = EMERGENCY_LISTS | {Slot.PAIN_SEVERITY}
    answered = tuple(slot for slot in conversation.answered if slot not in again)
    return replace(conversation, facts=facts, answered=answered, attempts={})


def withdraw_emergency(conversation: Conversation) -> Conversation:
    """Take back the emergency signs; the list in whose answer they came is asked again.

    What was answered before they were told stays answered.
    """
    facts = conversation.facts
    again = _lists_to_ask(conversation)
    if facts.leg_symptoms is LegSymptoms.BOTH_LEGS:
        facts = replace(facts, leg_symptoms=None)
    facts = replace(
        facts,
        emergency_signs=frozenset(),
        ticked=frozenset(),
        checked=facts.checked - again,
    )
    answered = tuple(slot for slot in conversation.answered if slot not in again)
    return replace(
        conversation,
        facts=facts,
        answered=answered,
        hold=Hold.MISTAKE,
        confirming=None,
        sign_words={},
    )


def _lists_to_ask(conversation: Conversation) -> frozenset[Slot]:
    """Find the lists of danger signs that were answered by a sign: the rest is not known."""
    ticked = {sign.value for sign in conversation.facts.ticked}
    last = conversation.answered[-1:]
    return frozenset(s for s in EMERGENCY_LISTS if s in last or not ticked.isdisjoint(CODES[s]))


def only_nerve_signs(facts: Facts) -> bool:
    """Tell whether an emergency rests on nothing but signs of the nerves, which may be older."""
    signs = facts.emergency_signs
    if facts.leg_symptoms is LegSymptoms.BOTH_LEGS:
        signs = signs | {EmergencySign.BOTH_LEGS}
    return bool(signs) and signs <= NERVE_SIGNS


def with_older_signs(conversation: Conversation) -> Conversation:
    """Know that the nerve signs of an emergency are older: they are then asked for their cause."""
    facts = conversation.facts
    if facts.leg_symptoms is LegSymptoms.BOTH_LEGS:
        known = facts.emergency_signs | {EmergencySign.BOTH_LEGS}
        facts = replace(facts, emergency_signs=known)
    facts = replace(facts, ticked=facts.ticked | facts.emergency_signs)
    for sign in facts.emergency_signs:
        facts = facts.with_detail(sign.value, onset=Onset.OLDER)
    return replace(conversation, facts=facts, hold=Hold.OLDER, confirming=None)


def _without_ticks(facts: Facts, last: Slot, hold: Hold | None) -> Facts:
    """Forget what the question that is asked again was answered with, but for signs in words."""
    if last is Slot.FOLLOW_UP and asks_about_a_tick(facts):
        # "Sorry, yes": what was answered last was whether they are new.
        return with_ticks_to_ask(facts, facts.ticked)
    if last not in CHECKLISTS:
        return facts
    codes = CODES[last]
    conditions = frozenset(c for c in facts.health_conditions if c.value not in codes)
    facts = replace(facts, health_conditions=conditions)
    unknown: dict[str, Any] = {name: None for name in OWN_FACTS if name in codes}
    facts = replace(facts, **unknown)
    if LEG_ITEM in codes and facts.leg_symptoms is LegSymptoms.ONE_LEG:
        facts = replace(facts, leg_symptoms=None)
    if last in EMERGENCY_LISTS and hold is not Hold.OLDER:
        forgotten = frozenset(sign for sign in facts.ticked if sign.value in codes)
        signs, ticked = facts.emergency_signs - forgotten, facts.ticked - forgotten
        facts = replace(facts, emergency_signs=signs, ticked=ticked)
    return facts


def forget_last(conversation: Conversation) -> Conversation:
    """Go back: the last answered question becomes open again. Emergency signs are kept."""
    answered = [slot for slot in conversation.answered if slot is not Slot.CONSENT]
    if not answered:
        return conversation
    last = answered[-1]
    if last is Slot.SUSPICION:
        suspicions, known = taken_back(conversation.suspicions, conversation.facts)
        conversation = replace(conversation, suspicions=suspicions, facts=known)
    facts = spec_of(last).reopen(conversation.facts)
    facts = _without_ticks(facts, last, conversation.hold)
    facts = replace(facts, given_up=facts.given_up - {last})
    attempts = {slot: n for slot, n in conversation.attempts.items() if slot is not last}
    remaining = tuple(slot for slot in conversation.answered if slot is not last)
    if last is Slot.FOLLOW_UP and spec_of(last).reopen(facts) != facts:
        # Going back once more reaches the one before.
        remaining = (*remaining, last)
    return replace(conversation, facts=facts, attempts=attempts, answered=remaining)
