"""What a bare number is of: a line, an age or a strength, by what was asked and told beside it."""

from __future__ import annotations

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EMERGENCY_LISTS, Facts, Slot
from backline.nlu.rasa_components import read_text

AGREED = Facts(checked=EMERGENCY_LISTS)


def after(asked: Slot, text: str, facts: Facts = AGREED) -> Facts:
    asking = Conversation(facts=facts, consent=True, asked=asked)
    return update(asking, Understanding(read_text(text))).facts


@pytest.mark.parametrize(
    "text", ["None of the first. 1 and 5", "no to most. 1, 5", "not the others; 1 & 5."]
)
def test_lines_that_are_a_sentence_of_their_own_are_ticked(text: str) -> None:
    facts = after(Slot.BACK_SIGNS, text)
    assert facts.recent_injury is True
    assert facts.muscle_spasm is True


def test_two_lines_are_no_age() -> None:
    assert after(Slot.AGE, "1 and 5").age is None


def test_one_number_is_an_age_where_that_is_asked() -> None:
    assert after(Slot.AGE, "41").age == 41


def test_a_number_of_no_line_is_the_age_that_nobody_knew() -> None:
    facts = after(Slot.BACK_SIGNS, "41")
    assert facts.age == 41
    assert Slot.BACK_SIGNS not in facts.checked


@pytest.mark.parametrize("text", ["5", "3", "12", "130"])
def test_a_number_that_may_be_a_line_is_no_age_at_a_list(text: str) -> None:
    assert after(Slot.BACK_SIGNS, text).age is None


def test_an_age_that_is_known_stays_at_a_list() -> None:
    known = Facts(checked=EMERGENCY_LISTS, age=30)
    assert after(Slot.BACK_SIGNS, "41", known).age == 30


@pytest.mark.parametrize(
    ("text", "severity"),
    [("not severe. 5", 5), ("mild, 3", 3), ("unbearable. 5", 10), ("not severe", 2)],
)
def test_a_number_beside_a_word_counts_and_makes_it_no_less(text: str, severity: int) -> None:
    assert after(Slot.PAIN_SEVERITY, text).pain_severity == severity


@pytest.mark.parametrize(
    "text",
    ["pain goes down my left leg", "the pain shoots into my right calf", "pain in my left leg"],
)
def test_where_it_hurts_is_no_word_about_a_massage(text: str) -> None:
    assert after(Slot.MASSAGE_RESPONSE, text).massage_response is None


@pytest.mark.parametrize("text", ["more pain", "worse, the pain shot down my leg", "it hurt"])
def test_a_massage_that_hurt_stays_one(text: str) -> None:
    told = after(Slot.MASSAGE_RESPONSE, text).massage_response
    assert told is not None
    assert told.value == "worse"


def test_a_strain_that_is_named_by_its_lift_is_told_beside_spasms() -> None:
    facts = after(Slot.BACK_SIGNS, "spasms yeah and the deadlift, rest no")
    assert facts.recent_injury is True
    assert facts.muscle_spasm is True
