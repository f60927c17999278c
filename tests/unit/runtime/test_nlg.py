"""What is filled into a response: the clinic's words, or those of where the person is."""

from __future__ import annotations

from typing import Any

import pytest

from backline.runtime.nlg import ClinicResponses
from backline.settings import load_settings

CALL = {"text": "{emergency_number}; {crisis_line}"}


def said(whereabouts: dict[str, Any] | None) -> str:
    filler = ClinicResponses(load_settings().clinic)
    return str(filler._fill_response(dict(CALL), {"whereabouts": whereabouts})["text"])


@pytest.mark.parametrize(
    ("code", "sure", "text"),
    [
        ("GB", True, "999; 116 123"),
        ("GB", False, "000 (in the United Kingdom 999); 13 11 14 (in the United Kingdom 116 123)"),
        ("PT", True, "112; the number on findahelpline.com"),
    ],
)
def test_numbers_are_those_of_where_the_person_is(code: str, sure: bool, text: str) -> None:
    assert said({"code": code, "sure": sure, "named": True}) == text


def test_without_it_they_are_the_clinics() -> None:
    assert said(None) == "000; 13 11 14"


def test_a_message_of_the_turn_in_which_it_is_told_knows_it_already() -> None:
    filler = ClinicResponses(load_settings().clinic)
    where = {"code": "GB", "sure": True, "named": True}
    filled = filler._fill_response(dict(CALL), {"whereabouts": None}, whereabouts=where)
    assert filled["text"] == "999; 116 123"
