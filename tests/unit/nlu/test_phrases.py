"""Patterns that are looked for only where a word can begin one find what they find anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.nlu.composition import PartsTold
from backline.nlu.lexicon import EntryIndex, entries
from backline.nlu.patterns import compile_all
from backline.nlu.phrases import Phrases, WordLine, phrases_of

PATTERNS = ["numb|dead legs|feet", "my? leg(s) gave_way", "38-41 degrees", "pee* ... bed", "legs"]
WORDS = [
    "my",
    "numb",
    "dead",
    "leg",
    "legs",
    "feet",
    "gave",
    "way",
    "39.5",
    "degrees",
    "peed",
    "the",
]
WORDS += ["bed", ",", "but", "."]


@pytest.fixture(scope="module")
def several() -> Phrases:
    found = phrases_of(PATTERNS, {})
    assert found is not None
    return found


lines = st.lists(st.sampled_from(WORDS), max_size=40).map(lambda words: f" {' '.join(words)} ")


@given(text=lines)
def test_all_places_are_those_that_the_expression_finds(several: Phrases, text: str) -> None:
    anywhere = compile_all(PATTERNS, {})
    assert anywhere is not None
    assert several.all(WordLine(text)) == [match.span() for match in anywhere.finditer(text)]


@given(text=lines, begin=st.integers(0, 60), length=st.integers(0, 60))
def test_the_first_place_within_a_stretch_is_that_of_the_expression(
    several: Phrases, text: str, begin: int, length: int
) -> None:
    match = several.expression.search(text, begin, begin + length)
    assert several.first(WordLine(text), begin, begin + length) == (match.span() if match else None)


def test_what_no_word_begins_is_not_looked_for(several: Phrases) -> None:
    assert several.first(WordLine(" a fine day ")) is None


def test_no_patterns_are_no_phrases() -> None:
    assert phrases_of([], {}) is None


def test_the_entries_that_may_be_told_are_all_that_are_told() -> None:
    index = EntryIndex(enumerate(entries()))
    text = " my legs are numb , no fever , i take warfarin and i fell off a ladder "
    may = {entry.source for _, entry in index.may_be_told(WordLine(text))}
    told = {e.source for e in entries() if e.place(PartsTold(WordLine(text)), 0) is not None}
    assert told
    assert told <= may
