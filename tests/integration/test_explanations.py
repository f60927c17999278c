"""What somebody asks about the open question is answered, and costs them nothing."""

from __future__ import annotations

import pytest

from tests.talking import FIRST, Patient


@pytest.fixture
def patient(live_server: str) -> Patient:
    return Patient(live_server)


@pytest.mark.parametrize(
    "question",
    ["do I have to?", "is it safe?", "can I say no?", "must I?", "what am I agreeing to?", "why?"],
)
def test_who_asks_about_agreeing_hears_what_is_stored_and_that_no_is_fine(
    patient: Patient, question: str
) -> None:
    patient.talk("my back is sore", question)
    assert "90 days" in patient.heard
    assert "say no" in patient.heard
    assert patient.asked == "consent"


def test_asking_about_agreeing_is_no_failed_answer(patient: Patient) -> None:
    patient.talk("my back is sore", "must I?", "do I have to?", "is it optional?", "yes")
    assert patient.asked == FIRST


def test_elsewhere_the_same_words_are_about_something_else(patient: Patient) -> None:
    patient.say("my back is sore")
    patient.answer_until("pain_duration")
    patient.say("is it safe?")
    assert "90 days" not in patient.heard
    assert patient.asked == "pain_duration"


@pytest.mark.parametrize(
    ("asked", "question", "words"),
    [
        ("emergency_signs", "what is number 4?", "Numb private parts during sex"),
        ("danger_signs", "I don't understand number 5", "Fever with confusion"),
        ("emergency_signs", "what's the second one mean?", "Trouble passing urine"),
        ("back_signs", "what does 4 mean?", "Stiffness in the morning"),
    ],
)
def test_a_line_of_the_list_is_explained_and_the_list_asked_again(
    patient: Patient, asked: str, question: str, words: str
) -> None:
    patient.say("my back is sore")
    patient.answer_until(asked)
    explained, *_ = patient.say(question)
    assert words in explained["text"]
    assert patient.asked == asked
    assert patient.result is None


def test_asking_about_lines_is_neither_a_pick_nor_a_failed_answer(patient: Patient) -> None:
    patient.say("my back is sore")
    patient.answer_until("emergency_signs")
    patient.talk("what is 1?", "not sure what 2 means", "what is 3?", "none of these")
    assert patient.asked == "danger_signs"
    assert patient.result is None


def test_a_line_that_the_list_does_not_have_is_explained_by_the_question(patient: Patient) -> None:
    patient.say("my back is sore")
    patient.answer_until("emergency_signs")
    patient.say("what is number 25?")
    assert "I ask because" in patient.heard
    assert patient.asked == "emergency_signs"


@pytest.mark.parametrize(
    "question",
    ["can I have a massage?", "how many massages will I need?", "can I book a massage?"],
)
def test_no_answer_praises_a_massage_once_a_doctor_has_to_look_first(
    patient: Patient, question: str
) -> None:
    patient.say("my back is sore and I take warfarin")
    patient.answer_until("emergency_signs")
    patient.say(question)
    assert "doctor has examined" in patient.heard
    assert "may ease" not in patient.heard
    assert "{" not in patient.heard
    assert patient.asked == "emergency_signs"
    assert patient.result is None


def test_a_written_answer_has_the_words_for_who_sees_a_doctor_first(patient: Patient) -> None:
    patient.talk("my back is sore and I take warfarin", "yes", "how soon can I have a massage?")
    assert "sharp pain has eased" not in patient.heard
    assert "{" not in patient.heard
