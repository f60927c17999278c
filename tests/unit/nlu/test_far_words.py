"""What tells of a stretch from anywhere in its sentence: that it was long ago, or is denied."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.nlu import Understander
from backline.nlu.components.context import _ALL_DENIED, _LONG_AGO, _YEARS, _context, _FarWords

TODAY = dt.date(2026, 11, 23)
READER = Understander(lambda: TODAY)
WORDS = (
    *("my", "back", "in", "2015", "2012", "since", "five", "years", "ago", "but", "and", "now"),
    *("numb", "legs", ",", ":", "no", "all", "well", "i", "am", "a", "few", "months", "when"),
)


def long_ago(before: str, after: str) -> bool:
    """Look through the words before and behind a stretch, each by themselves."""
    ends = _context().ends
    for match in (*_LONG_AGO.finditer(before), *_YEARS.finditer(before)):
        if not ends.search(before, match.end() - 1):
            return True
    return any(
        not ends.search(after, 0, match.start() + 1)
        for match in (*_LONG_AGO.finditer(after), *_YEARS.finditer(after))
    )


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14), st.data())
def test_they_tell_what_looking_before_and_behind_each_stretch_tells(
    words: list[str], data: st.DataObject
) -> None:
    line = f" {' '.join(words)} "
    starts = [1 + len(" ".join(words[:n])) + (n > 0) for n in range(len(words))]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, min(first + 2, len(words) - 1)))
    start, end = starts[first], starts[last] + len(words[last])
    far = _FarWords(line, 0, len(line), TODAY)
    before, after = " " + line[:start], line[end:] + " "
    assert far.tell_long_ago(start, end) is long_ago(before, after)
    assert far.deny(end) is (_ALL_DENIED.search(after) is not None)


@pytest.mark.parametrize(
    "text",
    [
        "I was stabbed in the back in 2012.",
        "Took a heavy blow to my back in 2009.",
        "I hurt my back in 2015.",
    ],
)
def test_a_year_behind_the_back_tells_that_it_was_long_ago(text: str) -> None:
    held = {f.kind for f in READER.read(text) if f.holds}
    assert not held & {"emergency_sign", "injury"}
