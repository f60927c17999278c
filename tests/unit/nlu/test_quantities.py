"""How long, how bad, how old: what a message says about the patient, and what it does not."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.facts import Finding
from backline.nlu import Understander

MONDAY = dt.date(2026, 11, 23)
READER = Understander(lambda: MONDAY)


def values(kind: str, text: str) -> list[object]:
    return [f.value for f in READER.read(text) if f.kind == kind and f.holds]


DURATIONS = [
    ("a fortnight", 14),
    ("since last Tuesday", 6),
    ("6-8 weeks", 56),
    ("going on three years", 1095),
    ("couple of months", 60),
    ("a week and a half", 10.5),
    ("two and a half weeks", 17.5),
    ("this morning", 1),
    ("twenty five days", 25),
    ("since the 2nd of this month", 21),
    ("since June last year", 540),
    ("I'm into my third week of this", 21),
    ("for the last five or six weeks my back is painful", 42),
    ("it hurts since my operation two years ago", 730),
    ("I retired two years ago and my back has been sore for a month", 30),
]


@pytest.mark.parametrize(("text", "days"), DURATIONS)
def test_a_duration_is_read_in_days(text: str, days: float) -> None:
    assert values("duration", text) == [days]


@pytest.mark.parametrize(
    "text",
    [
        "I sit for 8 hours a day",
        "one tablet every six hours",
        "my son is four months old",
        "I'm 12 weeks pregnant",
        "I gave up smoking six months ago",
        "my next appointment is in three weeks",
        "fell off a horse in 1998 and broke two ribs",
    ],
)
def test_another_time_is_no_duration(text: str) -> None:
    assert values("duration", text) == []


def test_two_time_scales_are_both_read() -> None:
    text = "bad for ten years but since Friday it's agony"
    assert values("duration", text) == [3650, 3]


@pytest.mark.parametrize("text", ["since 2031", "since March 2031", "-3 weeks"])
def test_a_time_that_cannot_be_is_reported(text: str) -> None:
    assert values("out_of_range", text) == ["duration"]


def test_what_is_taken_back_is_put_aside() -> None:
    assert values("duration", "three months, not three weeks") == [90]


SEVERITIES = [
    ("7/10", 7),
    ("seven out of ten", 7),
    ("between 4 and 5", 5),
    ("usually 3, 8 on bad days", 8),
    ("8ish", 8),
    ("not too bad", 2),
    ("killing me", 10),
    ("can't get out of bed", 8),
    ("for out of ten", 4),
    ("it was an 8 last week, now it's a 4", 4),
    ("my back is at a 5", 5),
]


@pytest.mark.parametrize(("text", "strength"), SEVERITIES)
def test_a_severity_is_read_from_0_to_10(text: str, strength: int) -> None:
    assert max(values("severity", text), default=None) == strength


@pytest.mark.parametrize(
    "text",
    [
        "I'm 45",
        "my L5 disc",
        "I take 400 mg",
        "your clinic is 9 out of 10",
        "horrible bosses",
        "it was 7/10/2024",
        "three children",
        "call 0871234567",
    ],
)
def test_another_number_or_word_is_no_severity(text: str) -> None:
    assert values("severity", text) == []


def test_a_strength_beyond_the_scale_is_reported() -> None:
    assert values("out_of_range", "12 out of 10") == ["severity"]


AGES = [
    ("I'm 45", 45),
    ("I am seventy five now", 75),
    ("my daughter is 12 and her back hurts", 12),
    ("I'm 47 but it's for my mam, she's 78 and her back is sore", 78),
    ("a gentleman of 85, his back is bruised", 85),
    ("born in 1950", 76),
    ("grandad's 90, his back hurts", 90),
]


@pytest.mark.parametrize(("text", "years"), AGES)
def test_the_age_is_the_patients(text: str, years: int) -> None:
    assert values("age", text)[:1] == [years]


@pytest.mark.parametrize("text", ["a 10 year old injury", "my mattress is 10 years old", "I'm 5"])
def test_the_age_of_a_thing_is_no_age(text: str) -> None:
    assert [v for v in values("age", text) if v != 5] == []


@pytest.mark.parametrize(
    ("text", "count"), [("after three massages", 3), ("had two sessions", 2), ("massaged twice", 2)]
)
def test_massages_are_counted(text: str, count: int) -> None:
    assert values("massage_sessions", text) == [count]


@pytest.mark.parametrize("text", ["how many massages do I need", "I want to book 6 sessions"])
def test_massages_that_are_wanted_are_not_counted(text: str) -> None:
    assert values("massage_sessions", text) == []


def test_one_thing_is_no_number() -> None:
    assert values("number", "never had one") == []
    assert values("number", "just one") == [1]


def test_a_finding_says_where_it_stands() -> None:
    [found] = [f for f in READER.read("Hello, since Friday it hurts") if f.kind == "duration"]
    assert found == Finding(
        "duration", 3.0, start=7, end=19, text="since Friday", source="quantities:date"
    )


@pytest.mark.parametrize("text", ["6-7", "6 - 7", "six-seven"])
def test_a_bare_range_has_no_negative_number(text: str) -> None:
    assert values("number", text)[-1] == 7


@pytest.mark.parametrize("text", ["-5", "minus 5"])
def test_a_number_below_zero_stays_below_zero(text: str) -> None:
    assert values("number", text) == [-5]
