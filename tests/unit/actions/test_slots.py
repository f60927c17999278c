"""The slots of `domain.yml`: their types say what the code puts into them."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import CategoricalSlot

from backline.dialogue import (
    Confirming,
    Conversation,
    Hold,
    NextStep,
    Suspicion,
    SuspicionAnswer,
)
from backline.facts import (
    Course,
    Detail,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    Location,
    MassageResponse,
    Onset,
    Slot,
    Urgency,
)
from backline.persons import Pronoun, ThirdPerson
from tests.conftest import PROJECT

SLOTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (PROJECT / "domain.yml").read_text(encoding="utf-8")
)["slots"]
CATEGORIES: dict[str, type[Enum]] = {
    "leg_symptoms": LegSymptoms,
    "massage_response": MassageResponse,
    "pain_location": Location,
    "emergency_hold": Hold,
    "standing": Urgency,
    "doctor_first": Urgency,
    "confirming": Confirming,
    "next_step": NextStep,
}
DICTS = {"attempts", "details", "earlier", "person", "progress", "sign_words", "whereabouts"}
HOLDS: dict[str, tuple[type, ...]] = {
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "text": (str,),
    "categorical": (str,),
    "any": (dict,),
}
FULL = Conversation(
    facts=Facts(
        emergency_signs=frozenset({EmergencySign.FAINTING}),
        ticked=frozenset({EmergencySign.FAINTING}),
        pain_duration=21.0,
        pain_severity=4,
        recent_injury=False,
        inflammation=True,
        sudden_pain=True,
        first_pain=True,
        vessel_risk=False,
        health_conditions=frozenset({HealthCondition.FEVER}),
        leg_symptoms=LegSymptoms.NONE,
        leg_below_knee=True,
        leg_examined=False,
        muscle_spasm=True,
        massage_response=MassageResponse.RELAXED,
        massage_sessions=3,
        age=40,
        pain_location=Location.NECK,
        details={"recent_injury": Detail(Onset.NEW, Course.BETTER, force=False, pattern=True)},
        parted=frozenset({Slot.MEDICINES}),
        checked=frozenset({Slot.EMERGENCY_SIGNS}),
        given_up=frozenset({Slot.AGE}),
    ),
    consent=True,
    attempts={Slot.AGE: 2},
    answered=(Slot.CONSENT,),
    hold=Hold.TOLD,
    confirming=Confirming.DELETE,
    patient=2,
    earlier={"age": 41},
    suspicions=(
        Suspicion(
            HealthCondition.BLEEDING,
            "loss of blood",
            "there was loss of blood",
            0.9,
            "I bleed",
            SuspicionAnswer.UNCLEAR,
            HealthCondition.OTHER_SYMPTOM,
        ),
    ),
    sign_words={"fainting": "I passed out"},
    person=ThirdPerson(Pronoun.SHE, "gran"),
)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(PROJECT / "domain.yml")


@pytest.mark.parametrize("name", CATEGORIES)
def test_a_categorical_slot_knows_every_value_that_the_code_sets(name: str) -> None:
    assert SLOTS[name]["type"] == "categorical"
    assert set(SLOTS[name]["values"]) == {member.value for member in CATEGORIES[name]}


def test_only_what_no_type_holds_is_of_any_type() -> None:
    assert {name for name, slot in SLOTS.items() if slot["type"] == "any"} == DICTS


def test_only_the_next_step_decides_which_rule_applies() -> None:
    influencing = {name for name, slot in SLOTS.items() if slot["influence_conversation"]}
    assert influencing == {"next_step"}


@pytest.mark.parametrize("name", FULL.to_slots())
def test_a_slot_is_of_the_type_of_what_it_holds(name: str) -> None:
    value = FULL.to_slots()[name]
    assert value is not None
    assert type(value) in HOLDS[SLOTS[name]["type"]]


@pytest.mark.parametrize("conversation", [FULL, Conversation()], ids=["all known", "new"])
def test_rasa_gives_back_what_was_put_in(domain: Domain, conversation: Conversation) -> None:
    slots = {slot.name: slot for slot in domain.slots}
    for name, value in conversation.to_slots().items():
        slots[name].value = value
    kept = {name: slots[name].value for name in conversation.to_slots()}
    assert repr(kept) == repr(conversation.to_slots())


def test_a_slot_that_is_not_set_is_none(domain: Domain) -> None:
    assert {slot.value for slot in domain.slots if slot.name in SLOTS} == {None}


def test_no_slot_but_the_next_step_costs_a_rule_anything(domain: Domain) -> None:
    featurized = [slot for slot in domain.slots if slot.has_features()]
    assert [slot.name for slot in featurized] == ["next_step"]
    assert isinstance(featurized[0], CategoricalSlot)
