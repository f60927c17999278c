"""A person's words, cleaned."""

from __future__ import annotations

import time

import pytest

from backline.sanitize import Refused, clean_message_id, clean_text


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


@pytest.mark.parametrize("message_id", [7, "x" * 65, "half a pair: \ud800", ["m1"]])
def test_what_is_no_id_of_a_message_is_refused(message_id: object) -> None:
    with pytest.raises(Refused):
        clean_message_id(message_id)


@pytest.mark.parametrize("marks", ["*", "~", "*_", "_"])
def test_a_long_row_of_marks_is_cleaned_at_once(marks: str) -> None:
    began = time.thread_time()
    clean_text(marks * 4000, 16_000)
    assert time.thread_time() - began < 0.1
