"""A ticked danger sign is asked about at once, and nothing else is answered before that."""

from __future__ import annotations

import pytest

from tests.plain import PLAIN
from tests.talking import Patient

TITLE = "Pain, numbness or weakness in both legs, or legs giving way"


@pytest.fixture
def patient(live_server: str) -> Patient:
    return Patient(live_server)


@pytest.fixture
def ticked(patient: Patient) -> Patient:
    """Somebody who has just ticked both legs."""
    patient.say("sore back for 3 weeks")
    patient.answer_until("emergency_signs")
    patient.say(TITLE)
    return patient


def test_the_title_of_a_line_is_a_tick_and_the_call_stands_beside_the_question(
    ticked: Patient,
) -> None:
    assert ticked.asked == "follow_up"
    assert "call 000 now" in ticked.heard
    assert ticked.result is None


@pytest.mark.parametrize(
    "other",
    [
        "can I book a massage?",
        "how much does it cost?",
        "what should I do meanwhile?",
        "why do you ask that?",
        "thanks, bye",
        "I want to talk to a person",
    ],
)
def test_nothing_else_is_answered_before_it_is_settled(ticked: Patient, other: str) -> None:
    ticked.say(other)
    assert ticked.asked == "follow_up"
    assert "000" in ticked.heard
    assert "$" not in ticked.heard
    assert "http" not in ticked.heard
    ticked.say(other)
    assert ticked.result is not None
    assert ticked.result["urgency"] == "emergency"


@pytest.mark.parametrize(
    "answer",
    [
        "yes since sunday",
        "not sure",
        "it came with this pain",
        "had that for years but it's worse this week",
    ],
)
def test_an_answer_in_words_that_means_new_is_an_emergency(ticked: Patient, answer: str) -> None:
    ticked.say(answer)
    assert ticked.result is not None
    assert ticked.result["urgency"] == "emergency"


@pytest.mark.parametrize("answer", ["No", "nope", "no, not at all"])
def test_older_signs_are_asked_whether_their_cause_is_known(ticked: Patient, answer: str) -> None:
    ticked.say(answer)
    assert ticked.result is None
    assert ticked.asked == "follow_up"
    assert "found the cause" in ticked.heard
    assert ticked.answer_all(PLAIN)["urgency"] == "urgent"


def test_the_wrong_line_is_taken_back_and_the_list_asked_again(ticked: Patient) -> None:
    ticked.say("sorry, wrong line")
    assert ticked.asked == "emergency_signs"
    assert ticked.answer_all(PLAIN)["outcome"] == "massage"


def test_thoughts_that_were_ticked_get_the_crisis_line_at_once_and_the_question(
    patient: Patient,
) -> None:
    patient.say("sore back for 3 weeks")
    patient.answer_until("safety")
    patient.say("1")
    assert "13 11 14" in patient.heard
    patient.say("no")
    assert patient.result is not None
    assert patient.result["urgency"] == "urgent"
    assert "13 11 14" in patient.heard
    assert "see a doctor today" in patient.heard


@pytest.mark.parametrize(
    "answer",
    [
        "No, I am going to kill myself",
        "no, but I have the pills here",
        "no, not yet",
    ],
)
def test_a_no_that_goes_on_is_never_taken_for_less(patient: Patient, answer: str) -> None:
    patient.say("sore back for 3 weeks")
    patient.answer_until("safety")
    patient.talk("1", answer)
    if patient.result is None:
        assert patient.asked == "follow_up"
        patient.say(answer)
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


def test_an_emergency_of_nerve_signs_that_are_years_old_is_asked_back_with_the_call_first(
    patient: Patient,
) -> None:
    patient.say("my back aches and both my legs are numb")
    assert patient.result is not None
    patient.say("had that for 12 years, never changed")
    assert patient.heard.startswith("Please call 000 now.")
    assert "worse than 4 weeks ago" in patient.heard
    patient.say("no")
    assert "a doctor has to look at it" in patient.heard
    assert patient.asked == "consent"
    result = patient.answer_all(PLAIN)
    assert result["urgency"] == "urgent"
    assert result["facts"]["emergency_signs"] == ["both_legs"]
