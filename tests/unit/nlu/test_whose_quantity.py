"""Times, strengths and injuries belong to what they are told of."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 23))


def _values(text: str, kind: str) -> list[object]:
    return [f.value for f in READER.read(text) if f.kind == kind and f.holds]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("my back has hurt for one year and two months", 425),
        ("back pain for 4 wks 3 days", 31),
        ("sore back for fortyone days", 41),
        ("my back went two Fridays ago", 10),
        ("sore back since the clocks went back", 29),
        ("back pain since half term", 28),
        ("my back was hurt the day before yesterday", 2),
        ("my back has ached since I was twenty, I'm 40", 7300),
        ("had it in 2018 too, back sore since Tuesday", 6),
    ],
)
def test_how_long_it_has_been(text: str, days: float) -> None:
    assert _values(text, "duration") == [days]


@pytest.mark.parametrize(
    "text",
    [
        "I am a tailor from Leeds, 47 years, sore back",
        "I work for the last 12 years in a bakery, stiff back",
        "diagnosed with kidney trouble 6 years ago, my back is sore",
        "our lorry has done 9 years, my back aches from it",
        "my chronic asthma aside, the back is new",
    ],
)
def test_a_time_of_something_else(text: str) -> None:
    assert _values(text, "duration") == []


@pytest.mark.parametrize(
    ("text", "number"), [("6 yesterday and 2 today", 2), ("nine - sorry, six", 6)]
)
def test_the_number_of_now(text: str, number: int) -> None:
    assert _values(text, "number") == [number]


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("Excruciating is the word. Neck, since Sunday, lifted the telly.", 10),
        ("unbearable, since two days, lower back", 10),
        ("some days 2 but usually 6. 5 months now, lower back", 6),
    ],
)
def test_how_bad_it_is_in_few_words(text: str, strength: int) -> None:
    assert _values(text, "severity")[-1] == strength


def test_years_alone_beside_a_time_of_the_pain_are_an_age() -> None:
    text = "since two days. 29 yrs. lower back goes stiff"
    assert (_values(text, "duration"), _values(text, "age")) == ([2], [29])


@pytest.mark.parametrize(
    "text", ["the queue was killing me, my back is stiff", "8/10 for the quick reply, stiff back"]
)
def test_a_strength_of_something_else(text: str) -> None:
    assert _values(text, "severity") == []


@pytest.mark.parametrize(
    "text",
    ["ache for 2 yrs, had a heart attack in 2016", "sore back for about 15 yrs", "over 12 yrs now"],
)
def test_how_long_it_hurts_is_nobodys_age(text: str) -> None:
    assert not _values(text, "age")
