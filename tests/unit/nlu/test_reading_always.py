"""No text, however long or odd, keeps a message from being read, and none takes long."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from backline.facts import Finding
from backline.nlu import Understander, pipeline
from backline.nlu.components import resolver
from backline.nlu.components.resolver import EMERGENCY_SIGNS, MOST_OF_A_KIND, Reader
from backline.nlu.digits import LARGEST, number_of, whole_number_of
from backline.nlu.intents import settle, told
from backline.nlu.rasa_components import AskingTokenizer
from bench.fuzz.texts import TOKENS, mixtures, mutated, repeated, vocabulary

MONDAY = dt.date(2026, 11, 23)
READER = Understander(lambda: MONDAY)
SIGN = "I can't pee and my groin is numb."
MOST_S = 0.25
LONG = 8192
GROWTH = 4.0
"""Twice a length takes twice the time; four times leaves room for a busy machine."""
SLOW_ONCE = (
    "3d%",
    "2w3d ",
    ",",
    "+",
    "😀",
    "1 ",
    "...",
    "no numb legs ",
    "so ",
    "no, ",
    "fever? no. ",
    "no wet pad unfelt ",
    "not my legs fold ",
    "he hit me in the back ",
)

READS = {
    EMERGENCY_SIGNS: {"emergency_sign"},
    "lexicon": {"location", "effect"},
    "durations": {"duration"},
    "severities": {"severity"},
    "ages": {"age"},
    "answers": {"answer"},
}
"""By reader, what it alone finds in the text of the test."""

digits = st.one_of(
    st.text("0123456789", min_size=1, max_size=500),
    st.text(st.characters(whitelist_categories=("Nd", "No", "Nl")), min_size=1, max_size=12),
    st.sampled_from(["1e999", "nan", "inf", "-5", "0/0", "31/02/99999999", "1,000,000", "9" * 400]),
)
parts = st.one_of(
    digits, st.sampled_from(TOKENS), st.sampled_from(vocabulary()), st.text(max_size=8)
)
odd_texts = st.lists(parts, max_size=30).flatmap(
    lambda some: st.sampled_from(["", " ", ", "]).map(lambda between: between.join(some))
)


def tokens(text: str) -> list[tuple[str, int]]:
    tokenizer = AskingTokenizer(AskingTokenizer.get_default_config())
    found = tokenizer.tokenize(Message(data={TEXT: text}), TEXT)
    return [(token.text, token.start) for token in found]


@pytest.mark.parametrize("mark", [".", "!", "-", "\u2026", ". ", "?!"])
@pytest.mark.parametrize("before", ["", "oh", "\u00df"])
def test_a_long_run_of_marks_before_words_is_split_in_a_moment(mark: str, before: str) -> None:
    text = f"{before}{mark * 7000}"[:7000] + "does it help against pain"
    # What is loaded once is no part of the time.
    tokens("my back is sore")
    begun = time.process_time()
    assert ("pain", len(text) - 4) in tokens(text)
    assert time.process_time() - begun < MOST_S


def signs(text: str, by: Understander | Reader = READER) -> set[str]:
    return {str(f.value) for f in by.read(text) if f.kind == "emergency_sign" and f.holds}


def of_kind(kind: str, text: str) -> list[Finding]:
    return [f for f in READER.read(text) if f.kind == kind]


@settings(max_examples=40, deadline=None)
@given(odd_texts)
def test_no_text_makes_any_reader_fail(text: str) -> None:
    failed: list[str] = []
    findings = Understander(lambda: MONDAY, lambda name, error: failed.append(name)).read(text)
    settle(text, [("inform", 0.9)], findings)
    told(text, findings)
    assert failed == []


@settings(max_examples=40, deadline=None)
@given(odd_texts, st.booleans())
def test_an_emergency_beside_any_text_is_found(text: str, first: bool) -> None:
    beside = f"{SIGN}\n{text}" if first else f"{text}\n\n.\n{SIGN}"
    assert {"saddle_numbness", "urinary_retention"} & signs(beside) or signs(SIGN) <= signs(beside)


@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("around", ["lots of words here ", "and ", "3d%", "It aches a bit. ", "|"])
def test_an_emergency_anywhere_in_a_long_text_is_found(where: float, around: str) -> None:
    filler = repeated(around, 8000)
    at = int(len(filler) * where)
    assert signs(f"{filler[:at]}. {SIGN} {filler[at:]}") >= signs(SIGN)


def test_an_emergency_across_the_end_of_a_piece_is_found() -> None:
    for words_before in range(90, 130, 3):
        text = "word " * words_before + "i can not pee any more " + "word " * 100
        assert signs(text), words_before


@pytest.mark.parametrize("name", list(Reader(lambda: MONDAY).readers))
def test_a_reader_that_fails_is_left_out(name: str, caplog: pytest.LogCaptureFixture) -> None:
    failed: list[str] = []
    broken = Reader(lambda: MONDAY, lambda reader, error: failed.append(reader))

    def fails(reading: object) -> None:
        raise OverflowError("my secret words")

    broken.readers[name] = fails
    text = f"Yes, my back hurts since 3 weeks, I am 44, it is 8 out of 10. {SIGN}"
    with caplog.at_level(logging.ERROR):
        found = broken.read(text)
    assert set(failed) == {name}
    left_out = {f.kind for f in READER.read(text)} - {f.kind for f in found}
    assert left_out <= READS.get(name, set())
    assert "OverflowError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "part", ["corrections", "words_of", "pieces_of", "Scopes", "is_proxy", "_settled"]
)
def test_the_signs_are_told_whatever_breaks(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(resolver, part, fails)
    assert signs("i cant pee and my groin is numb", Reader(lambda: MONDAY))


def test_the_signs_are_told_if_their_scope_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(resolver.Scopes, "status", fails)
    assert signs(SIGN, Reader(lambda: MONDAY))


def test_the_signs_are_told_without_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise RuntimeError

    by = Understander(lambda: MONDAY)
    monkeypatch.setattr(pipeline._Stretches, "__call__", fails)
    assert signs(SIGN, by)


@pytest.mark.parametrize(
    ("word", "number"),
    [("7", 7), ("2,5", 2.5), ("²", 2), ("③", 3), ("٤", 4), ("５", 5), ("9" * 400, LARGEST)],
)
def test_digits_of_all_scripts_are_a_bounded_number(word: str, number: float) -> None:
    assert number_of(word) == number


@pytest.mark.parametrize("word", ["", "1e999", "nan", "inf", "1_0", "-1", "½", "1.", ".5", "seven"])
def test_what_is_no_number_is_none(word: str) -> None:
    assert number_of(word) is None
    assert whole_number_of(word) is None


def test_a_number_of_days_that_nobody_lives_is_no_duration() -> None:
    assert of_kind("duration", "it is day 99999999999999 now") == []
    assert [f.value for f in of_kind("out_of_range", f"for {'9' * 400} weeks")] == ["duration"]


def test_past_its_time_a_text_is_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "READING_S", 0.0)
    text = "It hurts. " * 200 + "I take warfarin. " + SIGN
    assert of_kind("unread", text)
    assert of_kind("health_condition", text) == []
    assert signs(text) == signs(SIGN)


def test_past_the_time_for_signs_none_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "It hurts. " * 200 + "My legs are not numb."
    assert signs(text) == set()
    monkeypatch.setattr(resolver, "SIGNS_S", 0.0)
    assert signs(text) == {"both_legs"}


def test_an_ordinary_text_is_read_whole_on_a_slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "READING_S", 0.0)
    assert of_kind("unread", "My back has been sore for 3 weeks. " * 5) == []


def test_what_is_said_a_thousand_times_is_told_a_few_times() -> None:
    assert len(READER.read("8 out of 10, no fever, 3 weeks. " * 200)) <= 4 * MOST_OF_A_KIND


def seconds(text: str, tries: int = 10) -> float:
    """The least time of the processor that understanding a text took.

    What else runs on the machine slows the processor, too, but not for long and not each time.
    """
    took: list[float] = []
    for _ in range(tries):
        if took:
            time.sleep(0.1 * len(took))
        begun = time.thread_time()
        findings = READER.read(text)
        told(text, findings)
        settle(text, [("inform", 0.9)], findings)
        took.append(time.thread_time() - begun)
        if took[-1] < MOST_S / 2:
            break
    return min(took)


@pytest.mark.parametrize("token", SLOW_ONCE)
def test_twice_a_text_takes_no_more_than_twice_the_time(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "READING_S", 60.0)
    short, long = (min(seconds(repeated(token, n)) for _ in range(2)) for n in (1024, 2048))
    assert long < GROWTH * short + 0.005


@pytest.mark.parametrize("token", SLOW_ONCE)
def test_no_repeated_token_takes_long(token: str) -> None:
    assert seconds(repeated(token, LONG)) < MOST_S


def test_no_mixture_takes_long() -> None:
    chance = random.Random(17)  # noqa: S311 - the same texts each time
    texts = list(mixtures(LONG, 24, chance))
    slowest = max(texts, key=lambda text: seconds(text, 1))
    for _ in range(6):
        texts.append(mutated(slowest, chance))
    assert {text[:80] for text in texts if seconds(text) > MOST_S} == set()
