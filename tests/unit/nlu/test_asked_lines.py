"""What is asked about a list or about agreeing is found as a question, and as nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu.intents import settle
from backline.nlu.pipeline import Understander

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(lambda: TODAY)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("what is number 4?", 4),
        ("whats 11", 11),
        ("what does number two mean", 2),
        ("sorry, what do you mean by the third one?", 3),
        ("could you explain line 7 please", 7),
        ("I don't understand number 6", 6),
        ("number 9, what is that?", 9),
        ("not sure what option 12 means", 12),
        ("What's the 3rd one mean?", 3),
        ("tell me more about point 5", 5),
    ],
)
def test_asking_what_a_line_means_is_no_pick(
    understander: Understander, text: str, line: int
) -> None:
    found = understander.read(text)
    assert [(f.kind, f.value) for f in found] == [("asked_line", line)]
    assert settle(text, [("inform", 0.9)], found) == "ask_explain"


@pytest.mark.parametrize(
    "text", ["4", "number 4", "4 and 6", "I have number 4", "4, since Monday", "4?"]
)
def test_naming_a_line_stays_a_pick(understander: Understander, text: str) -> None:
    kinds = {f.kind for f in understander.read(text)}
    assert "pick" in kinds
    assert "asked_line" not in kinds


@pytest.mark.parametrize(
    "text",
    [
        "what is wrong with my back?",
        "what does this mean",
        "I don't understand",
        "I don't know, 4 maybe",
    ],
)
def test_other_questions_ask_about_no_line(understander: Understander, text: str) -> None:
    assert "asked_line" not in {f.kind for f in understander.read(text)}


@pytest.mark.parametrize(
    "text",
    [
        "do I have to?",
        "must I agree to that?",
        "is it safe?",
        "Hi, is that secure",
        "can I say no?",
        "could I refuse",
        "what if I don't want to?",
        "what happens to my answers?",
        "agree to what?",
        "is it mandatory",
    ],
)
def test_asking_about_agreeing_neither_agrees_nor_refuses(
    understander: Understander, text: str
) -> None:
    kinds = {f.kind for f in understander.read(text)}
    assert "consent_question" in kinds
    assert not kinds & {"agreement", "answer"}


@pytest.mark.parametrize(
    ("text", "agreed"),
    [("is it safe? ok, go on", "yes"), ("no, I would rather not. is it safe?", "no"), ("no", "no")],
)
def test_a_word_for_or_against_counts_beside_a_question(
    understander: Understander, text: str, agreed: str
) -> None:
    found = understander.read(text)
    assert [f.value for f in found if f.kind == "agreement"] == [agreed]
    assert "consent_question" not in {f.kind for f in found}


@pytest.mark.parametrize(
    "text", ["do I have to go to hospital?", "is it safe to have a massage?", "is massage safe?"]
)
def test_questions_about_treatment_are_not_about_agreeing(
    understander: Understander, text: str
) -> None:
    assert "consent_question" not in {f.kind for f in understander.read(text)}


@pytest.mark.parametrize(
    "text",
    ["no idea what sepsis means", "I don't know what a spasm means", "not sure what it means"],
)
def test_who_does_not_know_a_word_leaves_nothing_unanswered(
    understander: Understander, text: str
) -> None:
    assert "dont_know" not in {f.value for f in understander.read(text) if f.kind == "answer"}
