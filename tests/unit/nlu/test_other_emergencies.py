"""Emergencies that no line of the list asks for."""

from __future__ import annotations

import pytest

from tests.unit.nlu.test_safety_words import _phrases, held

PHRASES = _phrases("other_emergency")


@pytest.mark.parametrize("text", PHRASES["told"])
def test_an_emergency_of_another_kind_is_heard(text: str) -> None:
    assert "other_emergency" in held(text)


@pytest.mark.parametrize("text", PHRASES["not_told"])
def test_what_only_sounds_like_another_emergency_is_none(text: str) -> None:
    assert "other_emergency" not in held(text)
