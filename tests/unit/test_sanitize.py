"""A person's words, cleaned."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.dialogue import Manner
from backline.facts import Slot
from backline.sanitize import Refused, clean_manner, clean_message_id, clean_text


@pytest.mark.parametrize(
    "text",
    [
        "both my legs are *numb*",
        "both my legs are _numb_",
        "both my legs are ~numb~",
        "*both my legs are numb*",
        "both my legs are <i>numb</i>",
        "both my <b>legs</b> are numb",
        "both my legs are n\u200bumb",
        "both my legs are nu\u00admb",
        "\u202eboth my legs are n\u0336u\u0336mb\u202c",
        "/both my legs are numb",
        "/ / both my legs are numb",
    ],
)
def test_nothing_hides_a_word(text: str) -> None:
    assert clean_text(text) == "both my legs are numb"


@pytest.mark.parametrize("text", ["/restart", "/ /restart", " //\n/restart", "*/restart*"])
def test_nothing_is_a_command(text: str) -> None:
    assert not clean_text(text).startswith("/")


@pytest.mark.parametrize(
    "text", ["pain < 5 and > 2", "2*3", "snake_case", "~5 weeks ago", "it's 5/10"]
)
def test_what_is_no_mark_up_stays(text: str) -> None:
    assert clean_text(text).replace("~", "") == text.replace("~", "")


def test_a_client_may_say_that_a_message_answers_nothing() -> None:
    told = {"answers": "", "manner": "early", "withdraws": []}
    assert clean_manner({"manner": "early"}) == told


def test_a_client_may_say_which_question_an_older_message_answers() -> None:
    told = {"answers": "consent", "manner": "late", "withdraws": []}
    assert clean_manner({"manner": "late", "answers": "consent"}) == told


def test_without_a_manner_a_message_answers_the_open_question() -> None:
    assert clean_manner({"answers": "consent"}) is None


def test_no_client_changes_what_was_said_before() -> None:
    assert clean_manner({"manner": "changed", "answers": "age"}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(manner=JSON | st.sampled_from(Manner), answers=JSON | st.sampled_from(Slot))
def test_what_cannot_be_read_in_it_is_left_out(manner: Any, answers: Any) -> None:
    cleaned = clean_manner({"manner": manner, "answers": answers})
    if cleaned is not None:
        assert Manner(cleaned["manner"]) in (Manner.EARLY, Manner.LATE)
        assert cleaned["answers"] == "" or Slot(cleaned["answers"])


@pytest.mark.parametrize("message_id", [7, "x" * 65, "half a pair: \ud800", ["m1"]])
def test_what_is_no_id_of_a_message_is_refused(message_id: object) -> None:
    with pytest.raises(Refused):
        clean_message_id(message_id)


@pytest.mark.parametrize("marks", ["*", "~", "*_", "_"])
def test_a_long_row_of_marks_is_cleaned_at_once(marks: str) -> None:
    began = time.thread_time()
    clean_text(marks * 4000, 16_000)
    assert time.thread_time() - began < 0.1
