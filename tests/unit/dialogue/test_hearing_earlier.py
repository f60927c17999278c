"""Messages that answer an earlier question than the one that is open."""

from __future__ import annotations

import pytest

from backline.dialogue import Conversation, hear_earlier
from backline.facts import EmergencySign, Facts, Finding, HealthCondition, Slot, Status

OPEN = Conversation(
    Facts(pain_severity=4, checked=frozenset({Slot.EMERGENCY_SIGNS})),
    consent=True,
    asked=Slot.HEALTH_CONDITIONS,
    answered=(Slot.CONSENT, Slot.EMERGENCY_SIGNS, Slot.PAIN_SEVERITY),
)
NO = Finding("answer", "no")
NONE = Finding("answer", "none")


def test_a_no_to_an_earlier_question_does_not_answer_the_open_one() -> None:
    after = hear_earlier(OPEN, [NO], Slot.RECENT_INJURY)
    assert after.facts.recent_injury is False
    assert Slot.HEALTH_CONDITIONS not in after.facts.checked
    assert after.asked is Slot.HEALTH_CONDITIONS
    assert dict(after.attempts) == {}


def test_a_second_none_to_the_same_checklist_changes_nothing() -> None:
    assert hear_earlier(OPEN, [NONE], Slot.EMERGENCY_SIGNS).facts == OPEN.facts


def test_what_was_written_before_any_question_answers_none() -> None:
    assert hear_earlier(OPEN, [NO, Finding("number", 7)], None).facts == OPEN.facts


@pytest.mark.parametrize(("number", "severity"), [(8, 8), (0, 0), (15, 4)])
def test_a_changed_number_replaces_the_one_before(number: int, severity: int) -> None:
    after = hear_earlier(OPEN, [Finding("number", number)], Slot.PAIN_SEVERITY)
    assert after.facts.pain_severity == severity


def test_a_number_for_another_question_is_no_severity() -> None:
    after = hear_earlier(OPEN, [Finding("number", 7)], Slot.AGE)
    assert after.facts.age == 7
    assert after.facts.pain_severity == 4


def test_a_changed_yes_becomes_a_no() -> None:
    injured = Conversation(Facts(recent_injury=True), consent=True)
    assert hear_earlier(injured, [NO], Slot.RECENT_INJURY).facts.recent_injury is False


def test_words_count_more_than_the_yes_beside_them() -> None:
    told = [Finding("answer", "yes"), Finding("injury", "fall", Status.ABSENT)]
    assert hear_earlier(OPEN, told, Slot.RECENT_INJURY).facts.recent_injury is False


def test_what_the_changed_words_alone_had_told_is_withdrawn() -> None:
    known = Facts(
        health_conditions=frozenset({HealthCondition.PREGNANCY, HealthCondition.FEVER}),
        checked=frozenset({Slot.HEALTH_CONDITIONS}),
    )
    after = hear_earlier(
        Conversation(known, consent=True),
        [NONE],
        Slot.HEALTH_CONDITIONS,
        [HealthCondition.PREGNANCY],
    )
    assert after.facts.health_conditions == {HealthCondition.FEVER}
    assert Slot.HEALTH_CONDITIONS in after.facts.checked


def test_a_danger_sign_counts_whenever_it_was_written() -> None:
    after = hear_earlier(OPEN, [Finding("emergency_sign", "both_legs")], None)
    assert after.facts.emergency_signs == {EmergencySign.BOTH_LEGS}
    assert after.emergency


def test_a_danger_sign_is_never_withdrawn() -> None:
    known = Conversation(Facts(emergency_signs=frozenset({EmergencySign.SEPSIS})), consent=True)
    assert hear_earlier(known, [NONE], Slot.EMERGENCY_SIGNS).emergency


def test_consent_can_be_taken_back_by_changing_the_answer() -> None:
    assert hear_earlier(OPEN, [NO], Slot.CONSENT).consent is False
