"""The lexicon's pattern language, and typing errors."""

from __future__ import annotations

import pytest

from backline.nlu.patterns import PatternError, beginnings, beginnings_of, compile_all
from backline.nlu.spelling import corrections

MATCHES = [
    ("a|b", "b"),
    ("pins_and_needles", "pins and needles"),
    ("numb*", "numbness"),
    ("leg(s)", "leg"),
    ("leg(s)", "legs"),
    ("my? leg", "leg"),
    ("foot ... drags", "foot always drags"),
    ("lost ~ weight", "weight i have lost"),
    ("38-42 degrees", "39.5 degrees"),
    ("<part> hurts", "arm hurts"),
]


@pytest.mark.parametrize(("pattern", "words"), MATCHES)
def test_a_pattern_matches(pattern: str, words: str) -> None:
    found = compile_all([pattern], {"part": ["arm", "leg"]})
    assert found is not None
    assert found.search(f" {words} ")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("foot ... drags", "foot but it drags"),
        ("foot ... drags", "foot . drags"),
        ("foot ... drags", "foot one two three four five six drags"),
        ("38-42 degrees", "37 degrees"),
        ("leg", "legend"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, words: str) -> None:
    found = compile_all([pattern], {})
    assert found is not None
    assert not found.search(f" {words} ")


@pytest.mark.parametrize(("pattern", "words"), [*MATCHES, ("a? b* c", "bee c"), ("i am", "i am")])
def test_what_matches_begins_as_its_pattern_says(pattern: str, words: str) -> None:
    known = beginnings([pattern], {"part": ["arm", "leg"]})
    assert not known.isdisjoint(beginnings_of(words.split()))


@pytest.mark.parametrize(
    ("pattern", "words"), [("leg(s)", "my arm"), ("i am", "in here"), ("38-42 degrees", "1 2 5")]
)
def test_words_of_other_beginnings_need_not_be_searched(pattern: str, words: str) -> None:
    assert beginnings([pattern], {}).isdisjoint(beginnings_of(words.split()))


def test_an_unknown_set_is_named() -> None:
    with pytest.raises(PatternError, match="<nosuch>"):
        compile_all(["<nosuch>"], {})


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("numness", "numbness"), ("siatica", "sciatica"), ("injectnig", "injecting")],
)
def test_a_typing_error_is_put_right(wrong: str, right: str) -> None:
    assert corrections(wrong) == {wrong: right}


@pytest.mark.parametrize("word", ["thirty", "teach", "horse", "massive", "cot"])
def test_a_common_word_is_left_alone(word: str) -> None:
    assert corrections(word) == {}
