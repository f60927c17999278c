"""A finished call can be written for staff and given as JSON, whatever was told in it."""

from __future__ import annotations

import json

import pytest

from backline.phone.review.report import told
from tests.unit.phone.test_review import call

MORE = "more about what was told"


@pytest.mark.parametrize(
    "words",
    [
        "I fell off a chair last week.",
        "I pulled it lifting a box.",
        "It goes down below my knee.",
        "I have epilepsy.",
        "I had a stroke years ago.",
        "It is getting worse every day.",
    ],
)
def test_every_call_can_be_written_down(words: str) -> None:
    found = call("A: What happened?", f"C: {words}")
    assert told(found, "C")
    assert json.dumps(found.to_json())


def test_what_more_should_be_asked_is_told() -> None:
    assert MORE in told(call("A: What happened?", "C: I pulled it lifting a box."), "C")


def test_nothing_more_is_asked_of_a_fall_that_decides() -> None:
    assert MORE not in told(
        call("C: I fell on the stairs last week, it is a constant 8 out of 10."), "C"
    )
