"""Words of a danger in ordinary talk, by what was too loose; and the dangers beside them."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

KINDS = frozenset({"emergency_sign", "health_condition"})


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(lambda: dt.date(2026, 11, 23))


HARMLESS = {
    "words a gap apart that do not belong together": (
        "I look away when they show needles on telly",
        "we were walking through to the kitchen when it twinged",
        "on my tea break is it fine to stretch a tight back",
        "carrying heavy shopping on one arm gives me a crick",
        "could I pop in about my back on Tuesday",
    ),
    "another sense": (
        "my tennis stroke needs work and my back is tight",
        "washing up the big pots makes my back ache",
        "so ill bring my own towel to the massage",
        "the blackout blinds were awkward to hang",
        "our marquee collapsed and I pulled it down myself",
    ),
}

DANGERS = {
    "fainting": "I got out of bed and collapsed",
    "both_legs": "both legs are fine lying down but go numb when I walk",
    "serious_accident": "the fire alarm went off and I fell off the ladder",
    "heart_or_stroke": "I had a stroke two years ago",
    "rash_or_unwell": "I have been feeling really ill all week",
    "balance_or_arms": "I can't do up my buttons any more",
}


@pytest.mark.parametrize("text", [text for kind in HARMLESS.values() for text in kind])
def test_ordinary_talk_tells_no_danger(text: str, understander: Understander) -> None:
    assert [f for f in understander.read(text) if f.holds and f.kind in KINDS] == []


@pytest.mark.parametrize("code", sorted(DANGERS))
def test_the_danger_beside_it_is_read(code: str, understander: Understander) -> None:
    found = {f.value for f in understander.read(DANGERS[code]) if f.holds and f.kind in KINDS}
    assert code in found
