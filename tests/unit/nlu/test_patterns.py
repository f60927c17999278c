"""The lexicon's pattern language, and typing errors."""

from __future__ import annotations

import re
import string
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.nlu.components.consent import _Consent
from backline.nlu.components.context import _Context
from backline.nlu.components.emergency_talk import _whole
from backline.nlu.components.patients import _oneself
from backline.nlu.components.replies import _Replies
from backline.nlu.components.wishes import _Wishes
from backline.nlu.lexicon import FOLDER, entries
from backline.nlu.lexicon_lines import all_files, faults_of, lines_of
from backline.nlu.pattern_samples import Sampler
from backline.nlu.patterns import (
    Grammar,
    Item,
    Pattern,
    PatternError,
    PlainWords,
    Range,
    Run,
    SetName,
    WordChoice,
    beginnings,
    compile_all,
    parse,
    text_of,
)
from backline.nlu.phrases import WordLine
from backline.nlu.quantity_words import Vocabulary
from backline.nlu.spelling import corrections, is_clinical
from backline.nlu.topics import topics_of
from backline.phone.review import questions, speakers
from backline.yaml_text import PlacedText, read_placed_words

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
    ("the? my? leg", "leg"),
    ("the? my? leg", "my leg"),
    ("the? my? leg", "the my leg"),
    ("this? ... leg", "leg"),
    ("this? ... leg", "this old leg"),
    ("a_&_e", "a & e"),
    ("winded , not", "winded , not"),
    ("l_4", "l 4"),
    ("rosé", "rosé"),
    ("👍", "👍"),
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
    assert not known.isdisjoint(WordLine(f" {words} ").starts)


@pytest.mark.parametrize(
    ("pattern", "words"), [("leg(s)", "my arm"), ("i am", "in here"), ("38-42 degrees", "1 2 5")]
)
def test_words_of_other_beginnings_need_not_be_searched(pattern: str, words: str) -> None:
    assert beginnings([pattern], {}).isdisjoint(WordLine(f" {words} ").starts)


def test_a_pattern_is_parsed_into_a_tree() -> None:
    leg = WordChoice((PlainWords(("leg",), "(s)"), SetName("part")), optional=False)
    my = WordChoice((PlainWords(("my",), ""),), optional=True)
    left = WordChoice((PlainWords(("left", "big"), "*"), Range(1, 3)), optional=False)
    assert parse("my? leg(s)|<part> ... left_big*|1-3 ~ my? leg(s)|<part>") == Pattern(
        Run((my, leg, left), (False, False, True)), Run((my, leg), (False, False))
    )


def test_a_line_may_have_an_example() -> None:
    line = {"pattern": "foot drop", "like": "I have a foot drop"}
    assert parse(line) == parse("foot drop")
    found = compile_all([line, "toe drop"], {})
    assert found is not None
    assert found.search(" i have a foot drop ")


WRONG = [
    ("", 1, "without words"),
    ("   ", 1, "without words"),
    ("foot .. drag", 6, "a gap is written"),
    ("foot … drag", 6, "a gap is written"),
    ("Foot drop", 1, "lower case"),
    ("can i don't feel", 7, "no apostrophes"),
    ("foot ~ drag ~ slap", 13, "one `~` at most"),
    ("foot ~", 6, "side without words"),
    ("~ foot", 1, "side without words"),
    ("foot~drag", 1, "`~` stands alone"),
    ("my (foot|toes) drag", 4, "no brackets"),
    ("sick|heav*_up", 6, "at the end of all"),
    ("heav** up", 1, "at the end of all"),
    ("a||b", 3, "alternative is empty"),
    ("see |b", 5, "alternative is empty"),
    ("a|b|", 5, "alternative is empty"),
    ("... foot", 1, "no word before"),
    ("foot ...", 6, "no word behind"),
    ("a ~ ... b", 5, "no word before"),
    ("foot ... ... drag", 10, "stands twice"),
    ("is it ?", 7, "without a word"),
    ("a?|b", 1, "behind all alternatives"),
    ("a? b?", 1, "every word may be missing"),
    ("38-42 41-38", 7, "ends below its start"),
    ("the <a b", 5, "is no <set>"),
    ("the <> b", 5, "is no <set>"),
    ("the <WordChoice> b", 5, "is no <set>"),
    ("a_<part>", 3, "a <set> stands alone"),
    ("a <nosuch>", 3, "no set <nosuch>; there are: <part>"),
    ("a__b", 3, "lacks a word"),
    ("_b", 1, "lacks a word"),
    ("*", 1, "lacks a word"),
    ("a_(s)", 3, "lacks a word"),
    ("at l4|3am", 4, "write `l_4`"),
    ("rear-ended", 1, "a hyphen parts"),
    (r"about \d", 7, "cannot stand there"),
    ("a.s.", 1, "cannot stand there"),
]


@pytest.mark.parametrize(("pattern", "column", "message"), WRONG)
def test_what_is_no_pattern_is_refused_with_its_place(
    pattern: str, column: int, message: str
) -> None:
    with pytest.raises(PatternError) as refused:
        compile_all([pattern], {"part": ["arm", "leg"]})
    assert (refused.value.line, refused.value.column) == (1, column)
    assert message in refused.value.message
    with pytest.raises(PatternError):
        beginnings([pattern], {"part": ["arm", "leg"]})


SETS_WRONG = [
    ({"one": ["a <two>"], "two": ["b", "c <one>"]}, "contains itself"),
    ({"one": ["<one>"]}, "contains itself"),
    ({"one": ["a ~ b"]}, "`~` cannot stand in a set"),
    ({"one": ["a?"]}, "every word may be missing"),
    ({"one": ["<two>"]}, "no set <two>"),
]


