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
    ("usually 3, 8 on bad days", 3),
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


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Baker, 58, Cork, back stiff since the weekend", 58),
        ("lower back sore, no injury. 33", 33),
        ("Forty-four, roofer, Leeds, my back aches", 44),
        ("I am a tailor in Pune, 52 years, my back is paining", 52),
        ("planting bulbs at 71, my back is sore", 71),
        ("still dancing, me, 66, but the back is stiff", 66),
        ("I have 36 years and the back hurts", 36),
        ("I am 63 years woman with back pain", 63),
        ("I'm sixty next birthday and my back aches", 59),
        ("my back pain is murder on a 47 year old", 47),
        ("my back aches, I'm 41, and my sister is 50", 41),
        ("my nephew who's nineteen hurt his back", 19),
        ("my aunt, 83, says her back is sore", 83),
    ],
)
def test_an_age_is_read_wherever_it_stands(text: str, years: int) -> None:
    assert values("age", text) == [years]


@pytest.mark.parametrize(
    "text",
    [
        "I lift my two year old and my back aches",
        "a colleague aged 31 told me about this, my back is stiff",
        "since my girl was born, she's 6, my back is sore",
        "I'm 5'9 and my back is stiff",
        "I'm thirty one weeks and my back aches",
        "my back is sore, I sit like my gran who is ninety two",
        "my back hurts, twelve, no, thirteen days",
        "I have had epilepsy since I was 9, my back is stiff",
        "I retired at 60 and my back aches",
    ],
)
def test_another_number_is_not_the_writers_age(text: str) -> None:
    assert values("age", text) == []


@pytest.mark.parametrize("years", range(11, 106))
@pytest.mark.parametrize("text", ["Hobart, {}. My back is stiff", "gardener, {}, sore back"])
def test_every_age_is_read_between_commas(text: str, years: int) -> None:
    assert values("age", text.format(years)) == [years]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("my waist is paining me", "lower_back"),
        ("backache, low, worse when I stand", "lower_back"),
        ("it hurts down low when I bend", "lower_back"),
        ("an ache across the beltline", "lower_back"),
        ("stiff on the lower left side of the back", "lower_back"),
        ("sore right in the middle, on the bones", "middle_back"),
        ("my back hurts up high", "upper_back"),
        ("is it bad if my lower back is warm?", "lower_back"),
    ],
)
def test_the_place_is_told_in_everyday_words(text: str, where: str) -> None:
    assert values("location", text)[:1] == [where]


@pytest.mark.parametrize(
    "text", ["numb from the waist down", "in the middle of the night", "the battery is low"]
)
def test_other_low_and_middle_things_are_no_place(text: str) -> None:
    assert values("location", text) == []


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
