"""What must not change the facts, whatever the message, and what must."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backline.dialogue import Conversation, Understanding, update
from backline.facts import Status
from backline.nlu.spelling import corrections
from tests.understanding.labels import CODE_SETS, Utterance, half_of, heard, learned, understander

FILLERS = (
    "um ",
    "well, ",
    "so ",
    "like, ",
    "hi there, ",
    "ok ",
    "er ",
    "honestly, ",
    "to be fair ",
)
UNRELATED = (
    "The weather is lovely here.",
    "I found you online.",
    "My sister recommended your clinic.",
    "Thanks for reading.",
    "I work in an office.",
    "We have two cats.",
)
NOT_REORDERED = re.compile(
    r"\b(?:it|this|that|they|them|these|those|he|she|then|so|but|also|too|now|which)\b", re.I
)

# Sentences that are right as they are: what is tested here is that they stay so.
RIGHT = [
    u
    for u in half_of("dev")
    if u.facts
    and u.asked is None
    and not u.intent
    and u.topic not in ("correction", "spelling")
    and learned(u, heard(u).facts).keys() >= u.facts.keys()
]


def facts_of(text: str, like: Utterance) -> dict[str, Any]:
    """What a text teaches, said in place of an utterance."""
    return learned(like, heard(replace(like, text=text)).facts)


def told(utterance: Utterance, facts: dict[str, Any]) -> dict[str, Any]:
    """The labelled part of what was learned."""
    out: dict[str, Any] = {}
    for name, expected in utterance.facts.items():
        value = facts.get(name)
        out[name] = (value or frozenset()) & expected if name in CODE_SETS else value
    return out


utterances = st.sampled_from(RIGHT)
quick = settings(max_examples=150)


def assert_same(utterance: Utterance, changed: str) -> None:
    before = told(utterance, facts_of(utterance.text, utterance))
    assert told(utterance, facts_of(changed, utterance)) == before, changed


@quick
@given(utterances, st.sampled_from(FILLERS))
def test_a_filler_in_front_changes_nothing(utterance: Utterance, filler: str) -> None:
    assert_same(utterance, filler + utterance.text)


@quick
@given(utterances)
def test_lower_case_changes_nothing(utterance: Utterance) -> None:
    assert_same(utterance, utterance.text.lower())


@quick
@given(utterances)
def test_missing_apostrophes_change_nothing(utterance: Utterance) -> None:
    assert_same(utterance, re.sub(r"['’]", "", utterance.text))


@quick
@given(utterances, st.data())
def test_two_letters_swapped_in_a_long_word_change_nothing(
    utterance: Utterance, data: st.DataObject
) -> None:
    vocabulary = _clinical_words(utterance)
    if not vocabulary:
        return
    word = data.draw(st.sampled_from(vocabulary))
    place = data.draw(st.integers(2, len(word) - 3))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    assert_same(utterance, utterance.text.replace(word, swapped, 1))


def _clinical_words(utterance: Utterance) -> list[str]:
    """Long words inside what was found; one that is misspelt already is not misspelt twice."""
    found = " ".join(f.text for f in understander().read(utterance.text) if f.holds)
    words = set(re.findall(r"\b[a-z]{8,}\b", found))
    return sorted(words - corrections(utterance.text).keys())


@quick
@given(utterances, st.sampled_from(UNRELATED), st.booleans())
def test_an_unrelated_sentence_changes_nothing(
    utterance: Utterance, sentence: str, first: bool
) -> None:
    text = utterance.text.rstrip()
    ended = text if text[-1] in ".!?" else f"{text}."
    assert_same(utterance, f"{sentence} {ended}" if first else f"{ended} {sentence}")


@quick
@given(utterances, st.randoms(use_true_random=False))
def test_sentences_in_another_order_change_nothing(utterance: Utterance, random: Any) -> None:
    sentences = [s for s in re.split(r"(?<=[.!?]) +", utterance.text) if s]
    # A sentence that leans on the one before cannot be moved.
    if len(sentences) < 2 or any(NOT_REORDERED.search(s) for s in sentences):
        return
    sentences = [s if s[-1] in ".!?" else f"{s}." for s in sentences]
    random.shuffle(sentences)
    assert_same(utterance, " ".join(sentences))


FINDINGS = [
    ("emergency_signs", "numbness between my legs"),
    ("emergency_signs", "trouble passing urine"),
    ("emergency_signs", "chest pain"),
    ("emergency_signs", "weakness in both legs"),
    ("emergency_signs", "shortness of breath"),
    ("emergency_signs", "loss of bladder control"),
    ("health_conditions", "fever"),
    ("health_conditions", "weight loss"),
    ("health_conditions", "cancer"),
    ("health_conditions", "osteoporosis"),
    ("health_conditions", "epilepsy"),
    ("health_conditions", "diabetes"),
    ("health_conditions", "a rash on my back"),
    ("health_conditions", "a blood clot"),
    ("health_conditions", "a pacemaker"),
    ("health_conditions", "pain when peeing"),
    ("health_conditions", "a slipped disc"),
]
DENIALS = (
    "no {}",
    "I don't have {}",
    "I have no {}",
    "there is no {}",
    "haven't had any {}",
    "without {}",
    "I've never had {}",
    "no sign of {}",
    "no fever, no swelling and no {}",
    "I'm not having any {}",
    "I do not have {}",
    "definitely no {}",
)
OTHERS = (
    "my mum has {}",
    "my dad had {}",
    "my sister's got {}",
    "my neighbour has {}",
    "a friend of mine has {}",
    "there's {} in my family",
)


def codes(text: str, name: str) -> frozenset[str]:
    facts = update(Conversation(consent=True), Understanding(understander().read(text))).facts
    return frozenset(code.value for code in getattr(facts, name))


@pytest.mark.parametrize(("name", "finding"), FINDINGS)
def test_a_finding_told_plainly_is_found(name: str, finding: str) -> None:
    assert codes(f"I have {finding}", name)


@pytest.mark.parametrize("denial", DENIALS)
@pytest.mark.parametrize(("name", "finding"), FINDINGS)
def test_a_denied_finding_is_put_aside(name: str, finding: str, denial: str) -> None:
    assert not codes(denial.format(finding), name)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(("name", "finding"), FINDINGS)
def test_what_another_person_has_is_put_aside(name: str, finding: str, other: str) -> None:
    bare = re.sub(r"\bmy (?=legs|back)", "the ", finding)
    assert not codes(f"my back hurts. {other.format(bare)}.", name)


@quick
@given(st.sampled_from(FINDINGS), st.sampled_from(FINDINGS))
def test_a_denial_does_not_hide_what_follows_a_but(
    denied: tuple[str, str], present: tuple[str, str]
) -> None:
    if denied == present:
        return
    text = f"no {denied[1]} but I do have {present[1]}"
    assert codes(text, present[0])


@quick
@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for finding in understander().read(text):
        assert finding.status in Status
        assert 0 <= finding.start <= finding.end <= len(text)
