"""What is said of others, and in figures, is read for what it means."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 23))


def values(kind: str, text: str) -> set[object]:
    return {f.value for f in READER.read(text) if f.kind == kind and f.holds}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("my uncle is not waking", "fainting"),
        ("gran can't be woken", "fainting"),
        ("the toddler won't wake", "fainting"),
        ("my flatmate isn't responding", "fainting"),
        ("our neighbour has stopped breathing", "fainting"),
        ("I can't get any response from my brother", "fainting"),
        ("she isn't moving", "fainting"),
        ("my aunt has a temperature of 39 and is talking gibberish", "sepsis"),
        ("grandpa is burning up and rambling", "sepsis"),
        (
            "I had an aneurysm three years ago and the same pain is back today",
            "tearing_pain_collapse",
        ),
        ("it is the same pain as my dissection", "tearing_pain_collapse"),
        ("heart attack in 2022, same tightness again", "chest_pain"),
        ("10 weeks pregnant with bleeding and bad cramps", "other_emergency"),
        ("I'm pregnant. Spotting since noon, cramps too", "other_emergency"),
        ("cramping and spotting, I am pregnant", "other_emergency"),
    ],
)
def test_a_danger_is_heard_though_it_is_denial_or_another_person_or_old(
    text: str, sign: str
) -> None:
    assert sign in values("emergency_sign", text)


@pytest.mark.parametrize(
    "text",
    [
        "my sciatica is not responding to tablets",
        "the reception isn't responding to my emails",
        "I am not waking up at night any more",
        "my daughter won't wake up early for school",
        "the pain is not waking me up",
        "my wife isn't moving house",
        "my partner is not moving in",
        "my husband has a fever, is it safe to come?",
        "my mum talks nonsense about heat pads",
        "my gran was confused about the booking",
        "dad had an aneurysm, my pain is from lifting",
        "aortic dissection three years ago, all fine since",
        "slipped disc last year, same pain again",
        "not pregnant, just spotting and cramps",
        "14 weeks pregnant, no bleeding, a bit of back pain",
        "pregnant, my gums bleed and my legs cramp",
        "I am pregnant and my calf cramps at night",
        "I am not breathing deeply enough in yoga",
        "my pilates teacher says I don't breathe properly",
        "swimming again, but I never breathe right with the crawl",
        "granny had a fever last year and was confused",
        "my husband is not moving with me to the new house",
    ],
)
def test_ordinary_words_near_a_danger_stay_silent(text: str) -> None:
    assert not values("emergency_sign", text)


@pytest.mark.parametrize(
    "text",
    [
        "I am 26 weeks, sore back",
        "she's about 31 weeks and her back aches",
        "in labour at 35 weeks with backache",
        "contractions at 33 weeks, back hurts",
        "20 weeks gone and a stiff back",
        "29 weeks, antenatal clinic sent me, back sore",
    ],
)
def test_how_far_a_pregnancy_is_tells_nothing_of_the_pain(text: str) -> None:
    assert not values("duration", text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("pregnant, and my back has hurt for 5 weeks", 35),
        ("I'm 6 weeks into this back pain", 42),
        ("back pain 8 weeks now, I do manual labour", 56),
    ],
)
def test_the_weeks_of_the_pain_stay_its_own(text: str, days: float) -> None:
    assert days in values("duration", text)


@pytest.mark.parametrize(
    ("text", "violent"),
    [
        ("my wife kicks me in bed", False),
        ("my boyfriend kicks me in his sleep", False),
        ("my husband punches me while he is asleep", False),
        ("the baby kicks me in the ribs", False),
        ("my boyfriend kicks me when he is drunk", True),
        ("my husband kicks me in bed when he is angry", True),
        ("my wife kicks me on purpose", True),
        ("my partner kicks me", True),
    ],
)
def test_a_sleepers_kick_is_no_violence(text: str, violent: bool) -> None:
    assert ("violence" in values("health_condition", text)) is violent


@pytest.mark.parametrize(
    "text",
    ["ｎｕｍｂ　ｂｏｔｔｏｍ", "numb b\u043ett\u043em", "n\u03c5mb bottom", "ｎｕｍｂ bоttоm"],
)
def test_letters_that_only_look_different_are_read(text: str) -> None:
    found = [f for f in READER.read(text) if f.value == "saddle_numbness"]
    assert found and all(text[f.start : f.end] == f.text for f in found)


@pytest.mark.parametrize("text", ["bloody sore back", "this back is murder", "dead sore again"])
def test_a_figure_of_speech_is_no_rating(text: str) -> None:
    assert not values("severity", text)


@pytest.mark.parametrize(
    ("text", "injured"),
    [
        ("my jeans are falling off me and my back aches", False),
        ("I fell off the kerb in my new jeans", True),
        ("hit by a huge heating bill", False),
        ("I crashed on the sofa all weekend", False),
        ("my van crashed in value", False),
        ("I crashed at a mate's place", False),
        ("I crashed my van", True),
        ("I was hit by a van", True),
        ("I crashed into a wall on my bike", True),
    ],
)
def test_an_injury_is_told_by_its_own_words(text: str, injured: bool) -> None:
    told = values("injury", text) or values("emergency_sign", text)
    assert bool(told) is injured


@pytest.mark.parametrize(
    ("text", "worse"),
    [
        ("leg day left my back sore", False),
        ("sore after the gym, the massage was fine", False),
        ("lovely at first but the ache crept back", False),
        ("it was good but the pain returned", False),
        ("it made the pain worse", True),
        ("sore for days", True),
        ("the massage hurt", True),
    ],
)
def test_what_massage_did_is_told_of_the_massage(text: str, worse: bool) -> None:
    assert ("worse" in values("effect", text)) is worse
