"""A sentence that is a no answers a list wherever it stands, and hides no danger beside it."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EmergencySign, Facts, HealthCondition, Slot
from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))
NOES = [
    "Certainly not, thank you. I am quite well apart from this.",
    "I said certainly not. None.",
    "nup",
    "jesus no. whats that got to do with my back",
    "Good gracious. No. My husband is a lamb.",
    "Only my own age lol. No love I'm happy as Larry",
    "No such problem. Only my question was, is it due to chair and sitting only?",
    "I already told no such problem!!",
    "ok he say he feel everything when he wash. so none",
    "No, thank you, all good at home, only my husband snores",
    "No to these others also",
    "no sir. you gonna set me up with somebody or what",
    "whit? naw",
    "nah mate",
    "heavens no",
    "absolutely not",
    "not at all",
    "och away, nothing of the kind",
    "I told you already. God no.",
]


def after(text: str, asked: Slot) -> Facts:
    """What is known after an answer to a question."""
    before = Conversation(consent=True, asked=asked)
    return update(before, Understanding(READER.read(text), digresses=True)).facts


@pytest.mark.parametrize("asked", [Slot.EMERGENCY_SIGNS, Slot.SAFETY, Slot.HEALTH_CONDITIONS])
@pytest.mark.parametrize("text", NOES)
def test_a_sentence_that_is_a_no_answers_a_list(text: str, asked: Slot) -> None:
    assert asked in after(text, asked).checked


@pytest.mark.parametrize("text", NOES)
def test_a_danger_beside_it_is_told(text: str) -> None:
    told = after(f"{text} But I can't feel between my legs.", Slot.EMERGENCY_SIGNS)
    assert EmergencySign.SADDLE_NUMBNESS in told.emergency_signs


def test_the_number_of_none_of_these_counts_before_a_question() -> None:
    text = "6. What is this, same question four times"
    assert Slot.EMERGENCY_SIGNS in after(text, Slot.EMERGENCY_SIGNS).checked


@pytest.mark.parametrize(
    "text",
    [
        "I can't say no to cake",
        "it is not me it is my wife",
        "no idea what that means",
        "my back is sore, nothing to read here",
        "It started in May. No idea why",
    ],
)
def test_what_is_no_such_sentence_answers_nothing(text: str) -> None:
    assert Slot.EMERGENCY_SIGNS not in after(text, Slot.EMERGENCY_SIGNS).checked


def test_a_no_behind_other_words_answers_no_question_of_one_thing() -> None:
    assert after("My daughter asks. No.", Slot.RECENT_INJURY).recent_injury is None


def test_a_no_at_the_beginning_does() -> None:
    assert after("heavens no", Slot.RECENT_INJURY).recent_injury is False


def test_a_none_but_one_is_that_one() -> None:
    told = after("Well well. None but 3", Slot.HEALTH_CONDITIONS)
    assert HealthCondition.CANCER_HISTORY in told.health_conditions
