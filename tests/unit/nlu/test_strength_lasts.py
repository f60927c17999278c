"""Whether a strength is the usual one is read from what people say beside it."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def lasting(text: str) -> set[str]:
    return {f.value for f in READER.read(text) if f.kind == "strength_lasts" and f.holds}


@pytest.mark.parametrize(
    "text",
    [
        "yeah pretty much all the time",
        "8, day and night",
        "it has been a constant 7",
        "it never lets up",
        "most days, yes",
        "an 8 on average",
        "it doesn't let up",
        "always at an 8",
    ],
)
def test_what_is_always_so(text: str) -> None:
    assert lasting(text) == {"mostly"}


@pytest.mark.parametrize(
    "text",
    [
        "just when I get up",
        "at its worst",
        "not all the time",
        "it comes and goes",
        "only on bad days",
        "not always",
        "now and again",
    ],
)
def test_what_is_so_at_times(text: str) -> None:
    assert lasting(text) == {"at_times"}


@pytest.mark.parametrize("text", ["I'm usually fine", "it's usually less", "normally active", "8"])
def test_what_tells_nothing_of_it(text: str) -> None:
    assert lasting(text) == set()
