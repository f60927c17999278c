"""What actions read from a conversation's record beside its slots."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.tracker_view import agreed_before, keeps_nothing

SAID = {"event": "user", "text": "sore"}
SILENT = {"event": "user", "text": None}
"""A message as it is kept after a no."""


def tracker(consent: bool | None, *events: dict[str, Any]) -> Tracker:
    latest = {"text": "sore", "intent": {}, "entities": []}
    return Tracker("ada", {"consent": consent}, latest, list(events), False, None, {}, "listen")


def consent(value: bool | None) -> dict[str, Any]:
    return {"event": "slot", "name": "consent", "value": value}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (tracker(None, SAID), False),
        (tracker(True, SAID, SAID), False),
        (tracker(False, SILENT, SAID), True),
        (tracker(None, SILENT, SAID, consent(None)), True),
        (tracker(True, SILENT, SAID, consent(True)), False),
    ],
    ids=["not asked yet", "agreed", "declined", "asked again after a no", "agreed after a no"],
)
def test_nothing_is_kept_from_a_no_to_a_yes(now: Tracker, expected: bool) -> None:
    assert keeps_nothing(now) is expected


def test_only_a_yes_of_an_earlier_turn_was_given_before() -> None:
    assert agreed_before(tracker(True, SAID, consent(True), SAID))
    assert not agreed_before(tracker(True, SAID, consent(True)))
    assert not agreed_before(tracker(None, SAID))
