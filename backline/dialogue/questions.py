"""The questions, and which comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

from backline.facts import (
    EMERGENCY_LISTS,
    PARTED,
    EmergencySign,
    Facts,
    HealthCondition,
    Slot,
)
from backline.policy import FOLLOW_UPS, leads_only_to_doctor, open_follow_up, open_slots
from backline.policy.checklists import CODES, LISTS, lists_within
from backline.policy.follow_ups import LEG, PAIN

LEG_ITEM = LEG
"""The line about one leg; a fact of its own, and no condition."""

VOLUNTEERED_ONLY: frozenset[EmergencySign | HealthCondition] = frozenset(
    code
    for code in (*EmergencySign, *HealthCondition)
    if not any(code.value in codes for codes in CODES.values())
)
"""Codes that count when they are told; no list asks for them by themselves."""


YES_OR_NO_FACTS = frozenset(
    name for name, kind in get_type_hints(Facts).items() if kind == (bool | None)
)
"""Facts that are true or false: a yes or a no answers who asks for one."""


@dataclass(frozen=True)
class QuestionSpec:
    """What is special about a question, beside its words.

    Attributes:
        fact: the field of `Facts` that tells whether it is answered.
        items: the lines of a checklist in the order shown, so that "the second one" can be
            understood; none for any other question.
        numeric: whether its answer is a number or a time.
    """

    slot: Slot
    fact: str
    items: tuple[str, ...] = ()
    numeric: bool = False

    @property
    def yes_or_no(self) -> bool:
        """Whether a yes or a no is its answer."""
        return self.fact in YES_OR_NO_FACTS

    @property
    def asks_for_dangers(self) -> bool:
        """Whether a yes to it only ever leads to a doctor."""
        return bool(self.items) or (self.yes_or_no and leads_only_to_doctor(self.fact))

    def is_answered(self, facts: Facts) -> bool:
        """Tell whether the facts hold an answer; a checklist's, that it was gone through."""
        if self.items:
            return self.slot in facts.checked
        if self.slot is Slot.FOLLOW_UP:
            return all(a.known(facts) for a in FOLLOW_UPS.values() if a.concerns(facts))
        return getattr(facts, self.fact, None) is not None

    def reopen(self, facts: Facts) -> Facts:
        """Take its answer back. What was ticked in a list stays known, but for what is in parts."""
        if self.items:
            within = lists_within(self.slot)
            checked = facts.checked - within - {self.slot}
            return replace(facts, checked=checked, parted=facts.parted - within)
        if self.slot is Slot.FOLLOW_UP:
            known = [a for a in FOLLOW_UPS.values() if a.concerns(facts) and a.known(facts)]
            # They are asked in their order, so the last that is known was answered last.
            return known[-1].told(facts, None) if known else facts
        unknown: dict[str, Any] = {self.fact: None}
        return replace(facts, **unknown) if hasattr(facts, self.fact) else facts


SIGN_ITEMS = tuple(
    sign.value
    for sign in EmergencySign
    if sign not in (EmergencySign.OVERDOSE, EmergencySign.OTHER_EMERGENCY)
)
CONDITION_ITEMS = (
    *(
        code.value
        for code in HealthCondition
        if code
        not in (
            HealthCondition.PREGNANCY_PAIN_OR_BLEEDING,
            HealthCondition.VIOLENCE,
            HealthCondition.OTHER_SYMPTOM,
            HealthCondition.SETTLED_ILLNESS,
        )
    ),
    LEG_ITEM,
    HealthCondition.OTHER_SYMPTOM.value,
)
"""All signs, and all conditions, as they were numbered while each were one list."""
NUMBERED_ONCE: Mapping[Slot, tuple[str, ...]] = {
    Slot.EMERGENCY_SIGNS: SIGN_ITEMS,
    Slot.HEALTH_CONDITIONS: CONDITION_ITEMS,
}
"""The whole lists, by what now begins them: somebody may answer by a number of one that was shown
before an update."""


def alike(asked: Slot) -> tuple[str, ...]:
    """Give all signs where a list asks for some, and else all conditions."""
    return SIGN_ITEMS if asked in EMERGENCY_LISTS else CONDITION_ITEMS


def _list(asked: Slot) -> QuestionSpec:
    return QuestionSpec(asked, asked.value, items=LISTS[asked])


QUESTIONS: dict[Slot, QuestionSpec] = {
    spec.slot: spec
    for spec in (
        QuestionSpec(Slot.AGE, "age", numeric=True),
        _list(Slot.EMERGENCY_SIGNS),
        _list(Slot.DANGER_SIGNS),
        _list(Slot.SAFETY),
        # What a line stands for is asked as soon as it was ticked.
        *(_list(asked) for asked in LISTS if asked in PARTED),
        QuestionSpec(Slot.PAIN_DURATION, "pain_duration", numeric=True),
        QuestionSpec(Slot.PAIN_SEVERITY, "pain_severity", numeric=True),
        _list(Slot.HEALTH_CONDITIONS),
        _list(Slot.BACK_SIGNS),
        # Asked by itself where it is opened again, or the list was not answered.
        QuestionSpec(Slot.RECENT_INJURY, "recent_injury"),
        QuestionSpec(Slot.LEG_SYMPTOMS, "leg_below_knee"),
        QuestionSpec(Slot.FOLLOW_UP, "details"),
        QuestionSpec(Slot.MUSCLE_SPASM, "muscle_spasm"),
        QuestionSpec(Slot.MASSAGE_RESPONSE, "massage_response"),
        QuestionSpec(Slot.MASSAGE_SESSIONS, "massage_sessions", numeric=True),
    )
}
"""All but the consent, in the order asked: whose back it is, then emergency signs before anything
else, then what decides most often. A question is answered by yes or no unless `dialogue.answers`
reads it otherwise."""

QUESTION_ORDER = tuple(QUESTIONS)
_AFTER_STRENGTH = QUESTION_ORDER[QUESTION_ORDER.index(Slot.PAIN_SEVERITY) :]


def spec_of(slot: Slot) -> QuestionSpec:
    """Find the question of a slot; one that no triage asks, such as where it hurts, is plain."""
    return QUESTIONS.get(slot) or QuestionSpec(slot, slot.value)


CHECKLIST_ITEMS = {slot: spec.items for slot, spec in QUESTIONS.items() if spec.items}

ASKS_BEFORE_GIVING_UP = 2
"""One question and one re-wording; then rule D6 decides, and U3 for the emergency signs."""


def next_question(facts: Facts) -> Slot | None:
    """Find the first question whose answer could still change the result, or None when decided."""
    still_open = open_slots(facts)
    first = next((slot for slot in QUESTION_ORDER if slot in still_open), None)
    # How strong it is usually is asked while the strength is fresh, and not behind the lists.
    return Slot.FOLLOW_UP if first in _AFTER_STRENGTH and _strength_is_open(facts) else first


def _strength_is_open(facts: Facts) -> bool:
    name = open_follow_up(facts)
    return name is not None and FOLLOW_UPS[name].code == PAIN
