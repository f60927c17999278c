"""After a result, what is said last counts; a danger sign alone needs more than that."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EmergencySign, Facts, HealthCondition, LegSymptoms, Slot
from backline.nlu import Understander
from backline.nlu.intents import is_correction
from tests.plain import PLAIN_FACTS

READER = Understander(lambda: dt.date(2026, 11, 29))


def after(facts: Facts, text: str) -> Facts:
    """What is known after a message to somebody who has a result."""
    told = Understanding(READER.read(text), corrects=is_correction(text))
    return update(Conversation(facts=facts, consent=True), told).facts


def with_condition(code: HealthCondition) -> Facts:
    return replace(PLAIN_FACTS, health_conditions=frozenset({code}))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (HealthCondition.PREGNANCY, "he is not pregnant, he is a boy"),
        (HealthCondition.FEVER, "I have no fever"),
        (HealthCondition.HEART_OR_STROKE, "that's wrong, I have no heart trouble"),
    ],
)
def test_an_illness_that_is_denied_is_taken_out(code: HealthCondition, text: str) -> None:
    assert after(with_condition(code), text).health_conditions == frozenset()


def test_a_denial_of_another_illness_takes_nothing_out() -> None:
    known = with_condition(HealthCondition.FEVER)
    assert after(known, "I am not pregnant").health_conditions == known.health_conditions


def test_a_danger_sign_is_not_taken_out_so() -> None:
    known = replace(PLAIN_FACTS, emergency_signs=frozenset({EmergencySign.CHEST_PAIN}))
    assert after(known, "I have no chest pain").emergency_signs == known.emergency_signs


def test_the_usual_strength_takes_the_place_of_the_one_that_was_heard() -> None:
    assert after(replace(PLAIN_FACTS, pain_severity=7), "no. usual 4").pain_severity == 4


def test_a_strength_that_was_never_said_is_asked_for_again() -> None:
    known = replace(PLAIN_FACTS, pain_severity=10)
    assert after(known, "I never said 10 out of 10").pain_severity is None


def test_an_injury_that_never_was_is_none() -> None:
    known = replace(PLAIN_FACTS, recent_injury=True)
    assert after(known, "there was no injury").recent_injury is False


@pytest.mark.parametrize("text", ["the toilet at night, for 5 years", "I've smoked for 60 years"])
def test_years_of_something_else_do_not_replace_how_long_it_hurts(text: str) -> None:
    known = Conversation(facts=Facts(pain_duration=14), consent=True)
    assert update(known, Understanding(READER.read(text))).facts.pain_duration == 14


def test_a_time_that_takes_another_one_back_counts() -> None:
    known = Conversation(facts=Facts(pain_duration=7300), consent=True)
    said = Understanding(READER.read("no is 4 weeks, not 20 years!"))
    assert update(known, said).facts.pain_duration == 28


def test_a_denied_illness_is_no_answer_to_the_danger_signs() -> None:
    asked = Conversation(asked=Slot.EMERGENCY_SIGNS, consent=True)
    said = Understanding(READER.read("No! I have no known slipped disc"))
    assert Slot.EMERGENCY_SIGNS not in update(asked, said).facts.checked


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (HealthCondition.ABDOMINAL_PAIN, "None. Please remove belly"),
        (HealthCondition.CANCER_HISTORY, "take cancer off"),
        (HealthCondition.RECENT_SURGERY, "tonsils have nothing to do with my back"),
        (HealthCondition.FOOT_DROP, "legs fine now"),
        (HealthCondition.NIGHT_PAIN, "I sleep well"),
        (HealthCondition.OTHER_SYMPTOM, "I have no other illness"),
        (HealthCondition.BLOOD_THINNERS, "I not take blood thinner, I only ask what it is!!"),
    ],
)
def test_what_is_named_as_wrong_or_over_is_taken_out(code: HealthCondition, text: str) -> None:
    assert after(with_condition(code), text).health_conditions == frozenset()


def test_while_something_is_asked_what_is_wrong_is_taken_out_and_what_is_over_is_not() -> None:
    codes = frozenset({HealthCondition.ABDOMINAL_PAIN, HealthCondition.FOOT_DROP})
    asked = Conversation(
        facts=replace(PLAIN_FACTS, health_conditions=codes),
        consent=True,
        asked=Slot.MASSAGE_RESPONSE,
    )
    over = update(asked, Understanding(READER.read("legs fine now")))
    assert over.facts.health_conditions == codes
    wrong = update(asked, Understanding(READER.read("please remove belly")))
    assert wrong.facts.health_conditions == {HealthCondition.FOOT_DROP}


def test_no_other_illness_answers_the_list_that_was_given_up() -> None:
    known = replace(PLAIN_FACTS, given_up=frozenset({Slot.HEALTH_CONDITIONS}))
    now = after(known, "I have no other illness")
    assert (now.given_up, now.checked) == (frozenset(), {Slot.HEALTH_CONDITIONS})


def test_a_leg_that_is_fine_is_none() -> None:
    known = replace(PLAIN_FACTS, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
    now = after(known, "the leg is fine now")
    assert (now.leg_symptoms, now.leg_below_knee) == (LegSymptoms.NONE, False)


def test_who_does_not_smoke_has_no_risk_by_it() -> None:
    known = replace(PLAIN_FACTS, vessel_risk=True)
    assert after(known, "she does not smoke po! no high blood").vessel_risk is False


def test_a_sign_that_is_named_as_wrong_stays_until_it_is_asked_back() -> None:
    known = replace(PLAIN_FACTS, emergency_signs=frozenset({EmergencySign.BLADDER_CHANGE}))
    assert after(known, "bladder is wrong").emergency_signs == known.emergency_signs
