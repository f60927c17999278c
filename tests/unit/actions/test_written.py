"""A written answer is told in the words for what was recommended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.answer_question import ActionAnswerQuestion
from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, Facts, Finding, HealthCondition, MassageResponse
from backline.written_answers import written_answers
from tests.plain import PLAIN_FACTS
from tests.unit.actions.conftest import Talk, done_by

PLAINLY = replace(PLAIN_FACTS, checked=CHECKLISTS)
MASSAGE = PLAINLY
SPASM = replace(PLAINLY, muscle_spasm=True)
COMBINED = replace(PLAINLY, pain_duration=200)
OTHER = replace(PLAINLY, massage_response=MassageResponse.NO_CHANGE, massage_sessions=3)
THIN_BONES = replace(PLAINLY, health_conditions=frozenset({HealthCondition.OSTEOPOROSIS}))
STEROIDS = replace(PLAINLY, health_conditions=frozenset({HealthCondition.STEROIDS}))
FELL_AT_70 = replace(PLAINLY, recent_injury=True, age=70)
A_DOCTOR_LOOKS = ("a doctor has looked", "a doctor has examined", "doctor looks")


def told(talk: Talk, name: str, facts: Facts, standing: str) -> str:
    slots: dict[str, Any] = Conversation(facts=facts, consent=True).to_slots()
    asked = Finding("asked_about", name)
    doctor = None if standing == "none" else standing
    tracker = talk(
        "ask_other", asked, in_form=False, **slots, standing=standing, doctor_first=doctor
    )
    (message,) = done_by(ActionAnswerQuestion(), tracker).messages
    return str(message["words"])


@pytest.mark.parametrize("facts", [MASSAGE, SPASM, COMBINED])
def test_one_massage_may_be_tried_and_two_tell_more(talk: Talk, facts: Facts) -> None:
    words = told(talk, "one_massage", facts, "none")
    assert words.startswith("Yes, you can begin with one")
    assert "After 2 you can tell better" in words


@pytest.mark.parametrize("name", ["one_massage", "massage_yes_or_no"])
def test_after_massages_without_a_change_not_one_is_praised(talk: Talk, name: str) -> None:
    assert "has not helped so far" in told(talk, name, OTHER, "none")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (SPASM, "Muscle spasms usually need 4 massages, spread over 6 weeks."),
        (MASSAGE, "Look at how it goes after 2 of them"),
        (COMBINED, "in one programme"),
        (OTHER, "no more massage for now"),
    ],
)
def test_how_many_massages_is_told_by_the_plan(talk: Talk, facts: Facts, words: str) -> None:
    said = told(talk, "how_many_massages", facts, "none")
    assert words in said
    assert ("spasm" in said) is (facts is SPASM)


@pytest.mark.parametrize("name", ["rest_or_walk", "sport"])
@pytest.mark.parametrize(
    ("facts", "standing"), [(THIN_BONES, "soon"), (STEROIDS, "soon"), (FELL_AT_70, "urgent")]
)
def test_before_a_doctor_has_looked_nobody_bends_lifts_or_stretches(
    talk: Talk, name: str, facts: Facts, standing: str
) -> None:
    words = told(talk, name, facts, standing).lower()
    assert "walk about gently" in words
    assert "no bending, lifting or stretching" in words or "and no bending, lifting" in words


def test_after_a_massage_result_one_keeps_moving(talk: Talk) -> None:
    assert "Walk about gently" in told(talk, "rest_or_walk", MASSAGE, "none")
    assert told(talk, "sport", MASSAGE, "none").startswith("Gentle sport is good")


@pytest.mark.parametrize("name", sorted(written_answers()))
@pytest.mark.parametrize("facts", [MASSAGE, COMBINED])
def test_after_a_massage_or_a_programme_nobody_waits_for_a_doctor(
    talk: Talk, name: str, facts: Facts
) -> None:
    words = told(talk, name, facts, "none")
    assert not any(part in words for part in A_DOCTOR_LOOKS)


@pytest.mark.parametrize("name", sorted(written_answers()))
@pytest.mark.parametrize(("facts", "standing"), [(THIN_BONES, "soon"), (FELL_AT_70, "urgent")])
def test_while_a_doctor_comes_first_no_massage_is_offered(
    talk: Talk, name: str, facts: Facts, standing: str
) -> None:
    words = told(talk, name, facts, standing)
    assert "nothing you told me speaks against" not in words
    assert "Massage by a specialist may ease" not in words


@pytest.mark.parametrize("name", ["vouchers", "parking", "pets", "access", "ways_to_pay"])
def test_what_is_not_known_is_said_so_with_the_clinics_phone(talk: Talk, name: str) -> None:
    assert told(talk, name, MASSAGE, "none").startswith("I do not know that. Please ask the clinic")


def test_the_length_of_a_massage_is_what_the_clinic_writes(talk: Talk) -> None:
    assert "{prices}" in told(talk, "length_of_a_massage", MASSAGE, "none")
