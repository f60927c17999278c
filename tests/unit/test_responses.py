"""How a sentence gets its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from backline.responses import Responses, fill
from backline.settings import load_clinic

CLINIC = load_clinic(Path(__file__).resolve().parents[2] / "clinic.yml")
RESPONSES = {
    "utter_call": [
        {"text": "Call {clinic_phone} about {what}."},
        {"channel": "phone", "text": "Stay on the line."},
    ],
    "utter_nothing": [],
}


def test_a_sentence_has_the_words_of_the_clinic_and_of_the_moment() -> None:
    said = Responses(RESPONSES, CLINIC).say("utter_call", what=3)
    assert said == f"Call {CLINIC.phone} about 3."


def test_without_a_clinic_its_names_stay_for_later() -> None:
    assert Responses(RESPONSES).say("utter_call", what="x") == "Call {clinic_phone} about x."


def test_a_channel_has_its_own_variant_or_the_first() -> None:
    responses = Responses(RESPONSES, CLINIC)
    assert responses.on("phone").say("utter_call") == "Stay on the line."
    assert responses.on("rest").say("utter_call") == responses.say("utter_call")


def test_a_sentence_that_is_not_there_is_an_error() -> None:
    responses = Responses(RESPONSES)
    assert "utter_call" in responses
    assert "utter_nothing" not in responses
    with pytest.raises(KeyError):
        responses.say("utter_unknown")


def test_a_value_may_hold_names_that_are_filled_after_it() -> None:
    assert fill("{a}", {"a": "{b}", "b": "c"}) == "c"
