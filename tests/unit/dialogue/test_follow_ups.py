"""More is asked about something that was told, and the answer read by what was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backline.dialogue import AnswersEarlier, AnswerTiming, Conversation, Understanding, update
from backline.dialogue.state import forget_last
from backline.facts import (
    CHECKLISTS,
    Course,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    LegSymptoms,
    Onset,
    Slot,
    Status,
)
from backline.policy import FOLLOW_UPS
from tests.plain import PLAIN_FACTS

PLAIN = replace(PLAIN_FACTS, checked=CHECKLISTS)
INJURED = replace(PLAIN, recent_injury=True)
STRAINED = INJURED.with_detail("recent_injury", force=False)
EASING = STRAINED.with_detail("recent_injury", course=Course.BETTER)
LEG = replace(PLAIN, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
YES, NO = Finding("answer", "yes"), Finding("answer", "no")
BETTER, WORSE = Finding("course", "better"), Finding("course", "worse")
UNSURE = Finding("answer", "dont_know")


def with_condition(code: HealthCondition, **changes: Any) -> Facts:
    return replace(PLAIN, health_conditions=frozenset({code}), **changes)


def ticked(*signs: EmergencySign) -> Facts:
    return replace(PLAIN, emergency_signs=frozenset(signs), ticked=frozenset(signs))


OLDER_LEGS = ticked(EmergencySign.BOTH_LEGS).with_detail("both_legs", onset=Onset.OLDER)


def asked_about(facts: Facts) -> Conversation:
    conversation = Conversation(facts=facts, consent=True)
    assert conversation.next_question() is Slot.FOLLOW_UP
    return replace(conversation, asked=Slot.FOLLOW_UP)


def answered(facts: Facts, *findings: Finding, **how: Any) -> Facts:
    return update(asked_about(facts), Understanding(findings, **how)).facts


def test_an_injury_is_asked_for_its_force_and_a_strain_for_its_course() -> None:
    assert asked_about(INJURED).follow_up == "injury_force"
    assert asked_about(answered(INJURED, NO)).follow_up == "injury_better"


def test_no_fall_takes_back_no_injury() -> None:
    assert answered(INJURED, NO, Finding("injury", "fall", Status.ABSENT)).recent_injury is True


def test_a_fall_that_was_told_is_not_asked_for() -> None:
    told = [Finding("injury", "fall")]
    facts = update(Conversation(facts=PLAIN, consent=True), Understanding(told)).facts
    assert facts.detail("recent_injury").force is True
    assert Conversation(facts=facts, consent=True).next_question() is None


@pytest.mark.parametrize(
    ("told", "force"),
    [(["lift"], False), (["twist"], False), (["lift", "fall"], True), (["injury"], None)],
)
def test_a_strain_that_was_told_is_not_asked_for_its_force(
    told: list[str], force: bool | None
) -> None:
    findings = [Finding("injury", code) for code in told]
    facts = update(Conversation(facts=PLAIN, consent=True), Understanding(findings)).facts
    assert facts.detail("recent_injury").force is force


@pytest.mark.parametrize(
    ("findings", "force"),
    [
        ([YES], True),
        ([NO], False),
        ([Finding("injury", "fall")], True),
        ([Finding("injury", "blow")], True),
        ([Finding("injury", "lift")], False),
        ([NO, Finding("injury", "fall", Status.ABSENT)], False),
        ([Finding("injury", "fall", Status.ABSENT), Finding("injury", "lift")], False),
        ([Finding("injury", "injury")], None),
        ([UNSURE], None),
    ],
)
def test_how_an_injury_happened_is_told_by_a_word_or_a_yes(
    findings: list[Finding], force: bool | None
) -> None:
    assert answered(INJURED, *findings).detail("recent_injury").force is force


@pytest.mark.parametrize(
    ("findings", "course"),
    [
        ([YES], Course.BETTER),
        ([NO], Course.SAME),
        ([BETTER], Course.BETTER),
        ([WORSE], Course.WORSE),
        ([BETTER, WORSE], Course.WORSE),
        ([NO, WORSE], Course.WORSE),
        ([YES, WORSE], Course.WORSE),
        ([YES, Finding("course", "same")], None),
    ],
)
def test_how_a_strain_goes_is_told_by_words_or_a_yes_and_a_contradiction_tells_nothing(
    findings: list[Finding], course: Course | None
) -> None:
    assert answered(STRAINED, *findings).detail("recent_injury").course is course


@pytest.mark.parametrize(
    ("findings", "onset"),
    [
        ([YES], Onset.OLDER),
        ([NO], Onset.NEW),
        ([Finding("time", 5 * 365.0)], None),
        ([YES, Finding("time", 5 * 365.0)], Onset.OLDER),
        ([NO, Finding("duration", 730.0)], Onset.NEW),
        ([Finding("duration", 60.0)], Onset.NEW),
        ([YES, Finding("time", 30.0)], None),
        ([Finding("time", 30.0), Finding("time", 3000.0)], Onset.NEW),
    ],
)
def test_since_when_an_illness_is_there_is_told_by_a_time_or_a_yes(
    findings: list[Finding], onset: Onset | None
) -> None:
    heart = with_condition(HealthCondition.HEART_OR_STROKE)
    assert answered(heart, *findings).detail("heart_or_stroke").onset is onset


def test_a_time_told_of_an_illness_is_none_of_the_pain() -> None:
    heart = with_condition(HealthCondition.HEART_OR_STROKE)
    assert answered(heart, Finding("duration", 3000.0)).pain_duration == PLAIN.pain_duration


@pytest.mark.parametrize("finding", [YES, Finding("leg_detail", "examined")])
def test_who_was_examined_is_not_asked_whether_the_leg_gets_worse(finding: Finding) -> None:
    facts = answered(LEG, finding)
    assert facts.leg_examined is True
    assert Conversation(facts=facts, consent=True).next_question() is None


def test_a_leg_that_nobody_examined_is_asked_for_its_course() -> None:
    conversation = asked_about(answered(LEG, NO))
    assert conversation.follow_up == "leg_worse"
    after = update(conversation, Understanding([YES])).facts
    assert after.detail("leg_below_knee").course is Course.WORSE


@pytest.mark.parametrize("name", FOLLOW_UPS)
@pytest.mark.parametrize("reply", [YES, NO])
def test_a_yes_or_a_no_answers_every_follow_up(name: str, reply: Finding) -> None:
    asked = FOLLOW_UPS[name]
    facts = {
        "injury_force": INJURED,
        "injury_better": STRAINED,
        "injury_inflamed": EASING,
        "leg_examined": LEG,
        "leg_worse": replace(LEG, leg_examined=False),
        "inflammatory_pattern": with_condition(HealthCondition.INFLAMMATORY, pain_duration=100),
        "strength_usual": replace(PLAIN, pain_severity=8),
        "nerves_new": ticked(EmergencySign.BOTH_LEGS),
        "nerves_examined": OLDER_LEGS,
        "chest_new": ticked(EmergencySign.CHEST_PAIN),
        "thoughts_plan": ticked(EmergencySign.SELF_HARM),
        "first_pain": replace(PLAIN, age=72, sudden_pain=True),
        "vessel_risk": replace(PLAIN, age=72, sudden_pain=True, first_pain=True),
    }.get(name) or with_condition(HealthCondition(asked.code))
    assert asked_about(facts).follow_up == name
    assert not asked.known(facts)
    assert asked.known(answered(facts, reply, plainly=reply.value))


def test_what_nobody_can_tell_after_two_tries_leads_to_a_doctor() -> None:
    conversation = asked_about(INJURED)
    for _ in range(2):
        conversation = update(conversation, Understanding([UNSURE]))
    assert Slot.FOLLOW_UP in conversation.facts.given_up
    assert conversation.decided
    assert conversation.facts.detail("recent_injury").force is None


def test_a_question_in_between_is_no_failed_answer() -> None:
    conversation = update(asked_about(INJURED), Understanding([], digresses=True))
    assert not conversation.attempts
    assert conversation.next_question() is Slot.FOLLOW_UP


def test_a_danger_told_in_answer_counts() -> None:
    told = Finding("emergency_sign", "chest_pain")
    assert update(asked_about(INJURED), Understanding([told])).emergency


def test_going_back_opens_the_follow_up_that_was_answered_last() -> None:
    conversation = update(asked_about(INJURED), Understanding([NO]))
    conversation = update(replace(conversation, asked=Slot.FOLLOW_UP), Understanding([YES]))
    back = forget_last(conversation)
    assert back.follow_up == "injury_better"
    assert back.facts.detail("recent_injury").force is False
    assert forget_last(back).follow_up == "injury_force"


def test_an_edited_answer_has_all_follow_ups_asked_again() -> None:
    """Nobody can tell which of them it answered: a yes to the fall must not be one to "better"."""
    conversation = update(asked_about(INJURED), Understanding([NO]))
    conversation = update(replace(conversation, asked=Slot.FOLLOW_UP), Understanding([NO]))
    assert conversation.decided
    changed = AnswersEarlier(AnswerTiming.CHANGED, Slot.FOLLOW_UP)
    after = update(conversation, Understanding([YES], earlier=changed))
    assert after.follow_up == "injury_force"
    assert after.facts.details == {}


def test_a_second_tap_answers_no_other_follow_up() -> None:
    conversation = update(asked_about(LEG), Understanding([NO]))
    asked = replace(conversation, asked=Slot.FOLLOW_UP)
    early = AnswersEarlier(AnswerTiming.EARLY, Slot.FOLLOW_UP)
    assert update(asked, Understanding([NO], earlier=early)).follow_up == "leg_worse"


@pytest.mark.parametrize(("told", "asked"), [("injury", "injury_force"), ("lift", "injury_better")])
def test_a_new_injury_is_asked_about_anew(told: str, asked: str) -> None:
    done = Conversation(facts=replace(EASING, inflammation=False), consent=True)
    assert done.decided
    after = update(done, Understanding([Finding("injury", told)]))
    assert after.follow_up == asked


def test_that_it_gets_worse_counts_whenever_it_is_told() -> None:
    done = Conversation(facts=replace(EASING, inflammation=False), consent=True)
    after = update(done, Understanding([WORSE]))
    assert after.facts.detail("recent_injury").course is Course.WORSE


def test_details_go_with_what_they_are_about() -> None:
    heart = with_condition(HealthCondition.HEART_OR_STROKE).with_detail(
        "heart_or_stroke", onset=Onset.OLDER
    )
    denied = Finding("health_condition", "heart_or_stroke", Status.ABSENT)
    after = update(
        Conversation(facts=heart, consent=True), Understanding([denied], corrects=True)
    ).facts
    assert (after.health_conditions, after.details) == (frozenset(), {})


def test_an_injury_that_is_taken_back_leaves_nothing_to_ask() -> None:
    denied = Finding("injury", "fall", Status.ABSENT)
    after = update(asked_about(INJURED), Understanding([denied], corrects=True))
    assert after.facts.recent_injury is False
    assert after.next_question() is None


SAME = Finding("course", "same")


def test_a_strain_that_is_the_same_or_a_little_better_gets_better() -> None:
    told = answered(STRAINED, SAME, BETTER)
    assert told.detail("recent_injury").course is Course.BETTER


@pytest.mark.parametrize("told", [[SAME], [SAME, BETTER, WORSE]])
def test_a_strain_that_is_the_same_or_worse_does_not(told: list[Finding]) -> None:
    assert answered(STRAINED, *told).detail("recent_injury").course is not Course.BETTER
