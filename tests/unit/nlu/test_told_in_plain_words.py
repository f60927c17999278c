"""Dangers that people tell in plain words: slow water, sweats, shaking legs."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def each(texts: str) -> list[str]:
    return texts.strip().splitlines()


def held(text: str, kind: str) -> set[object]:
    return {f.value for f in READER.read(text) if f.kind == kind and f.holds}


SLOW_WATER = """
I have to stand and wait a bit for the water to come these days, but you expect it at my age
nah. takes me a spell standin there before it gets goin but hell Im 52 aint everybody
takes longer every day to get the pee started if im honest. gotta push on it
the waiting for the water only started with the back by the way
is the slow peein gonna matter
couple weeks I guess, since the back got bad. nothin to fret over, just old man plumbing
I have to stand there for ages before any wee comes
my stream has gone weak
it takes a while for the water to start
I have to concentrate to start weeing
my flow is stop-start
having to force the wee out
the plumbing is slow since my back went
my urine comes slow now
urine no dey rush come again
the urine takes time to come, doctor
it is taking long time to pass the urine
I stand there like a lemon waiting for it to come
he has to stand a long time before he can pee
no force in my stream
I'm not sure my bladder empties, it takes me ages to get going these last few days
"""
NO_SLOW_WATER = """
slow to pee for twenty years, prostate
since my prostate trouble years ago I have to wait for the water, no change
had to wait for the water to boil
I have to wait for the plumber about the water
the pee comes fine, no waiting
no trouble passing water
I stand and wait for the bus, push my trolley
takes a while to get going in the morning
takes me ages to get started in the morning, stiff
water takes ages to get hot
"""
SWEATS = """
My wife don buy new bedsheet because I dey wet am with water every night
I dey wet the bedsheet with sweat
it is only sweat o, the heat in Lagos is too much
soaked through my pyjamas
I wake up drenched
waking up soaking wet with sweat
I'm soaked in sweat when I wake
the bed is soaked from sweating
I have to change my t-shirt in the night, it's wet through
body dey sweat for night well well
too much sweating in the night, bedsheet is getting wet
i dey sweat for night like rain
"""
NO_SWEATS = """
I sweat at the gym
soaked through in the rain, pyjamas on now
it is only sweat from the gym
"""
SHAKING_LEGS = """
this week my legs dey shake small when I climb stairs
my legs are shaking on the stairs since Monday
legs wobble when I walk
my legs are like jelly on the stairs
legs tremble when I stand
my legs feel wobbly walking lately
legs shaky going up stairs this week
the legs no strong like before
my legs are not as strong as they were
my knees wobble on the stairs since Monday
both legs not strong when I climb
"""
NO_SHAKING_LEGS = """
legs shake after leg day
my legs shake on the ladder, I am scared of heights
my legs have been shaky on stairs for years
I was shaking my legs out on the walk
"""
STEROIDS = """
He take cortison tablet small one since 2 year
cortizone tablets
kortison since two years
tablet that makes her face round
the tablets that make my face round like moon
she is on small tablets that made her face fat
her face is round from the tablets
"""
CRACKS = """
heard a crack in the back while lifting
I am 68, heard a crack in my back when I lifted the case
felt a crack in my spine lifting the pot
there was a loud crack in my back
my back gave a loud crack as I bent
I felt a bone crack when I lifted the pot
"""
NO_CRACKS = """
my back cracks when I stretch
the chiropractor made a loud crack in my back, felt lovely
I like to crack my back
"""


@pytest.mark.parametrize("text", each(SLOW_WATER))
def test_water_that_is_slow_to_come_is_a_danger_sign(text: str) -> None:
    assert "bladder_change" in held(text, "emergency_sign")


@pytest.mark.parametrize("text", each(NO_SLOW_WATER))
def test_water_slow_for_years_and_other_waiting_is_no_danger_sign(text: str) -> None:
    assert held(text, "emergency_sign") == set()


@pytest.mark.parametrize("text", each(SWEATS))
def test_a_bed_wet_with_sweat_is_a_fever(text: str) -> None:
    assert "fever" in held(text, "health_condition")


@pytest.mark.parametrize("text", each(NO_SWEATS))
def test_sweat_of_effort_and_rain_is_none(text: str) -> None:
    assert held(text, "health_condition") == set()


@pytest.mark.parametrize("text", each(SHAKING_LEGS))
def test_legs_that_shake_on_the_stairs_are_a_danger_sign(text: str) -> None:
    assert "both_legs" in held(text, "emergency_sign")


@pytest.mark.parametrize("text", each(NO_SHAKING_LEGS))
def test_legs_that_shake_from_effort_fear_or_for_years_are_none(text: str) -> None:
    assert held(text, "emergency_sign") == set()


@pytest.mark.parametrize("text", each(STEROIDS))
def test_steroids_are_known_by_other_spellings_and_by_the_face_they_make(text: str) -> None:
    assert "steroids" in held(text, "health_condition")


@pytest.mark.parametrize("text", each(CRACKS))
def test_a_crack_that_is_heard_in_the_back_is_an_injury_by_force(text: str) -> None:
    assert "blow" in held(text, "injury")


@pytest.mark.parametrize("text", each(NO_CRACKS))
def test_a_back_that_cracks_by_habit_or_at_the_chiropractor_is_no_injury(text: str) -> None:
    assert held(text, "injury") == set()


def test_who_rests_only_in_an_armchair_has_pain_at_night() -> None:
    text = "sleeping in the armchair, it is the only place I get any rest"
    assert held(text, "health_condition") == {"night_pain"}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("24 weeks, back hurts, baby's quiet since yesterday", "other_emergency"),
        ("I'm 30 weeks and the bump has gone very quiet", "other_emergency"),
        ("30 weeks pregnant and my back tightens every five minutes", "other_emergency"),
        ("31 weeks pregnant, it comes every 6 mins, braxton hicks?", "other_emergency"),
        ("a second fentanyl patch on and now we can hardly wake her", "overdose"),
        ("I've put my tablets by until there are enough", "self_harm"),
        ("I won't be a burden to anybody for much longer", "self_harm"),
        ("with this back I've worked out which bridge", "self_harm"),
        ("I sneezed and pooed, third time this week", "bowel_change"),
        ("jet ski against a wall two days ago", "serious_accident"),
        ("car into a tree on Monday, back sore", "serious_accident"),
        ("temp of 39.4 and she called me by the dog's name", "sepsis"),
    ],
)
def test_a_danger_told_in_passing_is_a_sign(text: str, sign: str) -> None:
    assert sign in {f.value for f in READER.read(text) if f.kind == "emergency_sign" and f.holds}


@pytest.mark.parametrize(
    "text",
    [
        "I work in A&E, see car crashes and stabbings all day; my own back aches after a shift",
        "the baby was quiet so I had a nap, my back aches from carrying her",
        "I put my tablets in the cupboard, there are enough for a month",
    ],
)
def test_the_same_words_of_everyday_are_none(text: str) -> None:
    assert not [f for f in READER.read(text) if f.kind == "emergency_sign" and f.holds]
