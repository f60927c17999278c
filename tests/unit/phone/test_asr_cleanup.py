"""What a recogniser wrote, and what was said: repaired where it can mean nothing else."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.dialogue import Conversation, Understanding, update
from backline.facts import Finding, Slot
from backline.nlu.lexicon import read_yaml
from backline.phone.text.asr_cleanup import repair
from tests.understanding.labels import Utterance, half_of, heard, learned, understander

SEVERITY, DURATION, AGE = Slot.PAIN_SEVERITY, Slot.PAIN_DURATION, Slot.AGE
REPLIES = {
    phrase: kind for kind, group in read_yaml("answers.yml")["whole"].items() for phrase in group
}
SOUNDS = ["um", "uh", "erm", "er", "hmm"]


def same(text: str, asked: Slot | None = None) -> bool:
    return repair(text, asked) == text


@pytest.mark.parametrize(
    ("heard_as", "said"),
    [
        ("for out of ten", "four out of ten"),
        ("it's to out of 10", "it's two out of 10"),
        ("seven out of then", "seven out of ten"),
        ("ate", "eight"),
        ("Ate.", "Eight."),
        ("about ate", "about eight"),
        ("won", "one"),
        ("a for", "a four"),
        ("for", "four"),
        ("to", "two"),
        ("o", "zero"),
        ("oh out of ten", "zero out of ten"),
        ("one zero", "ten"),
        ("one oh", "ten"),
        ("3-4", "3 to 4"),
        ("six-seven", "six to seven"),
        ("Four?", "Four"),
    ],
)
def test_a_rating_is_heard_through_its_homophones(heard_as: str, said: str) -> None:
    assert repair(heard_as, SEVERITY) == said


@pytest.mark.parametrize(
    "text",
    [
        "it's too",
        "it's for",
        "oh",
        "uh-huh",
        "uh uh",
        "well I ate too much",
        "that's too hard",
        "no",
    ],
)
def test_what_may_be_the_beginning_of_something_else_is_no_rating(text: str) -> None:
    assert same(text, SEVERITY)


@pytest.mark.parametrize("text", ["ate", "won", "for", "to", "too"])
def test_a_homophone_is_a_number_only_where_a_number_is_asked_for(text: str) -> None:
    assert same(text, Slot.RECENT_INJURY)
    assert same(text, Slot.EMERGENCY_SIGNS)
    assert same(text, None)


@pytest.mark.parametrize(
    ("heard_as", "said"),
    [
        ("to weeks", "two weeks"),
        ("it's been to weeks", "it's been two weeks"),
        ("tree weeks", "three weeks"),
        ("about ate months", "about eight months"),
        ("for weeks ago", "four weeks ago"),
        ("the last for weeks", "the last four weeks"),
        ("three to for weeks", "three to four weeks"),
        ("to or three weeks", "two or three weeks"),
        ("to and a half weeks", "two and a half weeks"),
        ("a week or to", "a week or two"),
        ("three week s", "three weeks"),
        ("six. Weeks.", "six Weeks."),
    ],
)
def test_a_time_is_heard_through_its_homophones(heard_as: str, said: str) -> None:
    assert repair(heard_as, DURATION) == said


@pytest.mark.parametrize(
    "text",
    [
        "no for six weeks",
        "I was to weak",
        "I was too weak to stand",
        "it went on for weeks",
        "it has been hurting for years",
        "from days to weeks",
        "I went to months of physio",
        "a pain free week",
        "two pain free weeks",
        "twenty-five weeks",
        "since 2024-11-03",
    ],
)
def test_a_preposition_stays_one(text: str) -> None:
    assert same(text, DURATION)


@pytest.mark.parametrize(
    ("heard_as", "said"),
    [
        ("thirty to", "thirty two"),
        ("four five", "45"),
        ("three oh", "30"),
        ("I'm forty ate", "I'm forty eight"),
    ],
)
def test_an_age_spoken_apart_is_one_number(heard_as: str, said: str) -> None:
    assert repair(heard_as, AGE) == said


@pytest.mark.parametrize(
    ("heard_as", "said"),
    [
        ("It's, um, a four.", "It's a four."),
        ("er, seven", "seven"),
        ("Um... four", "four"),
        ("it's, like, a seven", "it's a seven"),
        ("it's you know like four weeks", "it's four weeks"),
        ("no, um, fever", "no, fever"),
        ("four, um", "four"),
        ("um", ""),
    ],
)
def test_sounds_of_thinking_are_left_out(heard_as: str, said: str) -> None:
    assert repair(heard_as, SEVERITY) == said


@pytest.mark.parametrize(
    "text",
    [
        "nothing like that",
        "it feels like nothing",
        "I went to the ER",
        "do you know what that is",
        "I don't know",
        "uh-uh",
        "mm-hmm",
        "I'd like 2 massages",
    ],
)
def test_a_word_that_means_something_is_kept(text: str) -> None:
    assert same(text)


@pytest.mark.parametrize(
    ("heard_as", "said"),
    [
        ("it's it's a a four", "it's a four"),
        ("my my back", "my back"),
        ("it's been it's been three weeks", "it's been three weeks"),
        ("I, I, I fell", "I fell"),
    ],
)
def test_what_is_said_twice_is_said_once(heard_as: str, said: str) -> None:
    assert repair(heard_as, None) == said


@pytest.mark.parametrize(
    "text", ["no no fever", "no no no", "very very bad", "four four", "not not able", "yeah yeah"]
)
def test_what_means_something_twice_is_kept_twice(text: str) -> None:
    assert same(text)


@pytest.mark.parametrize(
    ("heard_as", "said"),
    [
        ("sci atica down one leg", "sciatica down one leg"),
        ("both leg s", "both legs"),
        ("I have a head ache", "I have a headache"),
        ("numb ness between my thighs", "numbness between my thighs"),
        ("I don t have a fever", "I don't have a fever"),
        ("I can 't feel it", "I can't feel it"),
    ],
)
def test_a_word_in_two_is_joined(heard_as: str, said: str) -> None:
    assert repair(heard_as, None) == said


@pytest.mark.parametrize("text", ["no w", "not e", "no thing", "in continent", "can not"])
def test_a_denial_is_never_joined_to_another_word(text: str) -> None:
    assert same(text)


def kind_of(text: str) -> object:
    return next((f.value for f in understander().read(text) if f.kind == "answer"), None)


@given(
    reply=st.sampled_from(sorted(REPLIES)),
    sound=st.sampled_from(SOUNDS),
    asked=st.sampled_from([None, *Slot]),
    where=st.sampled_from(["{s} {r}", "{s}, {r}", "{r} {s}", "{s} {s} {r}.", "{r}, {s}"]),
)
def test_no_reply_becomes_another_one(
    reply: str, sound: str, asked: Slot | None, where: str
) -> None:
    repaired = repair(where.format(s=sound, r=reply), asked)

    assert kind_of(repaired) in (kind_of(reply), None)


VOCABULARY = """
    no not never none yes yeah don't can't without nothing um uh er like you know for to too ate won
    tree free four ten out of weeks week days s leg t don can numb fever fall I my it's a the and
    but , . ? - pain back feel pee both legs chest ok right
