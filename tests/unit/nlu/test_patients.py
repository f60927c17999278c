"""Who the patient is whom somebody writes for."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.dialogue import Conversation, Understanding, next_patient, start_over, update
from backline.nlu import Understander
from backline.persons import Pronoun, ThirdPerson

READER = Understander(lambda: dt.date(2026, 11, 29))


def patient(text: str, before: Conversation | None = None) -> ThirdPerson | None:
    return update(before or Conversation(), Understanding(READER.read(text))).person


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("my gran is 79 and her back hurts", ThirdPerson(Pronoun.SHE, "gran")),
        ("it's for my husband, he has a sore back", ThirdPerson(Pronoun.HE, "husband")),
        ("my wife's back went on Sunday", ThirdPerson(Pronoun.SHE, "wife")),
        ("my partner's back hurts and his legs are sore", ThirdPerson(Pronoun.HE, "partner")),
        ("my child has back pain", ThirdPerson(Pronoun.THEY, "child")),
        ("my mother in law has a bad back", ThirdPerson(Pronoun.SHE, "mother-in-law")),
        ("her lower back is sore", ThirdPerson(Pronoun.SHE)),
        ("my uncle is 66, upper back stiff since May", ThirdPerson(Pronoun.HE, "uncle")),
        ("Nan, 81, a bad back for years", ThirdPerson(Pronoun.SHE, "nan")),
        ("I look after Mr Pike, he's 77. His back aches", ThirdPerson(Pronoun.HE)),
        ("I look after my mum and my back hurts", None),
        ("my aunt is 66, my upper back is stiff", None),
        ("My daughter told me to write. My back hurts", None),
        ("my wife reckons I should ask, I have a sore back", None),
        ("my back hurts", None),
        ("my husband says my back is a mess", None),
        ("my back hurts since I lifted my son", None),
        ("my granddaughter put it on the screen for me. I have hurt my back", None),
        ("my son set this up for me, he is good at it. I have a sore back", None),
        ("my mum got up and her back went", ThirdPerson(Pronoun.SHE, "mum")),
        ("my mum set herself up for a fall, her back is sore", ThirdPerson(Pronoun.SHE, "mum")),
    ],
)
def test_the_patient_of_a_first_message(text: str, person: ThirdPerson | None) -> None:
    assert patient(text) == person


def test_who_is_named_later_is_no_other_patient() -> None:
    known = update(Conversation(), Understanding(READER.read("my back has hurt for 3 weeks")))
    assert patient("my wife's back hurts too", known) is None


@pytest.mark.parametrize("text", ["it's me, not her", "it is my back", "no no, I am the patient"])
def test_who_says_that_they_are_the_patient_is(text: str) -> None:
    assert patient(text, Conversation(person=ThirdPerson(Pronoun.SHE, "daughter"))) is None


def test_starting_over_is_about_the_same_patient_and_another_one_is_somebody_else() -> None:
    gran = Conversation(person=ThirdPerson(Pronoun.SHE, "gran"))
    assert start_over(gran).person == gran.person
    assert next_patient(gran).person is None


GRANDDAUGHTER = Conversation(person=ThirdPerson(Pronoun.SHE, "granddaughter"))


@pytest.mark.parametrize(
    "text",
    [
        "Not my granddaughter's back dear, mine. She only set the screen up.",
        "My granddaughter is nineteen! I am the 71 year old.",
        "mine",
        "no, mine!",
        "it is me",
        "it's only me",
        "I am the patient",
        "I am the one with the bad back",
        "I have hurt my back",
        "my back",
    ],
)
def test_whoever_says_that_it_is_them_is_the_patient(text: str) -> None:
    assert patient(text, GRANDDAUGHTER) is None


@pytest.mark.parametrize("text", ["a friend of mine has it, too", "I am 45 and she is 19", "no"])
def test_other_words_of_the_writer_change_no_patient(text: str) -> None:
    assert patient(text, GRANDDAUGHTER) == GRANDDAUGHTER.person


def test_signs_of_a_relative_who_only_got_up_are_the_patients() -> None:
    found = READER.read("my mum got up this morning and can't feel her legs")
    assert any(f.kind == "emergency_sign" and f.holds for f in found)
