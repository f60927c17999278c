"""What is named as wrong or over is found, set aside, and nothing that is told as a trouble."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.dialogue.sources import IS_OVER, NEVER_WAS, is_taken_back
from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def taken_back(text: str) -> set[tuple[str, str]]:
    return {(str(f.value), f.source) for f in READER.read(text) if is_taken_back(f)}


@pytest.mark.parametrize(
    ("text", "code", "source"),
    [
        ("None. Please remove belly", "abdominal_pain", NEVER_WAS),
        ("take cancer off", "cancer_history", NEVER_WAS),
        ("bladder is wrong", "bladder_change", NEVER_WAS),
        ("my tonsils have nothing to do with it", "recent_surgery", NEVER_WAS),
        ("legs fine now", "foot_drop", IS_OVER),
        ("I sleep well", "night_pain", IS_OVER),
        ("she does not smoke", "vessel_risk", NEVER_WAS),
    ],
)
def test_a_thing_that_is_named_as_wrong_or_over(text: str, code: str, source: str) -> None:
    assert (code, source) in taken_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "my right leg is not fine",
        "I can't sleep well",
        "legs are fine when I sit, except the left",
        "I don't feel my legs",
        "my bladder is not working",
        "cancer in 2019",
        "the leg is still not better",
        "Are your legs okay, do they hold you?",
        "is my bladder fine ?",
        "are my legs fine?? I am not sure",
    ],
)
def test_a_trouble_is_not(text: str) -> None:
    assert taken_back(text) == set()


def test_what_is_taken_back_makes_no_fact() -> None:
    assert not any(f.holds for f in READER.read("remove belly") if is_taken_back(f))
