"""Each rule of the clinical policy, by example."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backline.facts import EMERGENCY_LISTS, Facts
from backline.policy import RULES, decide, decision, leads_only_to_doctor, open_follow_up
from backline.policy.plans import Postponed, Therapy
from backline.policy.three_valued import NO, yes

PLAIN: dict[str, Any] = {
    "emergency_signs": [],
    "pain_duration": 14,
    "pain_severity": 4,
    "recent_injury": False,
    "health_conditions": [],
    "muscle_spasm": False,
    "massage_response": "none_yet",
    "age": 40,
}


def detail(code: str, **known: Any) -> dict[str, Any]:
    return {"details": {code: known}}


STRAIN_SAME = detail("recent_injury", force=False, course="same")
STRAIN_BETTER = {**detail("recent_injury", force=False, course="better"), "inflammation": False}
INFLAMED = detail("inflammatory", pattern=True)
TICKED_LEGS = {"emergency_signs": ["both_legs"], "ticked": ["both_legs"]}
TICKED_THOUGHTS = {"emergency_signs": ["self_harm"], "ticked": ["self_harm"]}
SUDDEN = {"sudden_pain": True}
USUALLY = detail("pain_severity", usual=True)
SEVERE = {"pain_severity": 8, **USUALLY}
LEG = {"leg_symptoms": "one_leg", "leg_below_knee": True}


def decided(**changes: Any) -> Any:
    return decide(Facts.from_json({**PLAIN, **changes}))


@pytest.mark.parametrize(
    ("changes", "rule", "urgency"),
    [
        ({}, "M2", "none"),
        ({"emergency_signs": ["saddle_numbness"]}, "E1", "emergency"),
        ({"leg_symptoms": "both_legs"}, "E1", "emergency"),
        ({"emergency_signs": ["overdose"]}, "E1", "emergency"),
        ({"health_conditions": ["violence"]}, "U0b", "urgent"),
        ({"health_conditions": ["violence", "fever"]}, "U0b", "urgent"),
        ({"health_conditions": ["fever"]}, "U1", "urgent"),
        ({"health_conditions": ["pregnancy"], **SEVERE}, "U1", "urgent"),
        ({"health_conditions": ["pregnancy"]}, "D4", "soon"),
        ({"recent_injury": True, "age": 65}, "U2", "urgent"),
        ({"recent_injury": True, "health_conditions": ["steroids"]}, "U2", "urgent"),
        (
            {
                "recent_injury": True,
                "age": 64,
                **detail("recent_injury", force=True),
            },
            "D2",
            "soon",
        ),
        ({"age": 60, **SUDDEN, "first_pain": True, "vessel_risk": True}, "U1v", "urgent"),
        (
            {
                "age": 60,
                **SUDDEN,
                "first_pain": True,
                "health_conditions": ["heart_or_stroke"],
                **detail("heart_or_stroke", onset="older"),
            },
            "U1v",
            "urgent",
        ),
        ({"age": 69, **SUDDEN, "first_pain": True, "vessel_risk": False}, "M2", "none"),
        ({"age": 70, **SUDDEN, "first_pain": True, "vessel_risk": False}, "D5", "soon"),
        ({"age": 70, **SUDDEN, "first_pain": False}, "M2", "none"),
        ({"age": 70, **SUDDEN, "first_pain": True, "pain_duration": 84}, "C2", "none"),
        ({**TICKED_LEGS, **detail("both_legs", onset="new")}, "E1", "emergency"),
        ({**TICKED_LEGS, **detail("both_legs", onset="older", examined=False)}, "U1", "urgent"),
        ({**TICKED_LEGS, **detail("both_legs", onset="older", examined=True)}, "D4", "soon"),
        ({"emergency_signs": ["both_legs"]}, "E1", "emergency"),
        ({**TICKED_THOUGHTS, **detail("self_harm", acute=False)}, "U0a", "urgent"),
        ({**TICKED_THOUGHTS, **detail("self_harm", acute=True)}, "E1", "emergency"),
        ({"health_conditions": ["settled_illness"]}, "M2", "none"),
        (
            {
                "health_conditions": ["settled_illness", "night_pain"],
                **detail("night_pain", course="same"),
            },
            "D4",
            "soon",
        ),
        ({"recent_injury": True, **STRAIN_SAME}, "D2", "soon"),
        ({"recent_injury": True, **STRAIN_BETTER}, "M2", "none"),
        ({"recent_injury": True, **STRAIN_BETTER, "inflammation": True}, "D2", "soon"),
        ({"recent_injury": True, **STRAIN_BETTER, "age": 65}, "U2", "urgent"),
        (
            {
                "recent_injury": True,
                "health_conditions": ["blood_thinners"],
                **detail("recent_injury", force=True),
            },
            "U2",
            "urgent",
        ),
        ({"health_conditions": ["night_pain"], "age": 50}, "U1n", "urgent"),
        ({"health_conditions": ["night_pain"], "age": 15}, "U1n", "urgent"),
        (
            {"health_conditions": ["night_pain"], **detail("night_pain", course="worse")},
            "U1n",
            "urgent",
        ),
        ({"health_conditions": ["night_pain", "steroids"]}, "U1n", "urgent"),
        (
            {"health_conditions": ["night_pain"], **detail("night_pain", course="same")},
            "D4",
            "soon",
        ),
        (
            {"health_conditions": ["weak_immunity"], **detail("weak_immunity", course="worse")},
            "U1",
            "urgent",
        ),
        ({"health_conditions": ["weak_immunity", "night_pain"]}, "U1n", "urgent"),
        (
            {
                "health_conditions": ["heart_or_stroke", "night_pain"],
                **detail("heart_or_stroke", onset="new"),
            },
            "U1n",
            "urgent",
        ),
        (
            {"health_conditions": ["night_pain"], "age": None, "given_up": ["age", "follow_up"]},
            "U1n",
            "urgent",
        ),
        (
            {"health_conditions": ["weak_immunity"], **detail("weak_immunity", course="same")},
            "D4",
            "soon",
        ),
        ({"health_conditions": ["epilepsy"], **detail("epilepsy", onset="new")}, "D4", "soon"),
        ({"health_conditions": ["epilepsy"], **detail("epilepsy", onset="older")}, "M2", "none"),
        ({"health_conditions": ["inflammatory"]}, "M2", "none"),
        ({"health_conditions": ["inflammatory"], "pain_duration": 84, **INFLAMED}, "D5", "soon"),
        (
            {"health_conditions": ["inflammatory"], "pain_duration": 84, "age": 45},
            "C2",
            "none",
        ),
        ({"pain_severity": 7, **USUALLY}, "D1", "soon"),
        ({"pain_severity": 7, "given_up": ["follow_up"]}, "D1", "soon"),
        ({"pain_severity": 6}, "M2", "none"),
        ({"inflammation": True}, "D2", "soon"),
        ({"massage_response": "worse"}, "D3", "soon"),
        ({"health_conditions": ["blood_thinners"]}, "D4", "soon"),
        ({"health_conditions": ["osteoporosis"]}, "D4", "soon"),
        ({"health_conditions": ["other_symptom"]}, "D4", "soon"),
        ({"age": 15}, "D5", "soon"),
        ({"age": 16}, "M2", "none"),
        ({**LEG, "leg_examined": False, "pain_duration": 43}, "D5", "soon"),
        ({**LEG, "leg_examined": False, **detail("leg_below_knee", course="worse")}, "D5", "soon"),
        ({**LEG, "leg_examined": False, **detail("leg_below_knee", course="same")}, "C3", "none"),
        ({**LEG, "leg_examined": True}, "C3", "none"),
        ({"massage_response": "no_change", "massage_sessions": 2}, "C1", "none"),
        (
            {"muscle_spasm": True, "massage_response": "no_change", "massage_sessions": 1},
            "M1",
            "none",
        ),
        ({"pain_duration": 84}, "C2", "none"),
        ({"pain_duration": 83}, "M2", "none"),
        ({"muscle_spasm": True}, "M1", "none"),
    ],
)
def test_rule_decides(changes: dict[str, Any], rule: str, urgency: str) -> None:
    result = decided(**changes)
    assert (result.rule.id, result.urgency.value) == (rule, urgency)


def test_unanswered_emergency_questions_are_urgent_and_other_facts_soon() -> None:
    unanswered = decide(Facts(given_up=EMERGENCY_LISTS))
    assert (unanswered.rule.id, unanswered.urgency.value) == ("U3", "urgent")
    assert [reason.code for reason in unanswered.reasons] == ["unknown_emergency_signs"]
    known = {name: value for name, value in PLAIN.items() if name != "muscle_spasm"}
    no_spasm_known = Facts.from_json({**known, "given_up": ["muscle_spasm"]})
    assert decide(no_spasm_known).rule.id == "D6"


def test_before_hands_on_work_on_a_leg_that_was_examined_the_clinic_looks() -> None:
    assert decided(**LEG, leg_examined=True).check_first
    assert decided(**LEG, leg_examined=True, pain_duration=100).check_first
    assert decided(leg_symptoms="one_leg", leg_examined=True, pain_duration=100).check_first
    assert not decided().check_first


def test_a_leg_that_nobody_examined_is_not_reported_as_looked_after() -> None:
    details = {**detail("leg_below_knee", course="worse")["details"], **USUALLY["details"]}
    result = decided(**LEG, leg_examined=False, pain_severity=8, details=details)
    assert result.rule_ids == ["D1", "D5"]


def test_what_keeps_nobody_from_massage_is_told_to_the_therapist() -> None:
    epilepsy = decided(health_conditions=["epilepsy"], **detail("epilepsy", onset="older"))
    assert epilepsy.notes == ("epilepsy",)
    assert decided(recent_injury=True, **STRAIN_BETTER).notes == ("strain_getting_better",)
    assert decided(health_conditions=["fever"]).notes == ()


@pytest.mark.parametrize(
    ("changes", "follow_up"),
    [
        ({"recent_injury": True}, "injury_force"),
        ({"recent_injury": True, **detail("recent_injury", force=False)}, "injury_better"),
        (
            {"recent_injury": True, **detail("recent_injury", force=False, course="better")},
            "injury_inflamed",
        ),
        (LEG, "leg_examined"),
        ({**LEG, "leg_examined": False}, "leg_worse"),
        ({"health_conditions": ["night_pain"]}, "night_pain_worse"),
        ({"health_conditions": ["weak_immunity"]}, "weak_immunity_worse"),
        ({"health_conditions": ["heart_or_stroke"]}, "heart_or_stroke_settled"),
        ({"health_conditions": ["known_spine_disease"]}, "known_spine_disease_settled"),
        ({"health_conditions": ["epilepsy"]}, "epilepsy_settled"),
        ({"health_conditions": ["inflammatory"], "pain_duration": 84}, "inflammatory_pattern"),
        ({"recent_injury": True, **SEVERE}, None),
        ({"pain_severity": 7}, "strength_usual"),
        ({"pain_severity": 8, "recent_injury": True}, "strength_usual"),
        ({"pain_severity": 8, "health_conditions": ["steroids"]}, None),
        ({"health_conditions": ["epilepsy", "steroids"]}, None),
        ({"health_conditions": ["night_pain", "fever"]}, None),
        ({**LEG, "pain_duration": 43, "leg_examined": False}, None),
        ({}, None),
    ],
)
def test_more_is_asked_only_where_it_can_change_the_result(
    changes: dict[str, Any], follow_up: str | None
) -> None:
    assert open_follow_up(Facts.from_json({**PLAIN, **changes})) == follow_up


def test_a_spasm_course_is_four_massages_over_six_weeks_reviewed_after_two() -> None:
    plan = decided(muscle_spasm=True).plan
    assert (plan.massage_sessions, plan.weeks, plan.review_after_sessions) == (4, 6, 2)


def test_pain_that_massage_did_not_change_gets_no_further_massage() -> None:
    plan = decided(muscle_spasm=True, massage_response="no_change", massage_sessions=3).plan
    assert plan.massage_sessions == 0
    assert plan.therapies == tuple(Therapy)


def test_massage_waits_until_an_injury_has_healed() -> None:
    assert (
        decided(recent_injury=True, **STRAIN_SAME).plan.postponed_until
        is Postponed.INFLAMMATION_SUBSIDED
    )


def test_massage_waits_for_the_examination_of_severe_pain() -> None:
    assert decided(**SEVERE).plan.postponed_until is Postponed.EXAMINED


def test_all_rules_that_hold_are_reported_the_deciding_one_first() -> None:
    result = decided(**SEVERE, recent_injury=True, pain_duration=100)
    assert result.rule_ids == ["D1", "D2", "C2"]


def test_a_doctor_hears_of_every_danger() -> None:
    result = decided(pain_severity=8, health_conditions=["fever", "diabetes_neuropathy"])
    assert [reason.code for reason in result.reasons] == [
        "fever",
        "pain_severity",
        "diabetes_neuropathy",
    ]


@pytest.mark.parametrize("fact", ["recent_injury", "inflammation"])
def test_a_yes_to_a_danger_leads_only_to_a_doctor(fact: str) -> None:
    assert leads_only_to_doctor(fact)


def test_a_yes_that_can_lead_to_a_course_of_massage_is_no_danger() -> None:
    assert not leads_only_to_doctor("muscle_spasm")


def test_a_yes_that_no_rule_needs_is_no_danger() -> None:
    assert not leads_only_to_doctor("leg_examined")


def test_a_rule_of_its_own_makes_a_fact_a_danger(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = replace(RULES[0], id="X1", when=lambda facts: yes("x") if facts.leg_examined else NO)
    monkeypatch.setattr(decision, "RULES", (rule, *RULES))
    assert leads_only_to_doctor("leg_examined")


EXAMINED = detail("pain_severity", examined=True)
FELL = {"recent_injury": True, "inflammation": False}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"pain_severity": 9}, "M2"),
        ({**FELL}, "M2"),
        ({"recent_injury": True, "inflammation": True}, "D2"),
        ({"inflammation": True}, "D2"),
        ({**FELL, "age": 70}, "U2"),
        ({"emergency_signs": ["saddle_numbness"]}, "E1"),
        ({"health_conditions": ["fever"]}, "U1"),
        (
            {
                "health_conditions": ["pregnancy"],
                "pain_severity": 8,
                **detail("pain_severity", examined=True, usual=True),
            },
            "U1",
        ),
        ({"health_conditions": ["blood_thinners"]}, "D4"),
        ({"massage_response": "worse"}, "D3"),
        ({"age": 15}, "D5"),
    ],
)
def test_an_examination_lifts_severe_pain_and_an_injury_alone(
    changes: dict[str, Any], rule: str
) -> None:
    assert decided(**{**EXAMINED, **changes}).rule.id == rule


def test_the_clinic_looks_first_at_severe_pain_that_somebody_else_examined() -> None:
    result = decided(pain_severity=9, **EXAMINED)
    assert result.check_first
    assert result.notes == ("severe_pain_examined",)


def test_the_therapist_hears_of_an_injury_that_was_examined() -> None:
    assert decided(**FELL, **EXAMINED).notes == ("injury_examined",)


def test_a_long_known_illness_is_a_note() -> None:
    assert decided(health_conditions=["settled_illness"]).notes == ("settled_illness",)
