"""What is asked, in which order, and what is not."""

from __future__ import annotations

import pytest

from backline.dialogue import QUESTION_ORDER, Conversation, Understanding, next_question, update
from backline.facts import Facts, Finding, Slot

NO = [Finding("answer", "no")]
REFUSAL = [Finding("agreement", "no")]
DANGERS = [Slot.EMERGENCY_SIGNS, Slot.DANGER_SIGNS, Slot.SAFETY]
SILENT: dict[Slot, list[Finding]] = {
    Slot.CONSENT: [Finding("agreement", "yes")],
    Slot.PAIN_DURATION: [Finding("duration", 14)],
    Slot.PAIN_SEVERITY: [Finding("number", 4)],
    Slot.AGE: [Finding("number", 40)],
}


def play(answers: dict[Slot, list[Finding]], opening: list[Finding] | None = None) -> list[Slot]:
    """The questions asked of a patient who answers like this, consent aside."""
    conversation = update(Conversation(), Understanding(opening or []))
    asked: list[Slot] = []
    for _ in range(30):
        due = conversation.next_question()
        if due is None:
            return [slot for slot in asked if slot is not Slot.CONSENT]
        asked.append(due)
        conversation = Conversation(**{**vars(conversation), "asked": due})
        conversation = update(conversation, Understanding(answers.get(due, NO)))
    raise AssertionError(f"no end: {asked}")


def test_the_age_comes_first_and_then_the_emergency_signs() -> None:
    assert next_question(Facts()) is Slot.AGE
    assert play(SILENT)[:4] == [Slot.AGE, *DANGERS]


def test_consent_comes_before_the_questions() -> None:
    assert Conversation().next_question() is Slot.CONSENT


def test_an_emergency_needs_no_consent_and_no_question() -> None:
    conversation = update(
        Conversation(), Understanding([Finding("emergency_sign", "bladder_change")])
    )
    assert conversation.decided
    assert conversation.next_question() is None


def test_a_silent_patient_gets_at_most_nine_questions() -> None:
    assert len(play(SILENT)) <= 9


def test_a_patient_who_tells_everything_gets_the_lists_only() -> None:
    opening = [
        Finding("age", 36),
        Finding("duration", 14),
        Finding("severity", 4),
        Finding("injury", "fall", status="absent"),  # type: ignore[arg-type]
        Finding("massage", "none_yet"),
        Finding("spasm", True, status="absent"),  # type: ignore[arg-type]
    ]
    opening = [
        Finding.from_json(f.__dict__ | {"status": str(getattr(f.status, "value", f.status))})
        for f in opening
    ]
    assert play(SILENT, opening) == [*DANGERS, Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS]


def test_severe_pain_makes_duration_spasm_massage_and_age_of_no_consequence() -> None:
    asked = play(SILENT, [Finding("severity", 9), Finding("strength_lasts", "mostly")])
    assert asked == [*DANGERS, Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS]


def test_whether_a_strong_pain_is_the_usual_one_is_asked_before_the_illnesses() -> None:
    asked = play({**SILENT, Slot.FOLLOW_UP: [Finding("answer", "yes")]}, [Finding("severity", 9)])
    rest = [Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS]
    assert [slot for slot in asked if slot is not Slot.AGE][3:] == [
        *(slot for slot in asked if slot is Slot.PAIN_DURATION),
        Slot.FOLLOW_UP,
        *rest,
    ]


def test_nobody_is_asked_what_is_known() -> None:
    for slot, finding in [
        (Slot.PAIN_SEVERITY, Finding("severity", 4)),
        (Slot.PAIN_DURATION, Finding("duration", 14)),
        (Slot.AGE, Finding("age", 40)),
    ]:
        assert slot not in play(SILENT, [finding])


def test_leg_is_asked_only_when_one_leg_was_mentioned() -> None:
    assert Slot.LEG_SYMPTOMS not in play(SILENT)
    assert Slot.LEG_SYMPTOMS in play(SILENT, [Finding("leg", "one_leg")])


def test_a_patient_who_cannot_say_is_asked_twice_and_sent_to_a_doctor() -> None:
    dont_know = [Finding("answer", "dont_know")]
    asked = play({**SILENT, Slot.PAIN_SEVERITY: dont_know})
    assert asked.count(Slot.PAIN_SEVERITY) == 2


@pytest.mark.parametrize("slot", QUESTION_ORDER)
def test_every_question_ends_even_without_an_answer(slot: Slot) -> None:
    play({**SILENT, slot: []})
    play({**SILENT, slot: [Finding("answer", "dont_know")]}, [Finding("leg", "one_leg")])


def test_declining_ends_the_questions() -> None:
    conversation = Conversation(asked=Slot.CONSENT)
    conversation = update(conversation, Understanding(REFUSAL))
    assert conversation.declined
    assert conversation.next_question() is None
