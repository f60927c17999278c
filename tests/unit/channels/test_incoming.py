"""A person's words, cleaned."""

from __future__ import annotations

import pytest

from backline.channels.incoming import clean_text


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
