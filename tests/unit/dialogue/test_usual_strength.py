"""A strong pain is asked about: what counts is how strong it was for most of the week."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import CHECKLISTS, Facts, Finding, Outcome, Slot
from backline.policy import decide
from tests.plain import PLAIN_FACTS

PLAIN = replace(PLAIN_FACTS, checked=CHECKLISTS)
STRONG = replace(PLAIN, pain_severity=8)
YES, NO, UNSURE = (Finding("answer", word) for word in ("yes", "no", "dont_know"))
MOSTLY, AT_TIMES = (Finding("strength_lasts", code) for code in ("mostly", "at_times"))


def asked(facts: Facts, *, answered: tuple[Slot, ...] = (Slot.PAIN_SEVERITY,)) -> Conversation:
    conversation = Conversation(facts=facts, consent=True, answered=answered)
    return replace(conversation, asked=conversation.next_question())


def after(conversation: Conversation, *findings: Finding) -> Conversation:
    told = update(conversation, Understanding(findings))
    return replace(told, asked=told.next_question())


def test_a_strong_pain_is_asked_about_once_all_else_is_known() -> None:
    conversation = asked(STRONG)
    assert conversation.asked is Slot.FOLLOW_UP
    assert conversation.follow_up == "strength_usual"


@pytest.mark.parametrize("strength", [0, 6])
def test_a_milder_pain_is_not(strength: int) -> None:
    assert asked(replace(PLAIN, pain_severity=strength)).asked is None


def test_a_strong_pain_of_somebody_whom_a_doctor_sees_today_is_not() -> None:
    assert asked(replace(STRONG, recent_injury=True, age=80)).asked is None


@pytest.mark.parametrize("answer", [YES, MOSTLY])
def test_what_was_so_for_most_of_the_week_is_examined_first(answer: Finding) -> None:
    conversation = after(asked(STRONG), answer)
    assert conversation.asked is None
    assert decide(conversation.facts).rule.id == "D1"


@pytest.mark.parametrize("answer", [NO, AT_TIMES])
def test_what_was_so_at_times_is_asked_for_again_in_other_words(answer: Finding) -> None:
    conversation = after(asked(STRONG), answer)
    assert conversation.asked is Slot.PAIN_SEVERITY
    assert conversation.attempts == {Slot.PAIN_SEVERITY: 1}
    assert conversation.facts.pain_severity is None


@pytest.mark.parametrize(("strength", "outcome"), [(4, Outcome.MASSAGE), (7, Outcome.DOCTOR_FIRST)])
def test_the_strength_that_is_told_then_is_the_usual_one(strength: int, outcome: Outcome) -> None:
    again = after(asked(STRONG), NO)
    conversation = after(again, Finding("number", strength))
    assert conversation.asked is None
    assert decide(conversation.facts).outcome is outcome


@pytest.mark.parametrize(
    "findings",
    [
        [NO, Finding("number", 5)],
        [Finding("number", 5)],
        [Finding("severity", 5, source="quantities:number")],
        [AT_TIMES, Finding("severity", 5, source="quantities:number")],
    ],
)
def test_the_usual_strength_may_be_told_instead(findings: list[Finding]) -> None:
    conversation = after(asked(STRONG), *findings)
    assert conversation.facts.pain_severity == 5
    assert conversation.asked is None


def test_who_says_the_same_number_again_means_it() -> None:
    conversation = after(asked(STRONG), Finding("number", 8))
    assert conversation.asked is None
    assert decide(conversation.facts).rule.id == "D1"


@pytest.mark.parametrize("answer", [UNSURE, Finding("emotion", "pain")])
def test_who_cannot_tell_twice_is_examined_first(answer: Finding) -> None:
    once = after(asked(STRONG), answer)
    assert once.asked is Slot.FOLLOW_UP
    twice = after(once, answer)
    assert twice.asked is None
    assert decide(twice.facts).outcome is Outcome.DOCTOR_FIRST


@pytest.mark.parametrize(
    "findings",
    [
        [Finding("severity", 8, source="quantities:number"), MOSTLY],
        [Finding("number", 8), MOSTLY],
    ],
)
def test_who_told_that_it_is_always_so_is_not_asked(findings: list[Finding]) -> None:
    conversation = asked(replace(PLAIN, pain_severity=None), answered=())
    assert conversation.asked is Slot.PAIN_SEVERITY
    assert after(conversation, *findings).asked is None
