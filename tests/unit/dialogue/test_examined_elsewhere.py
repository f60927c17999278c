"""What a doctor has examined already is taken as examined, whenever it is told."""

from __future__ import annotations

from dataclasses import replace

from backline.dialogue import Conversation, Understanding, come_back, update
from backline.facts import CHECKLISTS, Facts, Finding, Outcome, Slot, Status, Urgency
from backline.policy import decide
from tests.plain import PLAIN_FACTS

EXAMINED = Finding("examined", "agreed")
SEVERE = Conversation(
    facts=replace(PLAIN_FACTS, pain_severity=9, checked=CHECKLISTS).with_detail(
        "pain_severity", usual=True
    ),
    consent=True,
)


def after(conversation: Conversation, *findings: Finding) -> Facts:
    return update(conversation, Understanding(findings)).facts


def test_told_after_the_result_it_changes_the_result() -> None:
    assert decide(SEVERE.facts).urgency is Urgency.SOON
    assert decide(after(SEVERE, EXAMINED)).outcome is Outcome.MASSAGE


def test_told_before_anything_else_it_is_kept() -> None:
    told = update(Conversation(), Understanding([EXAMINED, Finding("severity", 9)]))
    assert told.facts.detail("pain_severity").examined is True


def test_a_doubtful_or_former_examination_changes_nothing() -> None:
    for status in set(Status) - {Status.PRESENT}:
        assert after(SEVERE, replace(EXAMINED, status=status)) == SEVERE.facts


def test_what_came_after_it_is_not_examined() -> None:
    examined = replace(SEVERE, facts=after(SEVERE, EXAMINED))
    for new in (Finding("course", "worse"), Finding("injury", "fall")):
        assert after(examined, new).detail("pain_severity").examined is None


def test_pain_that_got_worse_since_is_not_examined() -> None:
    told = after(SEVERE, EXAMINED, Finding("course", "worse"))
    assert told.detail("pain_severity").examined is None


def test_after_a_long_silence_it_counts_no_more() -> None:
    examined = replace(SEVERE, facts=after(SEVERE, EXAMINED))
    assert come_back(examined).facts.detail("pain_severity").examined is None


def test_an_emergency_stays_one() -> None:
    told = after(SEVERE, EXAMINED, Finding("emergency_sign", "chest_pain"))
    assert decide(told).urgency is Urgency.EMERGENCY


def test_a_long_known_illness_answers_the_list_it_is_told_at() -> None:
    facts = replace(
        PLAIN_FACTS, checked=CHECKLISTS - {Slot.LASTING}, parted=frozenset({Slot.LASTING})
    )
    asked = Conversation(facts=facts, consent=True, asked=Slot.LASTING)
    told = update(asked, Understanding([Finding("health_condition", "settled_illness")]))
    assert Slot.LASTING in told.facts.checked
    assert told.decided
    assert decide(told.facts).outcome is Outcome.MASSAGE
