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
    "of a thing, a job or the weather": (
        "I sit on a cushion at my desk, tight back",
        "I had to look behind the fridge to wipe it down and my back tweaked",
        "we go by the clock at work, back is tight by noon",
        "the chest strap of my pack is tight, sore back",
        "I dropped a box on the floor and bent for it",
        "I ran the tap while I stretched",
        "the legs gave out a squeak on the machine",
        "my wife found me a better mattress",
        "I was ripping down wallpaper all day and my back is tight",
        "I was bowled over by the price",
        "the chair has lost a bit of height",
        "I work on a stroke ward and my back is tight",
        "I am shaky about my finances, back is tight",
        "always clumsy as a bear I bent wrongly",
        "a lump of coal fell and I bent for it",
        "my neighbour trains seizure alert dogs, I walk them, tight back",
        "two pregnant colleagues are away so I lift more",
        "hot and sweaty in this heatwave, tight back",
    ),
}

DANGERS = {
    "fainting": "I got out of bed and collapsed",
    "both_legs": "both legs are fine lying down but go numb when I walk",
    "serious_accident": "the fire alarm went off and I fell off the ladder",
    "heart_or_stroke": "I had a stroke two years ago",
    "rash_or_unwell": "I have been feeling really ill all week",
    "balance_or_arms": "I can't do up my buttons any more",
    "saddle_numbness": "when I sit it is as if there was a cushion, nothing when I wipe",
    "bladder_change": "I go by the clock because I never feel full",
    "chest_pain": "tight chest and my arm hurts, it began when I put the rucksack on",
    "leg_collapse": "my legs gave out on the way to the shop",
    "tearing_pain_collapse": "a tearing pain in my back out of nowhere",
    "lump_or_deformity": "there is a lump on my spine",
    "epilepsy": "I have epilepsy",
    "pregnancy": "my pregnant wife has a sore back",
    "fever": "38.5 degrees and shivering",
}


@pytest.mark.parametrize("text", [text for kind in HARMLESS.values() for text in kind])
def test_ordinary_talk_tells_no_danger(text: str, understander: Understander) -> None:
    assert [f for f in understander.read(text) if f.holds and f.kind in KINDS] == []


@pytest.mark.parametrize("code", sorted(DANGERS))
def test_the_danger_beside_it_is_read(code: str, understander: Understander) -> None:
    found = {f.value for f in understander.read(DANGERS[code]) if f.holds and f.kind in KINDS}
    assert code in found