"""
WORDS = st.sampled_from(VOCABULARY.split())
NO = re.compile(r"\b(?:no|not|never|none|nothing|without)\b|n't\b")
YES = re.compile(r"\b(?:yes|yeah|ok|right)\b")


@given(words=st.lists(WORDS, max_size=14), asked=st.sampled_from([None, *Slot]))
def test_no_denial_is_lost_and_no_agreement_made(words: list[str], asked: Slot | None) -> None:
    text = " ".join(words)
    repaired = repair(text, asked)

    assert len(NO.findall(repaired)) >= len(NO.findall(text))
    assert len(YES.findall(repaired)) == len(YES.findall(text))


@given(words=st.lists(WORDS, max_size=14), asked=st.sampled_from([None, *Slot]))
def test_a_second_repair_changes_nothing(words: list[str], asked: Slot | None) -> None:
    once = repair(" ".join(words), asked)

    assert repair(once, asked) == once


@given(text=st.text(max_size=300), asked=st.sampled_from([None, *Slot]))
def test_any_text_is_repaired_without_an_error(text: str, asked: Slot | None) -> None:
    assert isinstance(repair(text, asked), str)


@pytest.mark.parametrize("word", ["um ", "no, ", "it's it's ", "a ", "four ", "leg s ", "x"])
def test_a_monologue_is_repaired_in_no_time(word: str) -> None:
    began = time.perf_counter()
    repair(word * (6000 // len(word)), SEVERITY)

    assert time.perf_counter() - began < 1


SIGNS = [u for u in half_of("dev") if u.facts.get("emergency_signs")]
CLEAN = [u for u in half_of("dev") if not set(SOUNDS) & set(re.findall(r"\w+", u.text.lower()))]


def with_sounds(text: str, sound: str, every: int) -> str:
    words = text.split()
    return " ".join(f"{sound} {w}" if i % every == 0 else w for i, w in enumerate(words))


@given(
    utterance=st.sampled_from(SIGNS),
    sound=st.sampled_from(SOUNDS),
    every=st.integers(3, 8),
)
def test_an_emergency_sign_is_heard_through_sounds_of_thinking(
    utterance: Utterance, sound: str, every: int
) -> None:
    plain = signs_of(utterance.text, utterance.asked)
    noisy = repair(with_sounds(utterance.text, sound, every), utterance.asked)

    assert plain <= signs_of(noisy, utterance.asked)


@given(utterance=st.sampled_from(SIGNS))
def test_a_repair_loses_no_emergency_sign(utterance: Utterance) -> None:
    assert signs_of(utterance.text, utterance.asked) <= signs_of(
        repair(utterance.text, utterance.asked), utterance.asked
    )


def signs_of(text: str, asked: Slot | None) -> frozenset[object]:
    before = Conversation(consent=True, asked=asked)
    return frozenset(update(before, Understanding(understander().read(text))).facts.emergency_signs)


def test_what_was_understood_of_a_clean_text_is_understood_of_it_repaired() -> None:
    changed = []
    for utterance in CLEAN:
        text = repair(utterance.text, utterance.asked)
        repaired = Utterance(**{**utterance.__dict__, "text": text})
        before = learned(utterance, heard(utterance).facts)
        after = learned(utterance, heard(repaired).facts)
        if before != after and not improves(utterance, before, after):
            changed.append((utterance.text, text, before, after))

    assert changed == []


def improves(utterance: Utterance, before: dict[str, object], after: dict[str, object]) -> bool:
    """Something more was understood, and nothing that is labelled otherwise."""
    kept = all(after.get(name) == value for name, value in before.items())
    return kept and set(after) - set(before) <= set(utterance.facts) | utterance.maybe


def test_findings_point_into_the_repaired_text() -> None:
    text = repair("um it's, like, sci atica, to weeks now", None)
    found: list[Finding] = understander().read(text)

    assert all(text[f.start : f.end] == f.text for f in found if f.text)
