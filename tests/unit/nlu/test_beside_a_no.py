"""What is said beside a "no" to the danger signs and not understood is quoted, and talk is not."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.facts import Status
from backline.nlu import Understander
from backline.nlu.components.replies import says_no
from backline.nlu.second_reading.beside import read_beside_a_no

READER = Understander(lambda: dt.date(2026, 11, 29))


def quoted(text: str) -> list[str]:
    return [f.value["quote"] for f in read_beside_a_no(text, READER.read(text))]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("no, not really. bit slow getting going at the loo", "bit slow getting going at the loo"),
        ("nope. the stream isn't what it was", "the stream isn't what it was"),
        ("none, only i have to push to get it going", "only i have to push to get it going"),
        ("no, odd when I wipe these days", "odd when I wipe these days"),
        ("not that I know. takes its time when I stand there", "takes its time when I stand there"),
    ],
)
def test_a_clause_that_names_what_the_body_does_is_quoted(text: str, quote: str) -> None:
    assert quoted(text) == [quote]


@pytest.mark.parametrize(
    "text",
    [
        "no, I'm fine thanks, just want to book",
        "no, it only hurts when I sit too long",
        "No. I just get stiff when I stand up from the sofa.",
        "none, and I walk the dog every day without trouble",
        "No, I go to the toilet as usual",
        "no I don't have any trouble on the toilet",
        "no, I drink plenty of water",
        "no, it's only the back, I sit at a computer all day",
        "no and my legs are fine",
        "no. do I have to go to the toilet first?",
        "no. My wife walks better than me",
        "no loo",
    ],
)
def test_small_talk_is_not_quoted(text: str) -> None:
    assert quoted(text) == []


def test_nothing_is_quoted_where_nothing_was_denied() -> None:
    assert quoted("bit slow getting going at the loo") == []


def test_it_holds_nowhere_but_in_an_answer_to_a_list() -> None:
    text = "no. bit slow getting going at the loo"
    (found,) = read_beside_a_no(text, READER.read(text))
    assert found.status is Status.HYPOTHETICAL


@pytest.mark.parametrize(
    "text", ["nothing to fret over", "nothin serious", "no big deal", "not too bad", "no worse"]
)
def test_making_light_of_it_is_no_denial(text: str) -> None:
    assert not says_no(text)


@pytest.mark.parametrize("text", ["nothing", "nothing new", "no, no big deal", "not me", "nah"])
def test_a_denial_stays_one(text: str) -> None:
    assert says_no(text)
