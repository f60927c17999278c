"""Whose it is, whether it was ruled out, asked in general or said in a figure: by kind."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 23))
DANGERS = ("emergency_sign", "health_condition")


def held(text: str) -> set[str]:
    return {str(f.value) for f in READER.read(text) if f.holds and f.kind in DANGERS}


@pytest.mark.parametrize(
    "text",
    [
        # An animal's.
        "Our old terrier has epilepsy, poor lad.",
        "The mare had a stroke in the spring.",
        # A relative's, who is only talked of.
        "My brother fainted in church once, he's fine.",
        "My aunt's kidney cancer is in remission, she sings in two choirs.",
        # Looked for or feared, and not found.
        "They scanned me for a blood clot and there wasn't one.",
        "I was scared it was cancer, the results came back clear.",
        "She asked about night pain and I said no.",
        # Asked in general.
        "Is osteoporosis hereditary?",
        "How does a doctor test for cauda equina?",
        "Do you think it could be cancer? Tight back since Friday.",
        "Is there any chance I have a clot? Only my back is tight.",
        # Looked for and not found, in other words.
        "They checked for cancer and found nothing, my back is tight.",
        "Screened for osteoporosis, negative, tight back.",
        "Did a pregnancy test on Friday, it said negative, my back is tight.",
        # Another's, whom the writer looks after.
        "My brother has epilepsy and I wash him, tight back.",
        "My neighbour has shingles and I do her shopping, back is tight.",
        # Long over.
        "As a boy I had fits, none for 25 years, tight back.",
        "In 1994 when I came off a horse I hurt it, now it is just tight.",
        "The year our daughter was born I came off a horse, my back is tight.",
        # Figures of speech.
        "Our boiler has died and the kettle has fainted.",
        "We were in a cold sweat about the tax form.",
        "That clip nearly gave me a heart attack laughing.",
        "The whole office was in stitches when he sat down.",
    ],
)
def test_what_is_no_danger_of_the_patient_is_set_aside(text: str) -> None:
    assert held(text) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "My mum had a stroke last year and she is fine but now she can't feel her legs",
            "both_legs",
        ),
        ("my wife can't feel her legs, we need help", "both_legs"),
        ("the dog jumped up, I fell down the stairs and my legs are numb", "both_legs"),
        ("I was scared it was cancer and the scan was clear but I can't pee", "bladder_change"),
        ("I'm worried, my legs are numb, the x-ray was clear", "both_legs"),
        ("I asked the doctor about my numb legs and he said no worries", "both_legs"),
        (
            "I thought the numbness in my groin was nothing, the doctor said no problem",
            "saddle_numbness",
        ),
        ("shaking like a leaf during the night, 39.5", "fever"),
        ("crook as a dog, fever and bad shakes", "fever"),
        ("I had a blackout at work", "fainting"),
        ("is numbness between my legs dangerous", "saddle_numbness"),
        ("how do I get rid of the numbness in my privates", "saddle_numbness"),
        ("what would help with the numbness down below", "saddle_numbness"),
        ("I'm worried about my numb legs", "both_legs"),
        ("do you think it is serious that I can't feel my legs", "both_legs"),
        ("my husband has epilepsy and I lift him, he can't feel his legs", "both_legs"),
        ("my mum has numb legs and I carry her", "both_legs"),
        ("do you think it is okay that he cannot feel his legs", "both_legs"),
        ("is it possible she can't feel her legs because of the bed", "both_legs"),
        ("any chance it is normal that she cannot pee", "bladder_change"),
        ("my mum can't feel her legs and I lift her", "both_legs"),
        ("in 2019 when I fell I was fine, now I can't feel my legs", "both_legs"),
        ("I'm bleeding heavily and very tired", "bleeding"),
    ],
)
def test_a_danger_beside_what_is_set_aside_is_kept(text: str, code: str) -> None:
    assert code in held(text)


@pytest.mark.parametrize(
    "text",
    [
        "he collapsed on the settee and he won't wake up",
        "my dad collapsed, bless him",
        "the lights went out in my head and I woke on the floor",
        "the shed collapsed and I woke on the ground",
    ],
)
def test_who_cannot_be_woken_or_woke_on_the_floor_has_fainted(text: str) -> None:
    assert "fainting" in held(text)


def test_a_stroke_that_a_coach_tells_of_is_one() -> None:
    assert "heart_or_stroke" in held("my coach says I had a stroke in May")
