"""What may be of a danger and was not understood is asked about, with the running server."""

from __future__ import annotations

import re

import pytest

from tests.plain import PLAIN
from tests.talking import FIRST, Patient

OPENING = "stiff back for two weeks and there was loss of blood"
QUESTION = re.compile('You wrote "[a-z ]*loss of blood". Where from, and is it now[?]')


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("no", "massage/none"),
        ("yes", "doctor_first/urgent"),
        ("I am not sure", "doctor_first/soon"),
        ("I can't pee any more", "doctor_first/emergency"),
    ],
)
def test_the_answer_decides(live_server: str, answer: str, expected: str) -> None:
    patient = Patient(live_server)
    patient.talk(OPENING, "yes")
    assert QUESTION.search(patient.heard)
    patient.say(answer)
    result = patient.result or patient.answer_all(PLAIN)
    assert f"{result['outcome']}/{result['urgency']}" == expected


def test_a_question_in_between_and_going_back_ask_it_again(live_server: str) -> None:
    patient = Patient(live_server)
    patient.talk(OPENING, "yes", "why do you ask?")
    assert patient.asked == "suspicion"
    patient.say("no")
    assert patient.asked == FIRST
    patient.say("go back")
    assert patient.asked == "suspicion"
    assert QUESTION.search(patient.heard)


def test_an_edited_answer_that_is_a_no_makes_less_of_no_yes(live_server: str) -> None:
    patient = Patient(live_server)
    patient.talk(OPENING, "yes", "yes", "sorry, I meant no")
    assert patient.asked == "emergency_signs"
    assert patient.answer_all(PLAIN)["urgency"] == "urgent"
