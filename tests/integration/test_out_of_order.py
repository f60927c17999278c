"""Messages of a browser that answer no question that is open, over both of its ways."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio

from tests.talking import FIRST, asked_in, post

Say = Callable[..., list[dict[str, Any]]]


@pytest.fixture(params=["rest", "socket"])
def say(request: pytest.FixtureRequest, live_server: str) -> Iterator[Say]:
    """Send a message of a new conversation, with fields beside its text; the reply."""
    conversation = f"web-{uuid.uuid4().hex}"

    def by_rest(text: str, **fields: str) -> list[dict[str, Any]]:
        body = {"sender": conversation, "message": text, "message_id": uuid.uuid4().hex, **fields}
        status, messages = post(live_server, json.dumps(body).encode())
        assert status == 200
        return list(messages)

    if request.param == "rest":
        yield by_rest
        return
    with socketio.SimpleClient() as client:
        client.connect(live_server, transports=["websocket"])
        client.call("session_request", {"session_id": conversation})

        def by_socket(text: str, **fields: str) -> list[dict[str, Any]]:
            event = {"message": text, "message_id": uuid.uuid4().hex, **fields}
            return list(client.call("user_uttered", event, timeout=30)["messages"])

        yield by_socket


def urgencies(messages: list[dict[str, Any]]) -> list[str]:
    customs = [m.get("custom") or {} for m in messages]
    return [c["urgency"] for c in customs if c.get("type") == "triage_result"]


def test_an_early_message_leaves_the_open_question_open(say: Say) -> None:
    assert asked_in(say("my back hurts")) == "consent"
    assert asked_in(say("no, not really", manner="early")) == "consent"
    assert asked_in(say("yes")) == FIRST


def test_a_late_message_answers_the_question_that_it_was_written_for(say: Say) -> None:
    say("my back hurts")
    say("it began two weeks ago", manner="early")
    assert asked_in(say("yes", manner="late", answers="consent")) == FIRST


def test_an_early_message_tells_an_emergency(say: Say) -> None:
    say("my back hurts")
    reply = say("both my legs are numb and I wet myself", manner="early")
    assert urgencies(reply) == ["emergency"]


def test_an_early_message_tells_an_emergency_after_consent_was_declined(say: Say) -> None:
    say("my back hurts")
    say("no")
    reply = say("both my legs are numb and I wet myself", manner="early")
    assert urgencies(reply) == ["emergency"]


@pytest.mark.parametrize("manner", ["changed", "", "EARLY"])
def test_an_unknown_manner_is_left_out_and_the_message_heard(say: Say, manner: str) -> None:
    say("my back hurts")
    assert asked_in(say("yes", manner=manner)) == FIRST
