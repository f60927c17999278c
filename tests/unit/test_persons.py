"""Texts speak of the patient as "you", or of the one whom somebody writes for."""

from __future__ import annotations

import pytest

from backline.persons import Pronoun, ThirdPerson, named_first, person_words
from backline.responses import fill

GRAN = ThirdPerson(Pronoun.SHE, "gran")
PARTNER = ThirdPerson(Pronoun.THEY, "partner")


def worded(text: str, person: ThirdPerson | None) -> str:
    return fill(named_first(text, person), person_words(person))


@pytest.mark.parametrize(
    ("person", "text"),
    [
        (None, "you have epilepsy and your back is stiff"),
        (ThirdPerson(Pronoun.HE), "he has epilepsy and his back is stiff"),
        (GRAN, "your gran has epilepsy and her back is stiff"),
        (PARTNER, "your partner has epilepsy and their back is stiff"),
    ],
)
def test_the_patient_is_named_once_and_then_spoken_of(
    person: ThirdPerson | None, text: str
) -> None:
    assert worded("{you} {have} epilepsy and {your} back is stiff", person) == text


def test_what_belongs_to_the_patient_is_theirs() -> None:
    assert worded("{your} legs give way or {you} cannot walk", PARTNER) == (
        "your partner's legs give way or they cannot walk"
    )


def test_a_verb_follows_who_does_it() -> None:
    assert worded("{you} take{s} steroids", GRAN) == "your gran takes steroids"
    assert worded("{you} take{s} steroids", None) == "you take steroids"
    assert worded("How old {are} {you}?", ThirdPerson(Pronoun.HE)) == "How old is he?"


def test_a_sentence_begins_with_a_capital() -> None:
    assert worded("{Have} {you} had massage?", ThirdPerson(Pronoun.SHE)) == "Has she had massage?"


def test_a_person_is_kept_as_data() -> None:
    assert ThirdPerson.from_json(GRAN.to_json()) == GRAN
