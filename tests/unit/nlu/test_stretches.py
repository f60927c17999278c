"""Stretches of a word line: how far the nearest is, and which holds another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backline.nlu.clauses import FAR, Stretches, words_between

LINE = " my back hurts since my knee was done three weeks ago "
"""Words with a space around each."""
PLACES = st.tuples(st.integers(0, len(LINE)), st.integers(0, 12)).map(
    lambda place: (place[0], min(len(LINE), place[0] + place[1]))
)


@given(st.lists(PLACES, max_size=6), PLACES)
def test_the_nearest_is_the_least_number_of_words_to_any_of_them(
    spans: list[tuple[int, int]], place: tuple[int, int]
) -> None:
    gaps = [words_between(LINE, span, place) for span in spans]
    told = Stretches(LINE, spans).nearest(*place)
    assert told == min((gap for gap in gaps if gap < FAR), default=FAR)


def test_a_stretch_in_another_is_held_by_it() -> None:
    stretches = Stretches(LINE, [(10, 20), (1, 4)])
    assert stretches.hold(11, 20)
    assert stretches.hold(1, 4)


def test_a_stretch_that_goes_beyond_another_is_not_held_by_it() -> None:
    assert not Stretches(LINE, [(10, 20)]).hold(11, 21)
    assert not Stretches(LINE, []).hold(1, 2)
