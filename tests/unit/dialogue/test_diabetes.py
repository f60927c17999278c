"""Diabetes counts by what it has done to the feet; with good ones it is a note to the therapist."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.dialogue.answers import read_answer
from backline.facts import CHECKLISTS, Facts, Finding, HealthCondition, Outcome, Slot
from backline.nlu.pipeline import Understander
from backline.policy import decide
from tests.plain import PLAIN_FACTS

DIABETES = HealthCondition.DIABETES_NEUROPATHY
PLAIN = replace(PLAIN_FACTS, checked=CHECKLISTS)
DIABETIC = replace(PLAIN, health_conditions=frozenset({DIABETES}))
READER = Understander(lambda: dt.date(2026, 11, 29))


def asked(facts: Facts) -> Conversation:
    conversation = Conversation(facts=facts, consent=True, answered=(Slot.PAIN_SEVERITY,))
    return replace(conversation, asked=conversation.next_question())


def after(conversation: Conversation, text: str) -> Conversation:
    told = update(conversation, Understanding(tuple(READER.read(text))))
    return replace(told, asked=told.next_question())


@pytest.mark.parametrize(
    "text", ["type 2 diabetes, metformin", "I'm diabetic", "diabetic since 2010"]
)
def test_who_names_diabetes_is_asked_about_the_feet(text: str) -> None:
    conversation = after(asked(PLAIN), text)
    assert conversation.follow_up == "diabetes_feet"


@pytest.mark.parametrize(
    "text", ["type 2 diabetes with neuropathy", "diabetic, and a sore on my foot"]
)
def test_who_tells_of_harmed_feet_is_not(text: str) -> None:
    conversation = after(asked(PLAIN), text)
    assert conversation.asked is None
    assert decide(conversation.facts).rule.id == "D4"


@pytest.mark.parametrize("text", ["no", "they feel ok", "no, my feet are fine", "no they're fine"])
def test_good_feet_are_a_note(text: str) -> None:
    conversation = after(asked(DIABETIC), text)
    result = decide(conversation.facts)
    assert result.outcome is Outcome.MASSAGE
    assert DIABETES.value in result.notes


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "a bit of tingling in the toes",
        "I can't feel my toes",
        "nerve damage in my feet",
        "numb feet",
    ],
)
def test_harmed_feet_are_for_a_doctor_and_no_emergency(text: str) -> None:
    conversation = after(asked(DIABETIC), text)
    assert conversation.asked is None
    assert decide(conversation.facts).rule.id == "D4"


@pytest.mark.parametrize(
    "text", ["diabetes with numb feet", "I'm diabetic, both feet have been numb for ten years"]
)
def test_numb_feet_of_diabetes_are_asked_about_before_they_are_an_emergency(text: str) -> None:
    conversation = after(asked(PLAIN), text)
    assert conversation.follow_up == "nerves_new"
    assert after(conversation, "yes").emergency
    assert not after(conversation, "no").emergency


def test_numb_feet_of_diabetes_that_are_new_are_one() -> None:
    assert after(asked(PLAIN), "I'm diabetic and both my feet went numb since Friday").emergency


def test_feet_that_went_numb_lately_may_be_of_the_back() -> None:
    assert after(asked(DIABETIC), "yes both feet went numb since last week").emergency


def test_who_cannot_tell_is_seen_by_a_doctor() -> None:
    conversation = asked(DIABETIC)
    for _ in range(2):
        conversation = after(conversation, "I don't know")
    assert decide(conversation.facts).rule.id == "D4"


def test_the_line_of_the_list_says_it_all() -> None:
    facts = replace(PLAIN, parted=frozenset({Slot.HEART_OR_FITS}))
    picked = Finding("pick", 3, source="answers:leading")
    told, _ = read_answer(facts, facts, Slot.HEART_OR_FITS, [picked])
    assert told.detail(DIABETES.value).pattern is True