@pytest.mark.parametrize(("sets", "message"), SETS_WRONG)
def test_what_is_no_set_is_refused(sets: dict[str, list[str]], message: str) -> None:
    with pytest.raises(PatternError, match=message):
        compile_all(["<one>"], sets)


def test_a_fault_is_told_with_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "signs.yml"
    file.write_text(
        "entries:\n  - code: x\n    patterns:\n      - foot ... drags\n      - foot .. drags\n"
        '      - {pattern: "my Foot", like: "my foot"}\n      - {patern: foot}\n'
        'short: ["a foot", "a||b"]\nsets: {part: [a|, b]}\n',
        encoding="utf-8",
    )
    data = read_placed_words(file)
    told = []
    patterns = [*data["entries"][0]["patterns"], *data["short"], "<part>"]
    for pattern in patterns:
        try:
            compile_all([pattern], data["sets"])
        except PatternError as error:
            told.append(str(error).split(": ", 1)[0])
    # In quotes the text begins behind them.
    assert told == [
        *("signs.yml:5:14", "signs.yml:6:23", "signs.yml:7:10", "signs.yml:8:22", "signs.yml:9:17")
    ]


def test_every_line_of_the_lexicon_is_a_pattern() -> None:
    assert {file: faults_of(file) for file in all_files()} == {file: [] for file in all_files()}


def test_every_pattern_that_is_compiled_is_among_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    expression = Grammar.expression

    def keep(grammar: Grammar, item: Item) -> str:
        compiled.append(text_of(item))
        return expression(grammar, item)

    monkeypatch.setattr(Grammar, "expression", keep)
    for load in (
        *(entries.__wrapped__, _Context, _Consent, _Replies, _Wishes),
        *(partial(topics_of.__wrapped__, f"{name}.yml") for name in ("emergency_talk", "feelings")),
        _oneself.__wrapped__,
        *(Vocabulary, questions._Words, speakers.SpeakerWords),
        *(partial(_whole.__wrapped__, name) for name in ("denials", "affirmations")),
    ):
        load()
    placed = [item for item in compiled if isinstance(item, PlacedText)]
    known = {(line.file, line.number, line.column) for f in all_files() for line in lines_of(f)}
    assert len(placed) > 4000
    assert {(item.file, item.line, item.column) for item in placed} <= known


def test_the_files_without_patterns_are_these() -> None:
    names = {path.name for path in FOLDER.glob("*.yml")}
    assert names - set(all_files()) == {
        "net.yml",
        "other_languages.yml",
        "speech.yml",
        "spelling.yml",
    }


words = st.text(string.ascii_lowercase, min_size=1, max_size=4).filter(lambda word: word != "but")
phrases = st.builds(
    lambda parts, ending: "_".join(parts) + ending,
    st.lists(words, min_size=1, max_size=3),
    st.sampled_from(["", "", "*", "(s)"]),
)
ranges = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda n: f"{min(n)}-{max(n)}")
alternatives = st.one_of(phrases, phrases, ranges, st.just("<part>"), st.just(","))
choices = st.lists(alternatives, min_size=1, max_size=3).map("|".join)
parts = st.tuples(choices, st.sampled_from(["", "", "?"])).map("".join)


@st.composite
def sequences(draw: st.DrawFn) -> str:
    tokens = draw(st.lists(parts, min_size=1, max_size=4))
    tokens[draw(st.integers(0, len(tokens) - 1))] = draw(choices)
    gaps = draw(st.lists(st.sampled_from([" ", " ", " ... "]), min_size=3, max_size=3))
    return "".join(f"{gap}{token}" for gap, token in zip(["", *gaps], tokens, strict=False))


patterns = st.one_of(sequences(), st.tuples(sequences(), sequences()).map(" ~ ".join))


@given(patterns, st.integers(0, 2**32))
def test_what_is_sampled_from_a_pattern_is_matched_by_it(pattern: str, seed: int) -> None:
    sets = {"part": ["arm", "my? big|left leg(s)", "no ... toe*"]}
    random = Random(seed)  # noqa: S311 - not a secret
    sample = Sampler(Grammar(sets), random, ["toenail", "legal"]).sample(pattern)
    found = compile_all([pattern], sets)
    assert found is not None
    # With the space behind it: what a match looks ahead to must be there to be seen.
    assert re.compile(f"{found.pattern} ").fullmatch(f" {sample} ", 1)
    assert not beginnings([pattern], sets).isdisjoint(WordLine(f" {sample} ").starts)


@given(st.text(alphabet="ab<part>|_?*~.()-' A1", max_size=20))
def test_any_text_is_a_pattern_or_refused_with_its_place(text: str) -> None:
    try:
        compile_all([text], {"part": ["arm"]})
    except PatternError as error:
        assert 1 <= error.column <= len(text) + 1


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("numness", "numbness"), ("siatica", "sciatica"), ("injectnig", "injecting")],
)
def test_a_typing_error_is_put_right(wrong: str, right: str) -> None:
    assert corrections(wrong) == {wrong: right}


def test_words_of_examples_are_no_vocabulary_to_correct_to() -> None:
    examples = [line.like or "" for file in all_files() for line in lines_of(file)]
    told = {word for like in examples for word in re.findall(r"[a-z]{5,}", like.lower())}
    only_there = {"chennai", "galway", "airbags"}
    assert only_there <= told
    assert not any(is_clinical(word) for word in only_there)


@pytest.mark.parametrize("word", ["thirty", "teach", "horse", "massive", "cot"])
def test_a_common_word_is_left_alone(word: str) -> None:
    assert corrections(word) == {}
