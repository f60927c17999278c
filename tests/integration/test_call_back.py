"""Somebody who wants to be called, in a conversation with a running server."""

from __future__ import annotations

import pytest

from backline.clock import utcnow
from backline.store import By, WhomToCall, create_store
from tests.conftest import Server
from tests.talking import Patient

TOM = WhomToCall("Tom", "+61400123456")


@pytest.fixture
def patient(served: Server) -> Patient:
    return Patient(served.url)


def to_call(served: Server, patient: Patient) -> WhomToCall | None:
    store = create_store(served.database_url)
    try:
        return store.call_backs.show(patient.id, By("Robin", "test", utcnow()))
    finally:
        store.close()


def test_who_gives_name_and_number_at_once_is_called_and_asked_on(
    served: Server, patient: Patient
) -> None:
    patient.say("My name is Tom, number 0400 123 456, please call me")
    assert "Thank you, Tom." in patient.heard and "ends in 456" in patient.heard
    assert "0400" not in patient.heard
    assert patient.asked == "consent"
    assert to_call(served, patient) == TOM


@pytest.mark.parametrize(
    "wish",
    ["I want to talk to a person", "can somebody ring me", "I want a call back"],
)
def test_who_wants_a_person_is_offered_a_call_and_gives_the_number(
    served: Server, patient: Patient, wish: str
) -> None:
    patient.say("yes")
    patient.talk("hello", wish)
    assert "Shall the clinic call you?" in patient.heard and "000" in patient.heard
    question = patient.asked
    patient.say("Tom 0400 123 456")
    assert "ends in 456" in patient.heard
    assert patient.asked == question
    assert to_call(served, patient) == TOM


def test_it_is_arranged_after_the_result_too_and_nothing_is_said_twice(
    served: Server, patient: Patient
) -> None:
    patient.talk("my back has hurt for 3 weeks", "yes")
    patient.answer_until("age")
    patient.say("numb between my legs since today")
    assert patient.result is not None and patient.result["urgency"] == "emergency"
    patient.say("My name is Tom, number 0400 123 456, please call me")
    assert patient.heard.index("000") < patient.heard.index("I gave your number to the clinic")
    assert to_call(served, patient) == TOM


def test_who_said_no_to_storing_can_be_called_all_the_same(
    served: Server, patient: Patient
) -> None:
    patient.talk("hello", "no", "can somebody ring me")
    assert "Shall the clinic call you?" in patient.heard
    patient.say("Tom 0400 123 456")
    assert "ends in 456" in patient.heard
    assert patient.asked is None
    assert to_call(served, patient) == TOM


def test_deleting_takes_the_number_along(served: Server, patient: Patient) -> None:
    patient.talk("My name is Tom, number 0400 123 456, please call me", "delete my data", "yes")
    assert to_call(served, patient) is None


def test_a_number_that_cannot_be_one_is_asked_for_again(served: Server, patient: Patient) -> None:
    patient.talk("hello", "can somebody ring me", "0400 123 45")
    assert "with the area code" in patient.heard
    assert to_call(served, patient) is None
    patient.say("0400 123 456")
    assert "What is your name?" in patient.heard
    patient.say("my name is Tom")
    assert "Thank you, Tom" in patient.heard
    assert to_call(served, patient) == TOM


def test_a_danger_sign_beside_the_number_is_met_with_the_call_first(
    served: Server, patient: Patient
) -> None:
    patient.say("I'm Tom, call me on 0400 123 456, I can't feel it when I wipe since today")
    assert patient.result is not None and patient.result["urgency"] == "emergency"
    assert patient.heard.index("000") < patient.heard.index("I gave your number to the clinic")
    assert to_call(served, patient) == TOM
