"""What sounds like a danger or an illness, and is none; and the danger beside it that is one."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))

NO_SIGN = """
my bladder and bowels are both normal and there is no leg trouble
bowels and bladder fine, no numbness
waterworks normal
I get up at night to pass water twice, have done for years
she gets up in the night for a wee, at her age that is usual
a sudden sharp pain in the middle of his back as he lifted a crate
do I skip tonight's pill or not
should I leave out tomorrow's tablet before the massage
must I miss tonight's dose of painkillers
none. why do you ask about suicide?
why would you need to know if I have thoughts of ending my life
how come you want to know about fainting
"""
A_SIGN = {
    "I can't pass water since last night": "bladder_change",
    "my bladder was normal until Friday, now I can't pass urine": "bladder_change",
    "bowels normal, but I cannot pee": "bladder_change",
    "sudden severe pain in my belly and back, I feel faint": "tearing_pain_collapse",
    "a sudden tearing pain in the middle of my back": "tearing_pain_collapse",
    "I took tomorrow's painkillers as well and feel woozy": "overdose",
    "why do you ask? I want to kill myself": "self_harm",
}
NO_CONDITION = {
    "he has some pain in bed but it goes once he lies still": "night_pain",
    "it hurts at night when I turn, then eases as soon as I lie still": "night_pain",
    "why are you asking me about pregnancy": "pregnancy",
    "my back is stiff first thing, gone after five minutes": "inflammatory",
    "the stiffness lasts like 10 mins": "inflammatory",
    "it's not stiff for long": "inflammatory",
}
A_CONDITION = {
    "the pain at night does not ease when I lie still": "night_pain",
    "my back is stiff for an hour every morning": "inflammatory",
}


def each(texts: str) -> list[str]:
    return [line for line in texts.strip().splitlines() if line]


def holding(text: str, kind: str) -> set[str]:
    return {str(f.value) for f in READER.read(text) if f.kind == kind and f.holds}


@pytest.mark.parametrize("text", each(NO_SIGN))
def test_what_only_sounds_like_a_danger_sign_is_none(text: str) -> None:
    assert holding(text, "emergency_sign") == set()


@pytest.mark.parametrize(("text", "sign"), A_SIGN.items())
def test_the_sign_is_read_all_the_same(text: str, sign: str) -> None:
    assert sign in holding(text, "emergency_sign")


@pytest.mark.parametrize(("text", "code"), NO_CONDITION.items())
def test_what_only_sounds_like_an_illness_is_none(text: str, code: str) -> None:
    assert code not in holding(text, "health_condition")


@pytest.mark.parametrize(("text", "code"), A_CONDITION.items())
def test_the_illness_is_read_all_the_same(text: str, code: str) -> None:
    assert code in holding(text, "health_condition")


@pytest.mark.parametrize(
    "text",
    [
        "I just wanted a massage for my sore back, ok I'll ring them",
        "my friend had a massage and it helped her",
        "a mate swears by massage, says it is great",
    ],
)
def test_a_massage_that_is_wished_or_anothers_did_nothing_to_the_patient(text: str) -> None:
    assert not holding(text, "massage") & {"worse", "relaxed", "no_change"}


def strengths(text: str) -> list[tuple[int, str]]:
    return [(f.value, f.status.value) for f in READER.read(text) if f.kind == "severity"]


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("it's 8 when I bend, normally a 3", 3),
        ("usually 4 out of 10, 7 after gardening", 4),
        ("usual 5", 5),
        ("most days it is a 2, at worst a 7", 2),
        ("usually a 3 out of 10 but it is 8 today", 8),
    ],
)
def test_how_it_usually_is_counts_before_how_it_is_at_its_worst(text: str, strength: int) -> None:
    assert max(value for value, status in strengths(text) if status == "present") == strength


def test_a_strength_that_was_never_said_is_none() -> None:
    assert strengths("I did not say 8 out of 10, it is more like a 6") == [
        (8, "absent"),
        (6, "present"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "nothing numb, both legs fine, everything works",
        "after a shift both legs are getting tired only, nothing else",
        "I am sad these weeks but I don't want to die or anything",
    ],
)
def test_what_is_said_to_be_well_is_no_sign(text: str) -> None:
    assert holding(text, "emergency_sign") == set()


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("both legs were fine until today, now both legs are numb", "both_legs"),
        ("I don't want to die but I can't go on", "self_harm"),
        ("I'd rather die than live like this", "self_harm"),
    ],
)
def test_a_sign_beside_it_stays_one(text: str, sign: str) -> None:
    assert sign in holding(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "my calf isn't swollen or hot",
        "who said anything about cancer",
        "I've been reading about cauda equina all night",
    ],
)
def test_an_illness_that_is_denied_or_only_read_about_is_none(text: str) -> None:
    assert holding(text, "health_condition") == set()


@pytest.mark.parametrize("text", ["how many massages roughly? 2 or like 10?", "BP is 130 by 80"])
def test_a_number_of_something_else_is_no_strength_and_no_age(text: str) -> None:
    assert not {f.kind for f in READER.read(text)} & {"severity", "age"}
