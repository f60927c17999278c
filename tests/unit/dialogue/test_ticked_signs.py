"""A sign that was ticked in the list is asked about at once: it may be milder, or older."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, come_back, update
from backline.facts import (
    CHECKLISTS,
    EmergencySign,
    Facts,
    Finding,
    Onset,
    Slot,
    Status,
    Urgency,
)
from backline.policy import decide
from tests.plain import PLAIN_FACTS

LIST = Conversation(facts=Facts(age=40), consent=True, asked=Slot.EMERGENCY_SIGNS)
PLAIN = replace(PLAIN_FACTS, checked=CHECKLISTS)
LINE = {
    EmergencySign.SADDLE_NUMBNESS: 1,
    EmergencySign.BOTH_LEGS: 5,
    EmergencySign.CHEST_PAIN: 7,
    EmergencySign.FAINTING: 10,
    EmergencySign.SELF_HARM: 12,
}
"""By sign, its number in the whole list of before, which still counts."""
YES, NO, UNSURE = (Finding("answer", word) for word in ("yes", "no", "dont_know"))


def after_ticking(*signs: EmergencySign) -> Conversation:
    picks = [Finding("pick", LINE[sign]) for sign in signs]
    after = update(LIST, Understanding(picks))
    return replace(after, asked=after.next_question())


def answering(conversation: Conversation, *findings: Finding) -> Conversation:
    """Go on after an answer; a bare yes or no in it is all that it says."""
    said = [f.value for f in findings if f.kind == "answer" and f.value in ("yes", "no")]
    plainly = said[0] if said and len(findings) == 1 else None
    after = update(conversation, Understanding(findings, plainly=plainly))
    return replace(after, asked=after.next_question())


def urgency_of(conversation: Conversation) -> Urgency:
    known = replace(conversation.facts, **{name: getattr(PLAIN, name) for name in _REST})
    return decide(replace(known, checked=CHECKLISTS)).urgency


_REST = (
    *("pain_duration", "pain_severity", "recent_injury", "muscle_spasm"),
    *("massage_response", "massage_sessions", "age", "leg_below_knee"),
)


@pytest.mark.parametrize("sign", LINE)
def test_whether_it_is_an_emergency_is_asked_before_anything_else(sign: EmergencySign) -> None:
    conversation = after_ticking(sign)
    assert conversation.asked is Slot.FOLLOW_UP
    assert conversation.may_be_emergency
    assert not conversation.emergency


@pytest.mark.parametrize("line", [8, 9, 11])
def test_a_tearing_pain_an_accident_and_a_grave_infection_are_an_emergency_by_the_tick_alone(
    line: int,
) -> None:
    assert update(LIST, Understanding([Finding("pick", line)])).emergency


@pytest.mark.parametrize("sign", LINE)
@pytest.mark.parametrize("answer", [YES, UNSURE])
def test_a_yes_and_a_not_sure_make_it_one(sign: EmergencySign, answer: Finding) -> None:
    assert answering(after_ticking(sign), answer).emergency


@pytest.mark.parametrize("sign", LINE)
def test_who_does_not_answer_twice_is_told_to_call(sign: EmergencySign) -> None:
    once = answering(after_ticking(sign))
    assert once.asked is Slot.FOLLOW_UP
    assert answering(once).emergency


@pytest.mark.parametrize("sign", LINE)
def test_a_no_makes_it_a_matter_of_today(sign: EmergencySign) -> None:
    after = answering(after_ticking(sign), NO)
    assert not after.emergency
    assert urgency_of(replace(after, facts=_unexamined(after.facts))) is Urgency.URGENT


def _unexamined(facts: Facts) -> Facts:
    for sign in facts.ticked:
        facts = facts.with_detail(sign.value, examined=False)
    return facts


def test_older_nerve_signs_of_a_known_cause_are_a_matter_of_days() -> None:
    older = answering(after_ticking(EmergencySign.BOTH_LEGS), NO)
    assert older.asked is not None
    known = older.facts.with_detail("both_legs", examined=True)
    assert urgency_of(replace(older, facts=known)) is Urgency.SOON


def test_several_signs_of_a_kind_are_asked_about_together() -> None:
    after = answering(after_ticking(EmergencySign.BOTH_LEGS, EmergencySign.SADDLE_NUMBNESS), NO)
    assert {code: detail.onset for code, detail in after.facts.details.items()} == {
        "both_legs": Onset.OLDER,
        "saddle_numbness": Onset.OLDER,
    }


def test_signs_of_two_kinds_are_asked_about_one_after_the_other() -> None:
    after = answering(after_ticking(EmergencySign.BOTH_LEGS, EmergencySign.CHEST_PAIN), NO)
    assert after.may_be_emergency
    assert answering(after, YES).emergency


def test_what_is_told_in_words_is_an_emergency_at_once() -> None:
    assert update(LIST, Understanding([Finding("emergency_sign", "both_legs")])).emergency
    both = [Finding("pick", 5), Finding("emergency_sign", "both_legs")]
    assert update(LIST, Understanding(both)).emergency


def test_what_is_told_in_words_later_makes_an_older_sign_an_emergency() -> None:
    older = answering(after_ticking(EmergencySign.BOTH_LEGS), NO)
    told = replace(older, asked=Slot.PAIN_SEVERITY)
    assert answering(told, Finding("emergency_sign", "both_legs")).emergency


def test_a_nerve_sign_named_in_the_answer_is_no_other_one() -> None:
    told = Finding("emergency_sign", "both_legs")
    after = answering(after_ticking(EmergencySign.BOTH_LEGS), told)
    assert after.may_be_emergency
    assert not after.emergency


@pytest.mark.parametrize("sign", [EmergencySign.CHEST_PAIN, EmergencySign.SELF_HARM])
def test_any_other_sign_named_in_the_answer_is_an_emergency(sign: EmergencySign) -> None:
    told = Finding("emergency_sign", sign.value)
    assert answering(after_ticking(sign), NO, told).emergency
    nerves = after_ticking(EmergencySign.BOTH_LEGS, sign)
    assert answering(nerves, NO, told).emergency


def test_another_sign_told_in_the_answer_is_an_emergency() -> None:
    told = Finding("emergency_sign", "sepsis")
    assert answering(after_ticking(EmergencySign.BOTH_LEGS), NO, told).emergency


@pytest.mark.parametrize(
    "findings",
    [
        [Finding("time", 3.0)],
        [Finding("duration", 28.0)],
        [Finding("duration", 3650.0), Finding("course", "worse")],
        [Finding("duration", 3650.0), Finding("time", 7.0)],
        [Finding("onset", "new")],
        [Finding("onset", "older"), Finding("course", "worse")],
        [YES, Finding("duration", 3650.0)],
        [NO, Finding("course", "worse")],
    ],
)
def test_what_is_new_or_worse_is_an_emergency_in_words_too(findings: list[Finding]) -> None:
    assert answering(after_ticking(EmergencySign.BOTH_LEGS), *findings).emergency


@pytest.mark.parametrize(
    "findings",
    [
        [NO, Finding("duration", 3650.0)],
        [Finding("duration", 3650.0)],
        [Finding("onset", "older")],
        [Finding("denial", True)],
        [Finding("answer", "none")],
        [Finding("course", "same")],
        [Finding("health_condition", "fever")],
    ],
)
@pytest.mark.parametrize("sign", [EmergencySign.BOTH_LEGS, EmergencySign.CHEST_PAIN])
def test_what_is_no_plain_no_is_asked_again_and_counts_as_a_try(
    sign: EmergencySign, findings: list[Finding]
) -> None:
    after = answering(after_ticking(sign), *findings)
    assert after.may_be_emergency
    assert after.attempts == {Slot.FOLLOW_UP: 1}


def test_only_a_plain_yes_says_that_the_cause_of_older_signs_is_known() -> None:
    older = answering(after_ticking(EmergencySign.BOTH_LEGS), NO)
    assert answering(older, YES).facts.detail("both_legs").examined is True
    assert answering(older, UNSURE).facts.detail("both_legs").examined is False
    but = answering(older, YES, Finding("location", "lower_back"))
    assert but.facts.detail("both_legs").examined is None


def test_a_yes_with_words_behind_it_that_do_not_contradict_says_so_too() -> None:
    older = answering(after_ticking(EmergencySign.BOTH_LEGS), NO)
    scanned = [YES, Finding("time", 365.0), Finding("health_condition", "known_spine_disease")]
    mainly = update(older, Understanding(scanned, mainly="yes"))
    assert mainly.facts.detail("both_legs").examined is True
    guessed = update(older, Understanding(scanned, corrects=True, mainly="yes"))
    assert guessed.facts.detail("both_legs").examined is True
    worse = update(older, Understanding([*scanned, Finding("course", "worse")], mainly="yes"))
    assert worse.facts.detail("both_legs").examined is None


def test_a_no_that_repeats_the_question_is_a_plain_no() -> None:
    older = Finding("onset", "older")
    assert not answering(after_ticking(EmergencySign.BOTH_LEGS), NO, older).may_be_emergency


@pytest.mark.parametrize("asked", [Slot.FOLLOW_UP, Slot.PAIN_SEVERITY, None])
def test_an_older_sign_that_gets_worse_is_asked_about_again(asked: Slot | None) -> None:
    older = answering(after_ticking(EmergencySign.BOTH_LEGS), NO)
    after = answering(replace(older, asked=asked), Finding("course", "worse"))
    assert after.may_be_emergency


def test_a_yes_that_corrects_a_no_has_it_asked_again() -> None:
    older = answering(after_ticking(EmergencySign.BOTH_LEGS), NO)
    after = update(older, Understanding([YES], corrects=True, plainly="yes"))
    assert after.may_be_emergency


@pytest.mark.parametrize("sign", LINE)
def test_who_comes_back_and_ticks_it_again_is_asked_about_it_again(sign: EmergencySign) -> None:
    back = come_back(answering(after_ticking(sign), NO))
    again = update(
        replace(back, asked=Slot.EMERGENCY_SIGNS), Understanding([Finding("pick", LINE[sign])])
    )
    assert again.may_be_emergency


@pytest.mark.parametrize(
    "told",
    [
        Understanding([], corrects=True),
        Understanding([Finding("undo", True)]),
        Understanding([Finding("emergency_sign", "both_legs", Status.ABSENT)], corrects=True),
    ],
)
def test_who_ticked_the_wrong_line_is_asked_for_the_whole_list_again(told: Understanding) -> None:
    after = update(after_ticking(EmergencySign.BOTH_LEGS), told)
    assert after.facts.emergency_signs == frozenset()
    assert after.next_question() is Slot.EMERGENCY_SIGNS


def test_a_time_in_the_answer_is_none_of_the_pain() -> None:
    facts = replace(after_ticking(EmergencySign.BOTH_LEGS).facts, pain_duration=21)
    asked = replace(after_ticking(EmergencySign.BOTH_LEGS), facts=facts)
    assert answering(asked, Finding("duration", 3650.0)).facts.pain_duration == 21
