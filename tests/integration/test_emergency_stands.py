"""After an emergency was told, on the REST channel: it stands until it has ended."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.after_emergency import CRISIS, EMERGENCY, MESSAGES
from tests.conftest import Server
from tests.plain import PLAIN
from tests.talking import FIRST, Patient

CALL = "Please call 000 now."
CRISIS_LINE = "Please talk to someone now: the crisis line is 13 11 14"
CLOSED = ("clinic.example/book", "$95", "Keep moving", "Goodbye", "You are welcome", "Hello")


@pytest.fixture
def patient(live_server: str) -> Patient:
    return Patient(live_server)


def markers(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m["custom"] for m in messages if m.get("custom")]


def test_every_reply_begins_with_the_call(patient: Patient) -> None:
    patient.say(EMERGENCY)
    for message in MESSAGES:
        reply = patient.say(message)
        assert reply[0]["text"].startswith(CALL), message
        assert not any(word in patient.heard for word in CLOSED), message
        assert {name: markers(reply)[0][name] for name in ("type", "holds")} == {
            "type": "emergency_standing",
            "holds": True,
        }
        assert patient.asked is None


def test_the_crisis_line_is_told_each_time_and_whether_somebody_is_safe(patient: Patient) -> None:
    patient.say(CRISIS)
    for message in MESSAGES:
        patient.say(message)
        assert patient.heard.startswith(CRISIS_LINE), message
        assert patient.heard.rstrip().endswith("Are you safe now?"), message
        assert not any(word in patient.heard for word in CLOSED), message


def test_what_to_say_is_made_of_their_own_facts(patient: Patient) -> None:
    patient.say("I'm 61, back pain for two days, my bottom is numb and I can't pass water")
    patient.say("what do I tell the operator?")
    assert "numbness between the legs and trouble passing urine" in patient.heard
    assert "Age 61" in patient.heard


def test_another_sign_is_told_with_the_first(patient: Patient) -> None:
    patient.say(EMERGENCY)
    reply = patient.say("and now I have passed out")
    assert markers(reply)[0]["urgency"] == "emergency"
    assert "fainting" in markers(reply)[0]["facts"]["emergency_signs"]


def test_a_mistake_ends_it_only_when_it_is_told_twice(patient: Patient) -> None:
    patient.talk(EMERGENCY, "sorry, I clicked the wrong line")
    assert patient.asked == "check"
    assert patient.heard.startswith(CALL)
    patient.say("no")
    assert not patient.heard.startswith(CALL)
    assert patient.asked == "consent"
    patient.say("yes")
    assert patient.asked == FIRST


def test_who_has_it_after_all_is_told_again(patient: Patient) -> None:
    patient.talk(EMERGENCY, "that was a mistake", "yes")
    assert patient.heard.startswith(CALL)
    patient.say("book me a massage")
    assert patient.heard.startswith(CALL)


def test_who_was_seen_may_ask_and_book_again(patient: Patient) -> None:
    patient.talk(EMERGENCY, "I was seen at the hospital and they sent me home")
    assert "glad that you were seen" in patient.heard
    patient.say("how much is a massage?")
    assert "$95" in patient.heard


def test_a_sign_after_being_seen_is_an_emergency_again(patient: Patient) -> None:
    patient.talk(EMERGENCY, "the paramedics checked me over")
    patient.say("now I have lost control of my bowels")
    assert patient.result is not None
    assert "Call 000" in patient.heard


def test_another_patient_begins_anew_and_the_first_is_not_forgotten(patient: Patient) -> None:
    patient.talk(EMERGENCY, "now it is about my wife, her neck is stiff")
    assert patient.heard.startswith(CALL)
    assert patient.asked == "consent"
    patient.say("yes")
    assert patient.asked == FIRST


def assessments(server: Server, patient: Patient) -> list[tuple[Any, ...]]:
    path = server.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        return connection.execute(
            "SELECT urgency, patient, emergency_ended FROM assessments"
            " WHERE conversation_id = ? ORDER BY id",
            (patient.id,),
        ).fetchall()


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        (["that was a mistake", "no"], ("none", 1, "mistake")),
        (["a doctor has examined me", "start over", "yes"], ("none", 1, "seen")),
        (["new patient please"], ("none", 2, None)),
    ],
)
def test_a_lesser_result_comes_only_after_it_ended_and_both_are_kept(
    served: Server, ends: list[str], kept: tuple[Any, ...]
) -> None:
    patient = Patient(served.url)
    patient.talk(EMERGENCY, *ends)
    patient.answer_all(PLAIN)
    assert assessments(served, patient) == [("emergency", 1, None), kept]


def test_deleting_is_done_after_a_yes_and_with_the_call(patient: Patient) -> None:
    patient.talk(EMERGENCY, "delete my data")
    assert patient.heard.startswith(CALL)
    assert patient.asked == "check"
    patient.say("yes")
    assert patient.heard.startswith(CALL)
    assert "deleted" in patient.heard


# ---- Urgent, more softly -----------------------------------------------------------------------


@pytest.mark.parametrize("message", ["can I book a massage?", "which exercises help?", "thank you"])
def test_who_should_see_a_doctor_today_is_sent_there_first(patient: Patient, message: str) -> None:
    patient.say("my back aches and I have a fever")
    patient.answer_all(PLAIN)
    patient.say(message)
    assert "see a doctor today" in patient.heard
    assert "clinic.example/book" not in patient.heard


# ---- Wishes are asked back ---------------------------------------------------------------------


def test_a_restart_is_asked_back_and_can_be_taken_back(patient: Patient) -> None:
    patient.say("sore back, I take warfarin")
    patient.answer_until("danger_signs")
    patient.say("start over")
    assert patient.asked == "check"
    patient.say("yes")
    assert patient.asked == FIRST
    patient.say("undo")
    result = patient.answer_all(PLAIN)
    assert result["facts"]["health_conditions"] == ["blood_thinners"]


def test_a_no_goes_on_where_it_was(patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_until("pain_duration")
    patient.talk("delete my data", "no")
    assert patient.asked == "pain_duration"


def test_what_is_no_answer_to_a_wish_is_heard_as_usual(patient: Patient) -> None:
    patient.say("sore back")
    patient.answer_until("pain_duration")
    patient.talk("start over", "3 weeks")
    assert patient.asked == "pain_severity"
