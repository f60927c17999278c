"""Who turns to another patient, in words that can mean nothing else."""

from __future__ import annotations

import pytest

from backline.dialogue.standing import ANOTHER_PERSON
from backline.nlu.components.emergency_talk import is_about


@pytest.mark.parametrize(
    "text",
    [
        "now it's about my wife",
        "ok now it's for my son",
        "next, what about my mum?",
        "and now it's about me",
        "this time it's for my husband",
        "I want to ask for another patient",
        "now I'd like to ask for someone else",
        "can I do this for my daughter too?",
        "now it's for myself please",
    ],
)
def test_a_turn_to_another_patient_is_heard(text: str) -> None:
    assert is_about(text, ANOTHER_PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "this time my left side hurts",
        "my wife says I should see someone",
        "I am a new patient",
        "now my back hurts when my son jumps on it",
        "it hurts me now",
        "now me back hurts",
        "no, it is not another person",
        "can I bring my wife with me?",
        "next week my son gets married",
        "now I am worried about my daughter",
        "I lifted my son and now it hurts",
        "What should I do now for my wife?",
        "Can I see someone else instead?",
        "Now I can hardly cook for myself",
        "We are in the waiting room now for my son",
    ],
)
def test_other_talk_of_people_is_none(text: str) -> None:
    assert not is_about(text, ANOTHER_PERSON)
