"""Which option is meant."""

from __future__ import annotations

import pytest

from backline.channels.messaging.options import Questions, by_number, ticked
from backline.replies import Option, Question

MASSAGE = Question(
    "massage_response", "choice", tuple(Option(t, t) for t in ("None yet", "Relaxed", "Worse"))
)
SIGNS = Question(
    "emergency_signs",
    "multi_choice",
    (Option("numb", "Numb"), Option("faint", "Faint"), Option("none", "None of these")),
)


@pytest.mark.parametrize(
    "text",
    ["2", "2.", " 2) ", "#2", "two", "Two!", "the second one", "option 2", "number two", "second"],
)
def test_a_number_means_the_option_beside_it(text: str) -> None:
    assert by_number(MASSAGE, text) == "Relaxed"


@pytest.mark.parametrize("text", ["0", "4", "22", "2 weeks", "not 2", "2 and 3", "²", "٢", ""])
def test_what_is_not_just_one_of_the_numbers_stays_as_it_is(text: str) -> None:
    assert by_number(MASSAGE, text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2, for a day or so", "Relaxed; for a day or so"),
        ("3 the first time", "Worse; the first time"),
        ("1. never tried", "None yet; never tried"),
    ],
)
def test_what_is_said_behind_the_number_is_kept(text: str, meant: str) -> None:
    assert by_number(MASSAGE, text) == meant


@pytest.mark.parametrize("text", ["2 weeks ago", "3 times", "1 or 2 of them", "9, I think"])
def test_a_number_that_counts_something_is_no_option(text: str) -> None:
    assert by_number(MASSAGE, text) is None


def test_numbers_of_a_checklist_are_left_to_understanding() -> None:
    assert by_number(SIGNS, "2") is None


@pytest.fixture
def questions() -> Questions:
    options = [{"value": "yes", "title": "Yes"}, {"value": "no", "title": "No"}]
    custom = {
        "type": "question",
        "slot": "consent",
        "input": {"kind": "yes_no", "options": options},
    }
    return Questions({"utter_ask_consent": [{"text": "?", "custom": custom}], "utter_x": [{}]})


def test_a_pressed_option_is_looked_up(questions: Questions) -> None:
    pressed = questions.pressed("consent:1")
    assert pressed is not None
    assert pressed[0].titles[pressed[1] or 0] == "No"


@pytest.mark.parametrize(
    "choice", ["", "consent", "consent:2", "consent:-1", "consent:x", "/restart", "age:0", ":0"]
)
def test_what_names_no_option_of_ours_is_none(questions: Questions, choice: str) -> None:
    assert questions.pressed(choice) is None


def test_ticked_lines_are_said_in_their_order() -> None:
    assert ticked(SIGNS, (1, 0)) == "Numb; Faint"
