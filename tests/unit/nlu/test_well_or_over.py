"""What is well, what is over by its date, and how a pain only began."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.dialogue.sources import is_taken_back
from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def each(texts: str) -> list[str]:
    return texts.strip().splitlines()


def held(text: str, kind: str) -> set[object]:
    return {f.value for f in READER.read(text) if f.kind == kind and f.holds}


def statuses(text: str, kind: str, value: object) -> set[str]:
    """Each way once how a thing stands, but for what only takes back what is known."""
    found = [f for f in READER.read(text) if not is_taken_back(f)]
    return {f.status.value for f in found if (f.kind, f.value) == (kind, value)}


WELL_AT_NIGHT = """
In the bed when I lie still it is good
when I lie still I have nothing
lying still it is fine
I sleep well
I have slept through
the night is good
nights are fine
I sleep like a baby
at night no problem
no trouble at night
in bed I have no pain
it stops when I lie down
it does not wake me
sleeping is fine
he sleeps well
at rest nothing
when resting no pain
it is better when I lie still
"""
HOW_IT_BEGAN = """
I woke up since three days with strong pain in the cross
woke up with it 3 days ago
I woke up with the pain on Monday
I woke with back pain yesterday morning
one morning I woke up with pain
since two weeks I woke up with back pain
woke up last week with a stiff sore back
"""
BAD_AT_NIGHT = """
I woke up every night with pain
woke up three times last night with pain
pain woke me last night
I wake up in the night with pain
I wake up with pain every day since three days
when I lie still it hurts
when I lie still it does not get better
the nights are bad
I sleep well until the pain wakes me at four
slept badly, woken by pain
"""
BLADDER_OVER = """
I had a bladder infection but this was in the summer and it is since long finished with antibiotic
had a UTI in spring, gone with antibiotics
I had a urine infection last year, all clear now
water infection back in June, finished
I had cystitis in the summer but it is gone
bladder infection in July, treated
"""
BLADDER_WELL = """
the bladder is fine now! It was in summer
I have no bladder problem
no trouble with the waterworks
there is nothing wrong with my bladder
"""
BLADDER_ILL = """
I have a bladder infection
bladder infection since the summer
I had a bladder infection last week
it burns when I pee
"""
OLD_BURNING = """
having gas and acidity and chest burning after spicy food, but that is since college only
chest burning after meals, always had reflux
burning in my chest after curry, known reflux
I get acidity and chest burn after food since long
chest burns after coffee, heartburn for ten years
"""
BURNING = """
burning in my chest
chest burning since this morning
chest burning after food since yesterday
acidity for years and chest pain going down my arm
burning chest and sweating, I thought it was my old acidity
reflux for years but now a burning in my chest when I climb stairs
chest tightness with effort, reflux for years
chest pain after eating, acidity, for ten years
"""
OLD_OPERATIONS = """
had my tonsils out in feb
tonsils out in February
appendix out at 12
I had my appendix out when I was 12
gall bladder out in 1999
gallbladder removed in 99
hysterectomy 1994
hysterectomy in the nineties
had a knee op in January
knee replacement last spring
hip replaced in june
hernia repaired in the summer
gallbladder out, must be ten year back
had my womb out at 40
cataract op in april
"""
NEW_OPERATIONS = """
had my tonsils out two weeks ago
knee op on 5 November
hernia op last month
hernia op in October
had surgery last week, pain since February
pain for 3 months, had surgery
gallbladder out in november
"""
OLD_PROCEDURES = """
epidural 4 months ago when i had bub, been fine since
epidural when I had my son
had an epidural in labour last year
spinal block for my section 5 months ago, no trouble since
back surgery in 2023
spinal fusion 14 months ago
"""
NEW_PROCEDURES = """
epidural last week
back surgery in February
discectomy three weeks ago
"""
LEG_OVER = """
calf used to go tingly but not for ages
was shooting down my leg but thats eased off
my leg was numb last month but it is gone
it went to my calf at first, that has settled
had pins and needles in my foot but not any more
the sciatica down to the calf stopped weeks ago
used to get tingling in the calf
"""


@pytest.mark.parametrize("text", each(WELL_AT_NIGHT))
def test_who_is_well_at_night_or_at_rest_denies_pain_at_night(text: str) -> None:
    assert statuses(text, "health_condition", "night_pain") == {"absent"}


@pytest.mark.parametrize("text", each(HOW_IT_BEGAN))
def test_waking_once_with_a_pain_is_how_it_began(text: str) -> None:
    assert held(text, "health_condition") == set()


@pytest.mark.parametrize("text", each(BAD_AT_NIGHT))
def test_pain_that_wakes_or_stays_at_rest_is_pain_at_night(text: str) -> None:
    assert statuses(text, "health_condition", "night_pain") == {"present"}


def test_a_no_answers_for_what_is_said_to_be_well_beside_it() -> None:
    # The list that is open is answered, whatever it asks.
    assert statuses("no, I sleep well", "health_condition", "night_pain") == set()


@pytest.mark.parametrize("text", each(BLADDER_OVER))
def test_an_infection_of_the_summer_is_past(text: str) -> None:
    assert statuses(text, "health_condition", "urinary_signs") == {"past"}


@pytest.mark.parametrize("text", each(BLADDER_WELL))
def test_a_bladder_that_is_well_denies_both_that_concern_it(text: str) -> None:
    assert statuses(text, "health_condition", "urinary_signs") == {"absent"}
    assert statuses(text, "emergency_sign", "bladder_change") == {"absent"}


@pytest.mark.parametrize("text", each(BLADDER_ILL))
def test_an_infection_of_now_stays_one(text: str) -> None:
    assert "urinary_signs" in held(text, "health_condition")


@pytest.mark.parametrize(
    "text",
    ["my bladder was normal until Friday, now I can't pass urine", "bladder fine, but I can't pee"],
)
def test_a_bladder_that_was_well_hides_no_sign(text: str) -> None:
    assert statuses(text, "emergency_sign", "bladder_change") == {"present"}


@pytest.mark.parametrize("text", each(OLD_BURNING))
def test_an_old_heartburn_is_no_chest_pain(text: str) -> None:
    assert held(text, "emergency_sign") == set()


@pytest.mark.parametrize("text", each(BURNING))
def test_what_burns_newly_or_speaks_of_the_heart_is_chest_pain(text: str) -> None:
    assert "chest_pain" in held(text, "emergency_sign")


@pytest.mark.parametrize("text", each(OLD_OPERATIONS))
def test_an_operation_longer_ago_than_six_weeks_is_past(text: str) -> None:
    assert "recent_surgery" not in held(text, "health_condition")


@pytest.mark.parametrize("text", each(NEW_OPERATIONS))
def test_an_operation_of_these_weeks_or_without_a_date_counts(text: str) -> None:
    assert "recent_surgery" in held(text, "health_condition")


@pytest.mark.parametrize("text", each(OLD_PROCEDURES))
def test_an_epidural_in_childbirth_and_an_old_operation_of_the_back_are_past(text: str) -> None:
    assert "recent_spinal_procedure" not in held(text, "health_condition")


@pytest.mark.parametrize("text", each(NEW_PROCEDURES))
def test_a_procedure_on_the_spine_within_a_year_counts(text: str) -> None:
    assert "recent_spinal_procedure" in held(text, "health_condition")


@pytest.mark.parametrize("text", each(LEG_OVER))
def test_a_leg_that_has_eased_is_past(text: str) -> None:
    assert held(text, "leg") | held(text, "leg_detail") == set()


@pytest.mark.parametrize("text", ["legs fine now", "my legs are ok now", "legs all good thanks"])
def test_legs_that_are_well_deny_a_leg(text: str) -> None:
    assert statuses(text, "leg", "one_leg") == {"absent"}


def test_a_leg_that_still_tingles_is_one() -> None:
    assert held("my calf still goes tingly", "leg_detail") == {"below_knee"}
