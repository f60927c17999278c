"""What people say when they are not safe, and what only sounds like it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from backline.nlu import Understander

PHRASES = Path(__file__).parents[2] / "understanding" / "phrases"
READER = Understander(lambda: dt.date(2026, 11, 23))


def _phrases(name: str) -> Any:
    return yaml.safe_load((PHRASES / f"{name}.yml").read_text(encoding="utf-8"))


SAFETY = _phrases("safety")
TOLD = [(code, text) for code in ("self_harm", "overdose", "violence") for text in SAFETY[code]]


def held(text: str) -> set[str]:
    return {str(f.value) for f in READER.read(text) if f.holds}


@pytest.mark.parametrize(("code", "text"), TOLD)
def test_a_danger_told_in_these_words_is_heard(code: str, text: str) -> None:
    heard = held(text)
    # Tablets to die by are self-harm, whatever else they are.
    assert code in heard or (code == "overdose" and "self_harm" in heard)


@pytest.mark.parametrize("text", SAFETY["no_violence"])
def test_what_only_sounds_like_violence_is_none(text: str) -> None:
    assert "violence" not in held(text)


@pytest.mark.parametrize("text", _phrases("no_emergency"))
def test_what_only_sounds_like_harm_to_oneself_is_none(text: str) -> None:
    assert not held(text) & {"self_harm", "overdose"}
