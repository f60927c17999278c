"""Who is in another country than the clinic gets the numbers of theirs, from then on."""

from __future__ import annotations

import pytest

from tests.after_emergency import CRISIS, EMERGENCY
from tests.plain import PLAIN
from tests.talking import Patient

INJURED_AT_70 = {**PLAIN, "back_signs": "yes, I fell", "age": "70", "follow_up": "yes"}


@pytest.fixture
def patient(live_server: str) -> Patient:
    return Patient(live_server)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("So I must go to the hospital now? Which number in South Africa?", "10177"),
        ("000 it does not go through. I am in Cape Town!! Which number", "10177"),
        ("000 doesn't work here I told you its 911", "911"),
        ("000? I'm in Bristol. Anyway thanks, we're going", "999"),
        ("nah surely not 000, its 111 here anyway. can i ride my bike to the doc tomorrow?", "111"),
    ],
)
def test_the_call_is_the_one_of_their_country_as_long_as_it_stands(
    patient: Patient, text: str, number: str
) -> None:
    patient.say(EMERGENCY)
    patient.say(text)
    assert patient.heard.startswith(f"Please call {number}")
    patient.say("ok")
    assert patient.heard.startswith(f"Please call {number}")
    assert "000" not in patient.heard


def test_the_button_of_a_website_dials_it(patient: Patient) -> None:
    patient.say(EMERGENCY)
    reply = patient.say("I am in Johannesburg")
    assert [m["custom"]["number"] for m in reply if m.get("custom")] == ["10177"]


def test_so_is_the_crisis_line(patient: Patient) -> None:
    patient.talk(CRISIS, "which number do i ring in england?")
    assert "the crisis line is 116 123" in patient.heard
    assert "13 11 14" not in patient.heard


def test_an_emergency_that_is_told_later_has_the_number_already(patient: Patient) -> None:
    patient.talk("my back hurts, I am in Chicago", "yes", EMERGENCY)
    assert "Call 911" in patient.heard
    assert "000" not in patient.heard


def test_at_consent_it_is_said_and_the_question_stays(patient: Patient) -> None:
    patient.talk("my back hurts", "000? it's 999 here in Leeds")
    assert "In the United Kingdom the number for an emergency is 999." in patient.heard
    assert patient.asked == "consent"


def test_after_an_urgent_result_it_is_said_alone(patient: Patient) -> None:
    patient.say("my back hurts")
    assert patient.answer_all(INJURED_AT_70)["urgency"] == "urgent"
    patient.say("I am in Pune, what is this 1800 number?")
    assert "In India the number for an emergency is 112." in patient.heard
    assert "no good answer" not in patient.heard
    assert "Which of it is not right" not in patient.heard


def test_what_is_asked_in_the_same_message_is_answered_with_the_numbers_of_there(
    patient: Patient,
) -> None:
    patient.say("my back hurts")
    assert patient.answer_all(INJURED_AT_70)["urgency"] == "urgent"
    patient.say("I asked Thursday. Please tell yes or no. And I am in Pune, what is this number")
    assert "No, it cannot wait" in patient.heard
    assert "000" not in patient.heard and "1800 022 222" not in patient.heard


def test_a_number_that_does_not_work_gets_those_that_may(patient: Patient) -> None:
    patient.talk(EMERGENCY, "that number does not work")
    assert patient.heard.startswith("Please call 000 now.")
    assert "112" in patient.heard and "999 in the United Kingdom" in patient.heard


def test_deleting_forgets_the_country(patient: Patient) -> None:
    patient.talk("I am in Durban, my back hurts", "delete my data", "yes", "hello")
    assert "in an emergency call 000" in patient.heard
