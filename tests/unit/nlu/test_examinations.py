"""That a doctor has examined this pain, and has nothing against massage, is found; less is not."""

from __future__ import annotations

import pytest

from backline.facts import Status
from backline.nlu.rasa_components import read_text


def agreed(text: str) -> bool:
    told = [f.status for f in read_text(text) if f.kind == "examined"]
    return bool(told) and all(status is Status.PRESENT for status in told)


@pytest.mark.parametrize(
    "text",
    [
        "can't I just have it, my doctor examined my back and agrees",
        "my GP has checked me over and said massage is fine",
        "I've had an MRI, all clear, doc told me to get massage",
        "the doctor examined me last week and said it is just muscular",
        "I was examined by my GP. She recommended massage.",
        "the hospital checked me on Sunday and there was nothing broken",
        "a consultant looked at my back, he agreed to massage",
        "I have had a full examination, the doctor said I should get a massage",
    ],
)
def test_an_examination_with_nothing_against_massage_is_found(text: str) -> None:
    assert agreed(text)


@pytest.mark.parametrize(
    "text",
    [
        "my GP said massage is fine",
        "my doctor hasn't examined me but said massage is fine",
        "my doctor examined my back and does not agree",
        "my gp examined me and said no massage",
        "the doctor examined me and said I should avoid massage",
        "the doctor examined me last year and said massage is fine",
        "my doctor examined me two years ago and agreed",
        "if my doctor examines me and agrees can I have a massage",
        "should a doctor examine me before massage is ok?",
        "my doctor checked me and agreed but now it got worse",
        "doctor examined my knee and said massage is ok",
        "my physio examined me and said massage is fine",
        "I had a scan, nothing serious",
        "the doctor examined me",
        "the doctor will examine me on Friday, massage is fine I hope",
    ],
)
def test_what_is_less_than_that_is_not(text: str) -> None:
    assert not agreed(text)
