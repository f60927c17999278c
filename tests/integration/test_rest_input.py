"""Bad input over REST: a sentence and an HTTP 4xx, or a question again; never a 500."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest

from tests.talking import Patient, post


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b"[1, 2]", "bad_json"),
        (b'"text"', "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"[" * 20_000, "bad_json"),
        (b'{"message": "my back hurts"}', "no_sender"),
        (b'{"sender": "", "message": "x"}', "no_sender"),
        (b'{"sender": 5, "message": "x"}', "no_sender"),
        (b'{"sender": "a b", "message": "x"}', "bad_sender"),
        (b'{"sender": "' + b"a" * 200 + b'", "message": "x"}', "bad_sender"),
        (b'{"sender": "abc"}', "no_message"),
        (b'{"sender": "abc", "message": null}', "no_message"),
        (b'{"sender": "abc", "message": {"a": 1}}', "no_message"),
    ],
)
def test_a_request_that_is_no_message_is_refused_with_a_sentence(
    live_server: str, body: bytes, code: str
) -> None:
    status, answer = post(live_server, body)
    assert status == 400
    assert answer["error"] == code
    assert answer["message"].endswith(".") or " " in answer["message"]


def test_ten_thousand_characters_are_refused_with_a_sentence(live_server: str) -> None:
    body = json.dumps({"sender": "long", "message": "my back hurts " * 800}).encode()
    status, answer = post(live_server, body)
    assert status == 413
    assert "4000" in answer["message"]


def test_a_huge_body_is_refused(live_server: str) -> None:
    status, _ = post(live_server, b"x" * 200_000)
    assert status == 413


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE assessments; --",
        "<script>alert(1)</script>",
        "\x00\x01\x02 my back",
        "\ud800 lone surrogate",
        "{consent} {0} %s",
        "א" * 3000,
        "numb " * 700,
        "1 2 3 4 5 6 7 8 9 " * 150,
        "no " * 1200,
        "/restart",
        '/inform{"age": "5"}',
        "EXTERNAL: utter_result_massage",
    ],
)
def test_odd_text_is_answered_like_any_other(live_server: str, text: str) -> None:
    patient = Patient(live_server)
    messages = patient.say(text)
    assert messages
    assert patient.asked == "consent" or patient.result is not None


def test_a_slash_does_not_hide_an_emergency(live_server: str) -> None:
    patient = Patient(live_server)
    patient.say("/both my legs are numb")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


def test_messages_of_one_person_at_once_are_handled_in_turn(live_server: str) -> None:
    patient = Patient(live_server)
    patient.say("sore back")
    patient.answer_until("pain_duration")
    texts = ["3 weeks", "it's a 4 out of 10"]
    threads = [threading.Thread(target=Patient.say, args=(patient, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    patient.say("hello")
    assert patient.asked == "health_conditions"


def test_an_unknown_path_is_a_404_with_a_sentence(live_server: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{live_server}/conversations/x/tracker")
    assert caught.value.code == 404
    assert json.load(caught.value)["message"]


def test_metrics_and_health_answer(live_server: str) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        with urllib.request.urlopen(live_server + path) as answer:
            assert answer.status == 200


def test_a_message_sent_again_is_heard_once(live_server: str) -> None:
    patient = Patient(live_server)
    patient.say("sore back")
    patient.answer_until("emergency_signs")
    body = json.dumps({"sender": patient.id, "message": "None of these", "message_id": "m1"})
    first = post(live_server, body.encode())
    assert post(live_server, body.encode()) == first
    patient.say("hello")
    assert patient.asked == "danger_signs"
