"""A line that stands for several things: who ticks it is asked which, and can take it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from backline.dialogue import Conversation, Understanding, forget_last, update
from backline.facts import (
    CHECKLISTS,
    EMERGENCY_LISTS,
    PARTED,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    Outcome,
    Slot,
    Urgency,
)
from backline.nlu import Understander
from backline.policy import decide
from backline.policy.checklists import LISTS
from tests.plain import PLAIN, PLAIN_FACTS

READER = Understander(lambda: dt.date(2026, 11, 29))
C = HealthCondition
PARENT = {Slot(line): asked for asked, lines in LISTS.items() for line in lines if line in PARTED}
"""By line, the list it stands in."""
NUMBERED = [(line, str(LISTS[asked].index(line.value) + 1)) for line, asked in PARENT.items()]


def asking(slot: Slot, **known: Any) -> Conversation:
    """Somebody plain who is asked this, and has answered all lists but this one."""
    checked = CHECKLISTS - PARTED - {slot}
    parted = frozenset({slot}) & PARTED
    facts = replace(PLAIN_FACTS, **{"checked": checked, "parted": parted, **known})
    return Conversation(facts=facts, consent=True, asked=slot)


def after(conversation: Conversation, *said: str | Finding) -> Conversation:
    """Go on after an answer: its words, or what was found in it."""
    findings: list[Finding] = []
    for part in said:
        findings += READER.read(part) if isinstance(part, str) else [part]
    heard = update(conversation, Understanding(findings))
    return replace(heard, asked=heard.next_question())


def ticking(line: Slot | str) -> Finding:
    return Finding("ticked_line", line)


def to_the_end(conversation: Conversation) -> Conversation:
    """Answer plainly until there is a result."""
    for _ in range(20):
        if conversation.asked is None:
            return conversation
        conversation = after(conversation, PLAIN[conversation.asked.value])
    raise AssertionError(f"no end: {conversation.asked}")


# ---- Ticking it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("line", PARENT)
def test_who_ticks_a_line_is_asked_at_once_which_of_it_they_have(line: Slot) -> None:
    heard = after(asking(PARENT[line]), ticking(line.value))
    assert heard.asked is line
    assert not heard.facts.health_conditions


@pytest.mark.parametrize(("line", "number"), NUMBERED)
def test_its_number_ticks_it_too(line: Slot, number: str) -> None:
    heard = after(asking(PARENT[line]), number)
    assert heard.asked is line
    assert heard.facts.parted >= {line}


def test_which_is_asked_before_the_list_that_comes_next() -> None:
    early = asking(Slot.HEALTH_CONDITIONS, checked=EMERGENCY_LISTS)
    heard = after(early, ticking(Slot.MEDICINES))
    assert heard.asked is Slot.MEDICINES
    assert after(heard, ticking("steroids")).asked is not Slot.MEDICINES


def test_a_line_with_parts_of_its_own_is_asked_about_to_the_end() -> None:
    heard = after(asking(Slot.HEALTH_CONDITIONS), ticking(Slot.OTHER_ILLNESS))
    heard = after(heard, ticking(Slot.OPERATION))
    assert heard.asked is Slot.OPERATION
    assert after(heard, "1").facts.health_conditions == {C.RECENT_SURGERY}


def test_of_several_lines_each_is_asked_about() -> None:
    heard = after(asking(Slot.HEALTH_CONDITIONS), "4 and 5")
    assert heard.asked is Slot.MEDICINES
    assert after(heard, "none of these").asked is Slot.OTHER_ILLNESS


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        (Slot.MEDICINES, "4, warfarin", C.BLOOD_THINNERS),
        (Slot.MEDICINES, "number 4. I take prednisone tablets", C.STEROIDS),
        (Slot.ONE_LEG, "2, my foot drags", C.FOOT_DROP),
        (Slot.OTHER_ILLNESS, "5, I am pregnant", C.PREGNANCY),
        (Slot.OTHER_ILLNESS, "5, epilepsy", C.EPILEPSY),
    ],
)
def test_own_words_beside_the_number_tell_which_it_is(
    line: Slot, text: str, code: HealthCondition
) -> None:
    heard = after(asking(PARENT[line]), text)
    assert heard.facts.health_conditions == {code}
    assert heard.asked is not line


@pytest.mark.parametrize("text", ["I take warfarin", "warfarin", "1"])
def test_which_it_is_can_be_said_by_words_or_by_a_number(text: str) -> None:
    heard = after(asking(Slot.MEDICINES), text)
    assert heard.facts.health_conditions == {C.BLOOD_THINNERS}
    assert Slot.MEDICINES in heard.facts.checked


def test_a_part_that_was_known_before_is_not_asked_for_again() -> None:
    known = asking(Slot.HEALTH_CONDITIONS, health_conditions=frozenset({C.STEROIDS}))
    assert after(known, ticking(Slot.MEDICINES)).asked is not Slot.MEDICINES


# ---- Taking it back -----------------------------------------------------------------------------


@pytest.mark.parametrize("line", PARENT)
def test_none_of_these_takes_it_back(line: Slot) -> None:
    heard = to_the_end(after(asking(line), "none of these"))
    assert not heard.facts.health_conditions
    assert decide(heard.facts).outcome is Outcome.MASSAGE


def test_going_back_asks_again_which_it_is() -> None:
    heard = after(asking(Slot.MEDICINES), "2")
    back = forget_last(heard)
    assert not back.facts.health_conditions
    assert back.next_question() is Slot.MEDICINES


def test_going_back_twice_asks_for_the_list_again_and_forgets_that_it_was_ticked() -> None:
    heard = after(after(asking(Slot.HEALTH_CONDITIONS), "4"), "2")
    back = forget_last(forget_last(heard))
    assert back.next_question() is Slot.HEALTH_CONDITIONS
    again = after(replace(back, asked=Slot.HEALTH_CONDITIONS), "none of these")
    assert again.asked is not Slot.MEDICINES
    assert not again.facts.health_conditions


def test_going_back_from_the_list_about_the_back_forgets_its_own_facts() -> None:
    heard = after(asking(Slot.BACK_SIGNS, recent_injury=None, muscle_spasm=None), "5")
    assert (heard.facts.muscle_spasm, heard.facts.recent_injury) == (True, False)
    back = forget_last(heard)
    assert (back.facts.muscle_spasm, back.facts.recent_injury) == (None, None)
    assert back.next_question() is Slot.BACK_SIGNS


# ---- Who cannot say which -----------------------------------------------------------------------


@pytest.mark.parametrize("line", [line for line in PARENT if line is not Slot.OTHER_ILLNESS])
def test_who_cannot_say_which_after_two_tries_sees_a_doctor(line: Slot) -> None:
    once = after(asking(line), "I am not sure")
    assert once.asked is line
    twice = after(once, "I am not sure")
    assert twice.asked is not line
    assert decide(to_the_end(twice).facts).outcome is Outcome.DOCTOR_FIRST


def test_an_illness_that_nobody_understood_is_another_symptom() -> None:
    once = after(asking(Slot.OTHER_ILLNESS), "it is a rare syndrome")
    assert once.asked is Slot.OTHER_ILLNESS
    twice = after(once, "a syndrome, quite rare")
    assert twice.facts.health_conditions == {C.OTHER_SYMPTOM}
    assert Slot.OTHER_ILLNESS not in twice.facts.given_up
    assert decide(twice.facts).urgency is Urgency.SOON


# ---- Whether somebody is safe -------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        *(ticking("skip"), "3", "I'd rather not say", "prefer not to say", "skip"),
        *("rather not say.", "I prefer not to answer", "I don't want to say", "next question"),
        *("that's private", "no comment", "I won't answer"),
    ],
)
def test_who_would_rather_not_say_goes_on_without_a_doctor(said: str | Finding) -> None:
    heard = after(asking(Slot.SAFETY), said)
    assert Slot.SAFETY in heard.facts.checked
    assert decide(to_the_end(heard).facts).outcome is Outcome.MASSAGE


def test_a_yes_that_twice_does_not_say_which_is_not_passed_over() -> None:
    once = after(asking(Slot.SAFETY), "yes")
    assert once.asked is Slot.SAFETY
    twice = after(once, "yes")
    assert decide(twice.facts).urgency is Urgency.URGENT


def test_who_is_hurt_by_somebody_can_tick_that() -> None:
    heard = after(asking(Slot.SAFETY), "2")
    assert heard.facts.health_conditions == {C.VIOLENCE}
    assert decide(heard.facts).rule.id == "U0b"


def test_thoughts_of_ending_it_can_be_ticked() -> None:
    heard = after(asking(Slot.SAFETY), "1")
    assert heard.facts.ticked == {EmergencySign.SELF_HARM}
    assert heard.asked is Slot.FOLLOW_UP


# ---- The list about the back --------------------------------------------------------------------


def test_what_was_not_ticked_of_the_back_does_not_hold() -> None:
    heard = after(asking(Slot.BACK_SIGNS, recent_injury=None, muscle_spasm=None), "none of these")
    assert (heard.facts.recent_injury, heard.facts.muscle_spasm) == (False, False)
    assert heard.facts == replace(heard.facts, health_conditions=frozenset())


def test_what_was_told_of_the_back_before_stays_although_it_is_not_ticked() -> None:
    told = asking(Slot.BACK_SIGNS, recent_injury=True, muscle_spasm=None)
    assert after(told, "none of these").facts.recent_injury is True


def test_facts_with_ticked_lines_are_kept_in_the_slots() -> None:
    heard = after(asking(Slot.HEALTH_CONDITIONS), "4")
    kept = Conversation.from_slots(heard.to_slots(), asking=False)
    assert kept.facts == heard.facts
    assert Facts.from_json(heard.facts.to_json()) == heard.facts


def test_going_back_over_the_leg_forgets_what_was_ticked_of_it() -> None:
    ticked = after(asking(Slot.ONE_LEG, leg_below_knee=None), "1")
    assert ticked.facts.leg_below_knee is True
    back = forget_last(ticked)
    assert (back.facts.leg_below_knee, back.facts.leg_symptoms) == (None, None)


def test_a_list_within_a_list_is_forgotten_with_it() -> None:
    open_lines = frozenset({Slot.OTHER_ILLNESS, Slot.OPERATION})
    known = replace(asking(Slot.OPERATION), answered=(Slot.HEALTH_CONDITIONS,))
    known = replace(known, facts=replace(known.facts, parted=open_lines))
    assert forget_last(known).facts.parted == frozenset()


def test_a_line_that_was_ticked_wrongly_makes_no_pain_less() -> None:
    bad = replace(asking(Slot.BACK_SIGNS, pain_severity=8), answered=(Slot.HEALTH_CONDITIONS,))
    corrected = Understanding([Finding("number", 1)], corrects=True)
    assert update(bad, corrected).facts.pain_severity == 8
    worse = Understanding([Finding("number", 9)], corrects=True)
    assert update(bad, worse).facts.pain_severity == 9


@pytest.mark.parametrize("said", ["I ticked the wrong line, it is 1", "wrong number, it's 2"])
def test_the_number_of_a_line_is_no_strength(said: str) -> None:
    bad = replace(asking(Slot.BACK_SIGNS, pain_severity=8), answered=(Slot.HEALTH_CONDITIONS,))
    assert after(bad, said).facts.pain_severity == 8


@pytest.mark.parametrize("said", ["5 not 7. do it again", "its 5 not 7", "not 7 then. 5."])
def test_a_strength_that_is_denied_is_taken_back(said: str) -> None:
    result = replace(asking(Slot.BACK_SIGNS, pain_severity=7), asked=None)
    assert after(result, said).facts.pain_severity == 5


@pytest.mark.parametrize(
    "said",
    [
        *(
            "I'd rather not live",
            "I'd sooner not be alive",
            "I don't want to go on",
            "no point any more",
        ),
        *(
            "no I am not safe",
            "no, never safe with him",
            "I don't want to",
            "not safe",
            "sometimes",
        ),
    ],
)
def test_what_may_be_a_danger_is_no_refusal_to_say(said: str) -> None:
    heard = after(asking(Slot.SAFETY), said)
    told = bool(heard.facts.emergency_signs | heard.facts.health_conditions)
    assert told or Slot.SAFETY not in heard.facts.checked
