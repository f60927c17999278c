"""Ordinary words of ordinary backs make no danger, and no harm of a massage."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def told(text: str, kind: str) -> set[str]:
    return {str(f.value) for f in READER.read(text) if f.kind == kind and f.holds}


@pytest.mark.parametrize(
    "text",
    ["cant stand strait, back is locked", "I can't stand up straight", "cannot stand strate"],
)
def test_who_cannot_stand_straight_can_stand(text: str) -> None:
    assert "leg_collapse" not in told(text, "emergency_sign")


def test_who_cannot_stand_is_in_danger() -> None:
    assert "leg_collapse" in told("I cant stand, my legs won't hold me", "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "I'm confused. First it says see a doctor, then a massage",
        "I am a bit confused, which one?",
        "now I am really confused",
    ],
)
def test_who_is_confused_by_the_talk_has_no_symptom(text: str) -> None:
    assert told(text, "health_condition") == set()


@pytest.mark.parametrize(
    "text", ["He has a fever and is confused", "hot and confused since last night"]
)
def test_confusion_with_a_fever_is_a_danger(text: str) -> None:
    assert told(text, "emergency_sign") == {"sepsis"}


@pytest.mark.parametrize(
    "text",
    [
        "it was relaxing but the pain came again after two days",
        "lovely at the time, then the pain came back",
    ],
)
def test_pain_that_comes_again_is_no_harm_of_a_massage(text: str) -> None:
    assert "worse" not in told(text, "effect")


@pytest.mark.parametrize(
    "text",
    ["No! Massage did NOT hurt, it relaxed me only", "the massage relaxed me, it didn't hurt"],
)
def test_that_a_massage_did_not_hurt_says_that_it_relaxed(text: str) -> None:
    assert told(text, "massage") == {"relaxed"}


def test_heavy_work_told_in_the_present_is_a_strain() -> None:
    assert told("i lift heavy yesterday, cement", "injury") == {"lift"}
