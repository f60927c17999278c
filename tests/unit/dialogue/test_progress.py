"""How far the questions are."""

from __future__ import annotations

from dataclasses import replace

from backline.dialogue import Conversation, Understanding, progress, update
from backline.facts import EMERGENCY_LISTS, Facts, Finding, HealthCondition, Slot

AGREED = Conversation(consent=True, answered=(Slot.CONSENT,))


def test_of_somebody_of_whom_nothing_is_known_all_questions_are_counted() -> None:
    assert progress(AGREED) == (1, 9)


def test_what_was_told_at_once_is_counted_no_more() -> None:
    told = Facts(age=40, pain_duration=14, pain_severity=4)
    assert progress(replace(AGREED, facts=told)) == (1, 6)


def test_each_answer_is_a_step() -> None:
    asked = replace(AGREED, asked=Slot.AGE)
    assert progress(update(asked, Understanding([Finding("number", 40)]))) == (2, 9)


def test_the_question_for_agreement_is_none_of_them() -> None:
    assert progress(Conversation()) is None


def test_a_question_that_few_are_asked_has_no_place() -> None:
    heart = frozenset({HealthCondition.HEART_OR_STROKE})
    lists = EMERGENCY_LISTS | {Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS}
    facts = Facts(age=40, pain_duration=14, pain_severity=4, health_conditions=heart)
    facts = replace(facts, recent_injury=False, muscle_spasm=False, checked=lists)
    conversation = replace(AGREED, facts=facts)
    assert conversation.next_question() is Slot.FOLLOW_UP
    assert progress(conversation) is None


def test_who_has_a_result_is_asked_nothing() -> None:
    assert progress(replace(AGREED, facts=Facts(), consent=False)) is None
