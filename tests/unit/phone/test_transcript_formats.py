"""One short call, as each service and each form of file writes it, is always the same turns."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from backline.nlu import Understander
from backline.phone.review.transcripts import read_call, read_said

FOLDER = Path(__file__).parent / "transcripts"
READ = Understander(lambda: dt.date(2026, 11, 27)).read
CALL = [
    (1, "Harbour Street clinic, how can I help?"),
    (4, "My lower back has hurt for two weeks."),
    (8, "Any fever?"),
    (10, "No, no fever."),
    (13, "How bad is it, from zero to ten?"),
    (17, "Four."),
]
BARE = {"words.ctm", "speakers.ctm", "turns.stm", "words.TextGrid"}
"""Forms that have neither marks nor capitals."""
SAMPLES = sorted(path.name for path in FOLDER.iterdir())


def sample(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def bare(text: str) -> str:
    return re.sub(r"[^\w ]", "", text).lower()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_form_comes_to_the_same_turns(name: str) -> None:
    said = read_said(sample(name))

    expected = [bare(text) if name in BARE else text for _, text in CALL]
    assert [turn.text for turn in said] == expected
    assert [turn.begin for turn in said] == [begin for begin, _ in CALL]


@pytest.mark.parametrize("name", SAMPLES)
def test_in_every_form_two_speak_in_turn(name: str) -> None:
    labels = [turn.speaker for turn in read_said(sample(name))]

    assert None not in labels
    assert labels == labels[:2] * 3
    assert labels[0] != labels[1]


@pytest.mark.parametrize("name", SAMPLES)
def test_in_every_form_the_caller_is_found(name: str) -> None:
    lines, roles = read_call(sample(name), READ)

    assert [line.by_caller for line in lines] == [False, True] * 3
    assert sorted(speaker.role for speaker in roles.speakers) == ["caller", "receptionist"]


@pytest.mark.parametrize("name", SAMPLES)
def test_in_no_form_is_a_sure_word_taken_for_an_unsure_one(name: str) -> None:
    lines, _ = read_call(sample(name), READ)

    assert not any(line.unclear for line in lines)
