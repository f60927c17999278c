"""Dangers that people tell in a side remark, and words beside them that are none."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 30))


def held(text: str, kind: str) -> set[object]:
    """What holds of one kind."""
    return {f.value for f in READER.read(text) if f.kind == kind and f.holds}


@pytest.mark.parametrize(
    "text",
    [
        "I bashed my head on the cupboard and I've been throwing up since",
        "She landed on her head and she's so drowsy",
        "there's a lump on his head where he fell, and he is confused now",
        "bumped me head on the van door, I'm on apixaban",
        "does a bang on the head matter if you take blood thinners",
        "I've been on warfarin for years and hit my head this morning",
        "hit the back of my head and I'm sick",
        "banged my forehead and threw up",
    ],
)
def test_a_struck_head_with_its_signs_or_on_blood_thinners_is_an_emergency(text: str) -> None:
    # NICE NG232, what is referred to an emergency department.
    assert "other_emergency" in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "I've been banging my head against a brick wall with this insurer, it gives me a headache",
        "you hit the nail on the head there, doc",
        "my head hits the pillow and I'm gone, no headaches",
        "I'm sick of banging my head against the wall",
    ],
)
def test_a_head_that_is_struck_in_a_saying_or_long_ago_is_none(text: str) -> None:
    assert "other_emergency" not in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "something gave way between my shoulder blades, like cloth",
        "it's a rippin pain, straight through to my tummy",
        "it tore behind my breastbone",
    ],
)
def test_what_tears_behind_the_chest_or_to_the_belly_is_a_tearing_pain(text: str) -> None:
    assert "tearing_pain_collapse" in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "my vest is soaked and my tummy is in agony",
        "the wife says I look gray and should get an ambulance",
        "pouring with sweat and it hurts up to my jaw",
        "it sits between my shoulders and the jaw is tight, too",
    ],
)
def test_cold_sweat_with_the_pain_is_a_sign_of_the_chest(text: str) -> None:
    assert "chest_pain" in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "my shirt was soaked after the run and my back hurts",
        "grey hair and a bad back, that's me",
        "it's clammy outside and my back hurts",
        "clammy hands when I meet girls and my back hurts",
    ],
)
def test_sweat_of_effort_is_none(text: str) -> None:
    assert "chest_pain" not in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "8. it's where I hit the door, she shoved me, she never meant it",
        "he slapped me but he was drunk",
        "my son grabbed me because he was angry",
    ],
)
def test_who_excuses_a_blow_was_struck(text: str) -> None:
    assert "violence" in held(text, "health_condition")


@pytest.mark.parametrize(
    "text",
    [
        "No fever, chills or weakness in my legs",
        "I do not have tingling, pain or numbness in both feet",
        "without any numbness, weakness or loss of control of my bladder",
        "there's no rash, swelling, pain nor weakness in both legs",
    ],
)
def test_an_or_closes_a_list_all_of_which_is_denied(text: str) -> None:
    assert not held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "No fever, my legs are numb",
        "no injury, both legs numb or weak since Monday",
        "no rash, I can't feel my legs or hold my water",
    ],
)
def test_what_is_told_behind_a_denial_still_counts(text: str) -> None:
    assert held(text, "emergency_sign")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the bladder infection part is wrong.", "urinary_signs"),
        ("nothing is wrong with my balance", "balance_or_arms"),
        ("I have no balance problems", "balance_or_arms"),
        ("that fever bit isn't true", "fever"),
    ],
)
def test_what_a_result_named_is_denied_by_its_name(text: str, code: str) -> None:
    told = {f.value: f.status.value for f in READER.read(text) if f.kind == "health_condition"}
    assert told.get(code) == "absent"


@pytest.mark.parametrize(
    "text",
    [
        "Yes or no: may I come though I take warfarin?",
        "no or yes, does my epilepsy matter",
    ],
)
def test_yes_or_no_denies_nothing(text: str) -> None:
    assert held(text, "health_condition")


@pytest.mark.parametrize(
    "text",
    [
        "my legs get weary by the evening, both legs",
        "my legs go wobbly after two pints",
        "it would be a blessing if I never woke up",
        "I can't walk on my heels",
        "they eat us out of house and home",
    ],
)
def test_what_only_sounds_like_a_sign_is_none(text: str) -> None:
    assert held(text, "emergency_sign") <= {"self_harm"}
    assert "violence" not in held(text, "health_condition")


@pytest.mark.parametrize(
    "text",
    [
        "up at night for a wee and it burns",
        "I have a urine infection, I'm up at night to wee",
        "my kidneys hurt and I'm up at night to the loo",
    ],
)
def test_getting_up_at_night_takes_no_sign_of_the_kidneys_away(text: str) -> None:
    assert "urinary_signs" in held(text, "health_condition")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The numb bit is right between my legs", "emergency_sign"),
        ("the wanting to kill myself part is true", "emergency_sign"),
        ("my bladder business isn't right since the fall", "emergency_sign"),
        ("yes the cancer part is correct", "health_condition"),
        ("At school I wet myself this morning", "emergency_sign"),
        ("does dribbling count as losing control of my bladder", "emergency_sign"),
        ("I have no balance any more", "health_condition"),
        ("I fell today, and I keep stumbling since", "injury"),
        ("braxton hicks a lot and the midwife is worried, 30 weeks", "health_condition"),
    ],
)
def test_what_sounds_like_a_denial_and_is_none_counts(text: str, kind: str) -> None:
    assert held(text, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is one session enough for me", "age"),
        ("is two pm free", "age"),
        ("why don't you answer about Tuesday", "time"),
        ("get on with it", "severity"),
        ("my pain is 6", "effect"),
        ("what counts as an injury?", "injury"),
    ],
)
def test_numbers_days_and_idioms_of_something_else_tell_no_fact(text: str, kind: str) -> None:
    assert not held(text, kind)


def test_an_age_that_is_put_right_counts() -> None:
    assert held("I'm not 2 years old, I'm 61", "age") == {61}


@pytest.mark.parametrize(
    "text",
    [
        "I plonked down on the bench too hard last week",
        "she sat into the chair with a bang",
        "the taxi swerved and I was flung",
        "he missed the stool",
    ],
)
def test_a_small_jolt_is_an_injury(text: str) -> None:
    # With thin bones or steroids even a small one is looked at the same day (Downie 2013).
    assert held(text, "injury")


@pytest.mark.parametrize(
    "text",
    [
        "I sat down for a hard day's work",
        "a hard chair to sit on",
    ],
)
def test_sitting_alone_is_none(text: str) -> None:
    assert not held(text, "injury")


def test_practice_contractions_that_the_midwife_knows_of_are_no_danger() -> None:
    text = "Braxton Hicks at night, but my midwife is happy"
    assert "pregnancy_pain_or_bleeding" not in held(text, "health_condition")


def test_contractions_of_which_nobody_knows_are_one() -> None:
    text = "30 weeks and lots of Braxton Hicks since this morning"
    assert "pregnancy_pain_or_bleeding" in held(text, "health_condition")


@pytest.mark.parametrize("text", ["I told you. Yes", "as I said, yes", "What?? Yes!"])
def test_a_reply_behind_a_reproach_is_one(text: str) -> None:
    assert held(text, "answer") == {"yes"}


def test_what_used_to_be_and_is_more_now_is_held() -> None:
    text = "it used to be one foot that was tingling, nowadays both"
    assert "both_legs" in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "an ache in my back for three months on and off",
        "a hernia of the disc ten years ago",
        "I googled it: ankylosing spondylitis, it says",
    ],
)
def test_no_illness_is_made_of_a_time_a_disc_or_a_search(text: str) -> None:
    told = held(text, "health_condition")
    assert not told & {"pregnancy_pain_or_bleeding", "abdominal_pain", "other_symptom"}
    assert "hernia" in text or "known_spine_disease" not in told


def test_gidday_is_a_greeting_and_no_giddiness() -> None:
    assert "balance_or_arms" not in held("Gidday, I'm after a massage", "health_condition")
