"""A message that was too long to be read to its end."""

from __future__ import annotations

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EMERGENCY_LISTS, UNREAD, EmergencySign, Facts, Finding, Slot

READ_IN_PART = Finding(UNREAD, True, start=900, end=4000)


def _asked_about_conditions() -> Conversation:
    known = Facts(
        pain_duration=21,
        pain_severity=4,
        recent_injury=False,
        checked=EMERGENCY_LISTS,
    )
    return Conversation(facts=known, consent=True, asked=Slot.HEALTH_CONDITIONS)


def test_its_bare_answer_does_not_count_and_the_question_is_no_failed_try() -> None:
    before = _asked_about_conditions()
    after = update(before, Understanding([Finding("answer", "none"), READ_IN_PART]))
    assert after.asked is before.asked
    assert after.facts == before.facts
    assert after.attempts == before.attempts


def test_what_was_read_of_it_counts() -> None:
    sign = Finding("emergency_sign", EmergencySign.LEG_COLLAPSE.value)
    after = update(_asked_about_conditions(), Understanding([sign, READ_IN_PART]))
    assert EmergencySign.LEG_COLLAPSE in after.facts.emergency_signs


def test_a_unit_put_right_makes_no_time_longer_than_a_life() -> None:
    before = Conversation(facts=Facts(pain_duration=43_000), consent=True)
    after = update(before, Understanding([Finding("duration_unit", 365)], corrects=True))
    assert Facts.from_json(after.facts.to_json()) == after.facts
