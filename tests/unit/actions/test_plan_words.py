"""What a result says of the plan: no more than was planned, and what the therapist should know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.wording import Wording
from backline.facts import CHECKLISTS, Course, Facts, HealthCondition, LegSymptoms, MassageResponse
from backline.policy import decide
from backline.policy.plans import Therapy
from tests.plain import PLAIN_FACTS
from tests.unit.actions.conftest import DOMAIN

PLAIN = replace(PLAIN_FACTS, checked=CHECKLISTS)
STRAIN = replace(PLAIN, recent_injury=True, inflammation=False).with_detail(
    "recent_injury", force=False, course=Course.BETTER
)
LEG = replace(PLAIN, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True, leg_examined=True)
UNCHANGED = replace(PLAIN, massage_response=MassageResponse.NO_CHANGE, massage_sessions=3)
FALL = replace(PLAIN, recent_injury=True).with_detail("recent_injury", force=True)
PRESSURE = "pressure of a massage"


def plan_of(facts: Facts) -> str:
    return Wording(DOMAIN).plan(decide(facts), tuple(Therapy))


def test_the_pressure_is_spoken_of_only_where_massage_is_planned() -> None:
    assert PRESSURE in plan_of(PLAIN)
    assert PRESSURE not in plan_of(UNCHANGED)
    assert PRESSURE not in plan_of(FALL)


def test_nobody_is_told_of_a_swelling_that_they_did_not_tell() -> None:
    assert "swelling" not in plan_of(FALL)


def test_a_strain_that_eases_begins_gently_and_the_therapist_knows() -> None:
    assert "Tell the therapist about this first: your strain that is getting better." in plan_of(
        STRAIN
    )


def test_the_clinic_looks_at_a_leg_first() -> None:
    assert plan_of(LEG).startswith("Because of your leg, a clinician here looks first.")


@pytest.mark.parametrize(
    "code",
    [
        HealthCondition.HEART_OR_STROKE,
        HealthCondition.KNOWN_SPINE_DISEASE,
        HealthCondition.EPILEPSY,
        HealthCondition.INFLAMMATORY,
    ],
)
def test_every_illness_that_keeps_nobody_from_massage_has_its_note(code: HealthCondition) -> None:
    assert f"utter_note_{code.value}" in DOMAIN["responses"]
