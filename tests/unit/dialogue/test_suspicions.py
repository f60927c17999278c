"""Words that may be of a danger are asked about once, before any result, never in an emergency."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backline.dialogue import (
    AnswersEarlier,
    AnswerTiming,
    Conversation,
    Suspicion,
    SuspicionAnswer,
    Understanding,
    forget_last,
    update,
)
from backline.dialogue.suspicions import KINDS, MOST_ASKED, Code, code_of, read_suspicion
from backline.facts import (
    CHECKLISTS,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    MassageResponse,
    Slot,
    Status,
)
from backline.policy import decide

OTHER = HealthCondition.OTHER_SYMPTOM
YES, NO, DONT_KNOW = (Finding("answer", value) for value in ("yes", "no", "dont_know"))
PLAIN = Facts(
    pain_duration=21,
    pain_severity=4,
    recent_injury=False,
    muscle_spasm=False,
    massage_response=MassageResponse.NONE_YET,
    age=45,
    checked=CHECKLISTS,
)
SEVERE = replace(PLAIN, pain_severity=9).with_detail("pain_severity", usual=True)


def suspected(quote: str = "loss of blood", code: str = "bleeding") -> Finding:
    told = Suspicion(code_of(code), quote, f"there was {quote}", 0.9, "I bleed")
    return Finding("suspicion", told.to_json())


def told(*findings: Finding, facts: Facts | None = None, **known: Any) -> Conversation:
    """A conversation after consent in which a message said this."""
    before = Conversation(facts=facts or Facts(), consent=True, **known)
    return update(before, Understanding(findings))


def answered(conversation: Conversation, *findings: Finding, **how: Any) -> Conversation:
    """The same after an answer to the question about the suspicion."""
    assert conversation.next_question() is Slot.SUSPICION
    return update(replace(conversation, asked=Slot.SUSPICION), Understanding(findings, **how))


def test_a_suspicion_is_asked_about_after_consent_and_before_the_other_questions() -> None:
    opened = update(Conversation(), Understanding([suspected()]))
    assert opened.next_question() is Slot.CONSENT
    agreed = update(
        replace(opened, asked=Slot.CONSENT), Understanding([Finding("agreement", "yes")])
    )
    assert agreed.next_question() is Slot.SUSPICION


def test_a_suspicion_is_no_fact() -> None:
    assert told(suspected()).facts == Facts()


def test_no_massage_is_recommended_while_a_suspicion_was_not_asked_about() -> None:
    conversation = told(suspected(), facts=PLAIN)
    assert not conversation.decided
    assert conversation.open_questions == {Slot.SUSPICION}


def test_beside_an_emergency_nothing_is_asked() -> None:
    conversation = told(suspected(), Finding("emergency_sign", "bladder_change"))
    assert conversation.decided
    assert conversation.next_question() is None


@pytest.mark.parametrize(
    ("facts", "code", "asks"),
    [
        (SEVERE, "other_symptom", False),
        (SEVERE, "bleeding", True),
        (SEVERE, "chest_pain", True),
        (PLAIN, "other_symptom", True),
    ],
)
def test_what_can_make_no_result_more_urgent_is_not_asked(
    facts: Facts, code: str, asks: bool
) -> None:
    assert (told(suspected(code=code), facts=facts).next_question() is Slot.SUSPICION) is asks


def test_a_yes_is_the_fact_that_the_question_named() -> None:
    after = answered(told(suspected()), YES)
    assert after.facts.health_conditions == {HealthCondition.BLEEDING}
    assert after.suspicions[0].answer is SuspicionAnswer.YES


@pytest.mark.parametrize("kind", KINDS)
def test_a_yes_tells_no_more_than_its_question_names(kind: str) -> None:
    for code in KINDS[kind].codes:
        after = answered(told(suspected(code=code.value)), YES)
        known: set[Code] = {*after.facts.emergency_signs, *after.facts.health_conditions}
        assert known <= KINDS[kind].codes
        assert len(known) == 1


def test_a_yes_to_the_general_question_is_another_symptom() -> None:
    assert answered(told(suspected(code="steroids")), YES).facts.health_conditions == {OTHER}


def test_words_that_are_understood_are_the_fact() -> None:
    after = answered(told(suspected()), Finding("emergency_sign", "saddle_numbness"))
    assert after.facts.emergency_signs == {EmergencySign.SADDLE_NUMBNESS}
    assert OTHER not in after.facts.health_conditions
    assert after.emergency


def test_a_clear_no_is_noted_and_nothing_is_added() -> None:
    after = answered(told(suspected(), facts=PLAIN), NO)
    assert after.facts == PLAIN
    assert after.decided
    assert after.suspicions[0].answer is SuspicionAnswer.NO


@pytest.mark.parametrize("findings", [(DONT_KNOW,), (), (Finding("duration", 2100),)])
def test_whatever_is_unclear_leads_to_a_doctor(findings: tuple[Finding, ...]) -> None:
    after = answered(told(suspected(), facts=PLAIN), *findings)
    assert after.facts.health_conditions == {OTHER}
    assert decide(after.facts).rule.id == "D4"


def test_what_the_answer_lets_suspect_is_not_asked_about_again() -> None:
    after = answered(told(suspected(), facts=PLAIN), suspected("black stools"))
    assert after.next_question() is None
    assert after.facts.health_conditions == {OTHER}


def test_a_question_of_ones_own_leaves_it_open() -> None:
    after = answered(told(suspected()), digresses=True)
    assert after.next_question() is Slot.SUSPICION
    assert after.facts == Facts()


def test_the_same_words_are_asked_about_once() -> None:
    after = answered(told(suspected()), NO)
    again = update(replace(after, asked=None), Understanding([suspected("Loss of blood")]))
    assert again.next_question() is not Slot.SUSPICION


def test_each_message_may_add_one_and_beyond_the_most_a_doctor_has_to_look() -> None:
    conversation = told(facts=PLAIN)
    for n in range(MOST_ASKED):
        conversation = update(
            replace(conversation, asked=None), Understanding([suspected(f"thing {n}")])
        )
        conversation = answered(conversation, NO)
    assert conversation.facts == PLAIN
    more = update(replace(conversation, asked=None), Understanding([suspected("one more")]))
    assert more.next_question() is None
    assert more.facts.health_conditions == {OTHER}


def test_a_message_that_lets_suspect_is_no_failed_answer() -> None:
    before = Conversation(consent=True, asked=Slot.PAIN_DURATION)
    after = update(before, Understanding([suspected()]))
    assert not after.attempts


def test_going_back_asks_again_and_takes_back_what_the_answer_added() -> None:
    after = answered(told(suspected(), facts=PLAIN), DONT_KNOW)
    back = forget_last(after)
    assert back.next_question() is Slot.SUSPICION
    assert back.facts == PLAIN


def test_going_back_takes_back_nothing_that_was_known_before() -> None:
    known = replace(PLAIN, health_conditions=frozenset({OTHER}))
    back = forget_last(answered(told(suspected(), facts=known), YES))
    assert back.facts.health_conditions == {OTHER}


def test_going_back_never_withdraws_a_sign() -> None:
    after = answered(told(suspected(code="chest_pain")), YES)
    assert forget_last(after).facts.emergency_signs == {EmergencySign.CHEST_PAIN}


def test_scrap_that_leaves_it_open() -> None:
    after = answered(told(suspected()), Finding("undo", True))
    assert after.next_question() is Slot.SUSPICION


def test_it_survives_being_kept() -> None:
    for conversation in (told(suspected()), answered(told(suspected()), DONT_KNOW)):
        kept = Conversation.from_slots(conversation.to_slots(), asking=False)
        assert kept == replace(conversation, asked=None)


def test_an_answer_that_comes_late_counts() -> None:
    opened = replace(told(suspected(), facts=PLAIN), asked=Slot.SUSPICION)
    late = AnswersEarlier(AnswerTiming.LATE, Slot.SUSPICION)
    after = update(opened, Understanding([NO], earlier=late))
    assert after.suspicions[0].answer is SuspicionAnswer.NO
    assert after.facts == PLAIN


def test_a_later_no_makes_less_of_no_yes() -> None:
    after = answered(told(suspected(), facts=PLAIN), YES)
    changed = AnswersEarlier(AnswerTiming.CHANGED, Slot.SUSPICION)
    again = update(after, Understanding([NO], earlier=changed))
    assert again.facts.health_conditions == {HealthCondition.BLEEDING}


def test_what_is_suspected_in_a_message_out_of_order_is_asked_about() -> None:
    before = Conversation(facts=PLAIN, consent=True)
    early = AnswersEarlier(AnswerTiming.EARLY)
    after = update(before, Understanding([suspected()], earlier=early))
    assert after.next_question() is Slot.SUSPICION


@pytest.mark.parametrize(("score", "answer"), [(0.95, "no"), (1.0, "unclear")])
def test_any_word_of_denial_sets_a_learned_guess_aside_and_no_word_of_the_net(
    score: float, answer: str
) -> None:
    guessed = Suspicion(HealthCondition.PREGNANCY, "babe im 22", score=score)
    told, _ = read_suspicion(guessed, Facts(), Facts(), [], says_no=True)
    assert told.answer is not None and told.answer.value == answer


def beside_a_no(quote: str = "bit slow to get going", code: str = "other_symptom") -> Finding:
    told = Suspicion(code_of(code), quote, quote, 0.5)
    return Finding("suspicion", told.to_json(), Status.HYPOTHETICAL)


@pytest.mark.parametrize(
    ("asked", "kind"), [(Slot.EMERGENCY_SIGNS, "nerves"), (Slot.DANGER_SIGNS, "chest")]
)
@pytest.mark.parametrize("finding", [suspected("a spell", "urinary_signs"), beside_a_no()])
def test_what_answers_a_list_of_danger_signs_is_asked_about_as_one_of_them(
    asked: Slot, kind: str, finding: Finding
) -> None:
    after = told(NO, finding, asked=asked)
    assert (after.next_question(), after.suspicions[0].kind) == (Slot.SUSPICION, kind)


def test_a_word_of_harm_keeps_the_question_that_names_it() -> None:
    harm = Suspicion(HealthCondition.OTHER_SYMPTOM, "yellow eyes").to_json()
    after = told(NO, Finding("suspicion", harm), asked=Slot.EMERGENCY_SIGNS)
    assert after.suspicions[0].kind == "general"


@pytest.mark.parametrize("asked", [None, Slot.CONSENT, Slot.SAFETY, Slot.BACK_SIGNS])
def test_words_beside_any_other_no_are_talk(asked: Slot | None) -> None:
    assert told(NO, beside_a_no(), asked=asked).suspicions == ()


@pytest.mark.parametrize("when", [Finding("duration", 14.0), Finding("onset", "new")])
def test_a_recent_time_is_a_yes_and_not_the_pains(when: Finding) -> None:
    asked = told(suspected("a spell", "bladder_change"))
    after = answered(asked, when)
    assert after.facts.emergency_signs == {EmergencySign.BLADDER_CHANGE}
    assert after.facts.pain_duration is None


def test_a_time_of_years_is_neither_a_yes_nor_a_no() -> None:
    after = answered(told(suspected("a spell", "bladder_change")), Finding("time", 2000.0))
    assert after.facts.health_conditions == {OTHER}
    assert after.facts.pain_duration is None


def test_a_time_behind_a_no_is_the_pains() -> None:
    after = answered(told(suspected()), NO, Finding("duration", 14.0))
    assert after.suspicions[0].answer is SuspicionAnswer.NO
    assert after.facts.pain_duration == 14


def test_a_recent_time_beside_a_denial_is_for_a_doctor() -> None:
    asked = told(suspected("a spell", "bladder_change"))
    after = answered(asked, Finding("duration", 14.0), says_no=True)
    assert after.facts.health_conditions == {OTHER}


def test_a_time_answers_though_something_is_asked_beside_it() -> None:
    asked = told(suspected("a spell", "bladder_change"))
    after = answered(asked, Finding("time", 3.0), digresses=True)
    assert after.emergency
