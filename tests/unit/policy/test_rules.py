"""Each rule of the clinical policy, by example."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backline.facts import Facts, Slot
from backline.policy import RULES, decide, decision, leads_only_to_doctor
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
        ({"health_conditions": ["pregnancy"], "pain_severity": 8}, "U1", "urgent"),
        ({"health_conditions": ["pregnancy"]}, "D4", "soon"),
        ({"recent_injury": True, "age": 65}, "U2", "urgent"),
        ({"recent_injury": True, "health_conditions": ["steroids"]}, "U2", "urgent"),
        ({"recent_injury": True, "age": 64}, "D2", "soon"),
        ({"pain_severity": 7}, "D1", "soon"),
        ({"pain_severity": 6}, "M2", "none"),
        ({"inflammation": True}, "D2", "soon"),
        ({"massage_response": "worse"}, "D3", "soon"),
        ({"health_conditions": ["blood_thinners"]}, "D4", "soon"),
        ({"health_conditions": ["osteoporosis"]}, "D4", "soon"),
        ({"health_conditions": ["other_symptom"]}, "D4", "soon"),
        ({"age": 17}, "D5", "soon"),
        ({"leg_symptoms": "one_leg", "leg_below_knee": True}, "D5", "soon"),
        (
            {"muscle_spasm": True, "massage_response": "no_change", "massage_sessions": 2},
            "C1",
            "none",
        ),
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
    unanswered = decide(Facts(given_up=frozenset({Slot.EMERGENCY_SIGNS})))
    assert (unanswered.rule.id, unanswered.urgency.value) == ("U3", "urgent")
    assert [reason.code for reason in unanswered.reasons] == ["unknown_emergency_signs"]
    known = {name: value for name, value in PLAIN.items() if name != "muscle_spasm"}
    no_spasm_known = Facts.from_json({**known, "given_up": ["muscle_spasm"]})
    assert decide(no_spasm_known).rule.id == "D6"


def test_an_examined_leg_does_not_send_to_a_doctor() -> None:
    result = decided(leg_symptoms="one_leg", leg_below_knee=True, leg_examined=True)
    assert result.rule.id == "M2"


def test_a_spasm_course_is_four_massages_over_six_weeks_reviewed_after_two() -> None:
    plan = decided(muscle_spasm=True).plan
    assert (plan.massage_sessions, plan.weeks, plan.review_after_sessions) == (4, 6, 2)


def test_spasms_that_massage_did_not_change_get_no_further_massage() -> None:
    plan = decided(muscle_spasm=True, massage_response="no_change", massage_sessions=3).plan
    assert plan.massage_sessions == 0
    assert plan.therapies == tuple(Therapy)


def test_massage_waits_until_an_injury_has_healed() -> None:
    assert decided(recent_injury=True).plan.postponed_until is Postponed.INFLAMMATION_SUBSIDED


def test_massage_waits_for_the_examination_of_severe_pain() -> None:
    assert decided(pain_severity=9).plan.postponed_until is Postponed.EXAMINED


def test_all_rules_that_hold_are_reported_the_deciding_one_first() -> None:
    result = decided(pain_severity=8, recent_injury=True, pain_duration=100)
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
