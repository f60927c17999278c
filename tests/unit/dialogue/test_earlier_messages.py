"""Messages that answer an earlier question than the one that is open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import AnswersEarlier as Earlier
from backline.dialogue import AnswerTiming, Conversation, Understanding, update
from backline.facts import (
    EMERGENCY_LISTS,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    Slot,
    Status,
)

OPEN = Conversation(
    Facts(age=40, pain_severity=4, pain_duration=21, checked=EMERGENCY_LISTS),
    consent=True,
    asked=Slot.HEALTH_CONDITIONS,
    answered=(
        Slot.CONSENT,
        Slot.EMERGENCY_SIGNS,
        Slot.PAIN_DURATION,
        Slot.PAIN_SEVERITY,
        Slot.RECENT_INJURY,
        Slot.AGE,
    ),
)
NO = Finding("answer", "no")
NONE = Finding("answer", "none")


def test_a_no_to_an_earlier_question_does_not_answer_the_open_one() -> None:
    after = update(
        OPEN, Understanding([NO], earlier=Earlier(AnswerTiming.CHANGED, Slot.RECENT_INJURY))
    )
    assert after.facts.recent_injury is False
    assert Slot.HEALTH_CONDITIONS not in after.facts.checked
    assert after.asked is Slot.HEALTH_CONDITIONS
    assert dict(after.attempts) == {}


def test_a_second_none_to_the_same_checklist_changes_nothing() -> None:
    assert (
        update(
            OPEN, Understanding([NONE], earlier=Earlier(AnswerTiming.CHANGED, Slot.EMERGENCY_SIGNS))
        ).facts
        == OPEN.facts
    )


def test_what_was_written_before_any_question_answers_none() -> None:
    assert (
        update(
            OPEN, Understanding([NO, Finding("number", 7)], earlier=Earlier(AnswerTiming.CHANGED))
        ).facts
        == OPEN.facts
    )


@pytest.mark.parametrize(("number", "severity"), [(8, 8), (0, 0), (15, None)])
def test_a_changed_number_replaces_the_one_before(number: int, severity: int | None) -> None:
    after = update(
        OPEN,
        Understanding(
            [Finding("number", number)], earlier=Earlier(AnswerTiming.CHANGED, Slot.PAIN_SEVERITY)
        ),
    )
    assert after.facts.pain_severity == severity


def test_a_number_for_another_question_is_no_severity() -> None:
    after = update(
        OPEN, Understanding([Finding("number", 7)], earlier=Earlier(AnswerTiming.CHANGED, Slot.AGE))
    )
    assert after.facts.age == 7
    assert after.facts.pain_severity == 4


def test_a_changed_yes_becomes_a_no() -> None:
    injured = replace(OPEN, facts=replace(OPEN.facts, recent_injury=True))
    after = update(
        injured, Understanding([NO], earlier=Earlier(AnswerTiming.CHANGED, Slot.RECENT_INJURY))
    )
    assert after.facts.recent_injury is False


def test_a_late_no_says_nothing_against_a_newer_yes() -> None:
    injured = replace(OPEN, facts=replace(OPEN.facts, recent_injury=True))
    after = update(
        injured, Understanding([NO], earlier=Earlier(AnswerTiming.LATE, Slot.RECENT_INJURY))
    )
    assert after.facts.recent_injury is True


def test_a_late_denial_takes_no_condition_back() -> None:
    known = Facts(health_conditions=frozenset({HealthCondition.BLOOD_THINNERS}))
    denied = Finding("health_condition", "blood_thinners", Status.ABSENT)
    after = update(
        Conversation(known, consent=True),
        Understanding([denied], earlier=Earlier(AnswerTiming.LATE)),
    )
    assert after.facts.health_conditions == {HealthCondition.BLOOD_THINNERS}


@pytest.mark.parametrize("slot", [Slot.EMERGENCY_SIGNS, Slot.PAIN_DURATION])
def test_an_answer_changed_into_none_is_asked_again(slot: Slot) -> None:
    after = update(
        OPEN,
        Understanding(
            [Finding("answer", "dont_know")], earlier=Earlier(AnswerTiming.CHANGED, slot)
        ),
    )
    assert after.next_question() is slot


def test_a_question_that_was_never_asked_cannot_be_answered() -> None:
    fresh = Conversation(asked=Slot.CONSENT)
    after = update(
        fresh, Understanding([NONE], earlier=Earlier(AnswerTiming.EARLY, Slot.HEALTH_CONDITIONS))
    )
    assert after == fresh


def test_words_count_more_than_the_yes_beside_them() -> None:
    told = [Finding("answer", "yes"), Finding("injury", "fall", Status.ABSENT)]
    assert (
        update(
            OPEN, Understanding(told, earlier=Earlier(AnswerTiming.CHANGED, Slot.RECENT_INJURY))
        ).facts.recent_injury
        is False
    )


def test_what_the_changed_words_alone_had_told_is_withdrawn() -> None:
    known = Facts(
        recent_injury=False,
        health_conditions=frozenset({HealthCondition.PREGNANCY, HealthCondition.FEVER}),
        checked=frozenset({Slot.HEALTH_CONDITIONS}),
    )
    after = update(
        Conversation(known, consent=True, answered=(Slot.HEALTH_CONDITIONS,)),
        Understanding(
            [NONE],
            earlier=Earlier(
                AnswerTiming.CHANGED,
                Slot.HEALTH_CONDITIONS,
                frozenset(["pregnancy", "recent_injury"]),
            ),
        ),
    )
    assert after.facts.health_conditions == {HealthCondition.FEVER}
    assert after.facts.recent_injury is None
    assert Slot.HEALTH_CONDITIONS in after.facts.checked


def test_a_danger_sign_counts_whenever_it_was_written() -> None:
    after = update(
        OPEN,
        Understanding(
            [Finding("emergency_sign", "both_legs")], earlier=Earlier(AnswerTiming.CHANGED)
        ),
    )
    assert after.facts.emergency_signs == {EmergencySign.BOTH_LEGS}
    assert after.emergency


def test_a_danger_sign_is_never_withdrawn() -> None:
    known = Conversation(Facts(emergency_signs=frozenset({EmergencySign.SEPSIS})), consent=True)
    assert update(
        known, Understanding([NONE], earlier=Earlier(AnswerTiming.CHANGED, Slot.EMERGENCY_SIGNS))
    ).emergency


def test_consent_can_be_taken_back_by_changing_the_answer() -> None:
    refusal = Finding("agreement", "no")
    assert (
        update(
            OPEN, Understanding([refusal], earlier=Earlier(AnswerTiming.CHANGED, Slot.CONSENT))
        ).consent
        is False
    )


@pytest.mark.parametrize("manner", AnswerTiming)
def test_an_emergency_counts_however_it_comes_and_although_consent_was_declined(
    manner: AnswerTiming,
) -> None:
    declined = Conversation(Facts(), consent=False)
    sign = Finding("emergency_sign", EmergencySign.BOTH_LEGS.value)
    after = update(declined, Understanding([sign], earlier=Earlier(manner)))
    assert after.emergency
    assert after.decided
    assert not after.declined
