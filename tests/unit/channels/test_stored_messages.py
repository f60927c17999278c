"""What came is stored so that servers of this version and of the one before can read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backline.channels.messaging.messages import Incoming, Kind

FIELDS_BEFORE = {
    *("key", "address", "kind", "text", "message", "order", "choice", "receipt", "written_at"),
    "note",
}
MESSAGES = [
    (Incoming("1", "ada", Kind.TEXT, "hello"), ""),
    (Incoming("1", "ada", Kind.START, link="leaflet"), "leaflet"),
    (Incoming("1", "ada", Kind.STOP), ""),
    (Incoming("1", "ada", Kind.STOP, answered_by_service=True), "stop"),
    (Incoming("1", "ada", Kind.HELP, answered_by_service=True), "help"),
    (Incoming("1", "ada", Kind.TOO_FAST, "and another"), ""),
    (Incoming("1", "ada", Kind.TOO_FAST, "and another", silent=True), "silent"),
]


@pytest.mark.parametrize(("message", "note"), MESSAGES)
def test_a_stored_message_comes_back_as_it_was(message: Incoming, note: str) -> None:
    assert Incoming.from_json(json.loads(json.dumps(message.to_json()))) == message


@pytest.mark.parametrize(("message", "note"), MESSAGES)
def test_the_version_before_finds_the_fields_it_knows(message: Incoming, note: str) -> None:
    stored = message.to_json()
    assert set(stored) == FIELDS_BEFORE
    assert stored["note"] == note


@pytest.mark.parametrize(("message", "note"), MESSAGES)
def test_what_the_version_before_stored_is_read(message: Incoming, note: str) -> None:
    before: dict[str, Any] = {
        **dict.fromkeys(FIELDS_BEFORE, ""),
        "key": "1",
        "address": "ada",
        "kind": message.kind.value,
        "text": message.text,
        "order": None,
        "written_at": None,
        "note": note,
    }
    assert Incoming.from_json(before) == message


def test_fields_of_a_later_version_are_passed_over() -> None:
    message = Incoming("1", "ada", Kind.TEXT, "hello")
    assert Incoming.from_json({**message.to_json(), "language": "en"}) == message
