"""An emergency is a state, and wishes are asked back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.dialogue import Confirming, Conversation, Hold, NextStep, Said, come_back, stand
from backline.dialogue.sources import NEVER_WAS
from backline.dialogue.standing import ASKED_BACK, Standing
from backline.dialogue.state import forget_last
from backline.facts import (
    EMERGENCY_LISTS,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    Onset,
    Slot,
    Status,
)

NUMB = Finding("emergency_sign", "saddle_numbness")
NO, YES = Finding("answer", "no"), Finding("answer", "yes")


def told(*signs: EmergencySign, **more: object) -> Conversation:
    """A conversation in which an emergency was told."""
    facts = Facts(emergency_signs=frozenset(signs or (EmergencySign.SADDLE_NUMBNESS,)))
    return Conversation(facts=facts, consent=True, hold=Hold.TOLD, **more)  # type: ignore[arg-type]


def said(
    intent: str = "inform",
    *findings: Finding,
    topic: str | None = None,
    in_turn: bool = True,
    plainly: bool = True,
) -> Said:
    """A message; a bare yes or no in it is all that it says, if `plainly`."""
    reply = next((f.value for f in findings if f.kind == "answer"), None)
    return Said(
        intent,
        findings,
        topic,
        in_turn,
        denies=plainly and reply in ("no", "none"),
        affirms=plainly and reply == "yes",
    )


def standing(before: Conversation, message: Said, known: bool = True) -> Standing:
    """What comes of a message before which something stands."""
    after = stand(before, message, known=known)
    assert after is not None
    return after


# ---- An emergency -------------------------------------------------------------------------------

INTENTS = ["goodbye", "thanks", "ask_booking", "ask_cost", "start_over", "go_back", "inform"]
TOPICS = [None, "booking", "waiting", "better", "refuse", "called", "mistake", "delete"]
FINDINGS = [
    NO,
    YES,
    Finding("answer", "none"),
    Finding("denial", True),
    Finding("undo", True),
    Finding("number", 5),
    Finding("pick", 3),
    Finding("health_condition", "fever"),
    Finding("emergency_sign", "saddle_numbness", Status.ABSENT),
]


@given(
    st.sampled_from(INTENTS),
    st.sampled_from(TOPICS),
    st.lists(st.sampled_from(FINDINGS), max_size=3),
    st.booleans(),
)
def test_one_message_ends_no_emergency_but_by_being_seen_or_a_new_patient(
    intent: str, topic: str | None, findings: list[Finding], in_turn: bool
) -> None:
    after = standing(told(), said(intent, *findings, topic=topic, in_turn=in_turn))
    assert after.step is NextStep.EMERGENCY
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.facts.emergency_signs == {EmergencySign.SADDLE_NUMBNESS}


def test_another_sign_tells_the_emergency_again() -> None:
    after = standing(told(), said("inform", Finding("emergency_sign", "fainting")))
    assert after.step is NextStep.TRIAGE
    assert after.again
    assert EmergencySign.FAINTING in after.conversation.facts.emergency_signs


def test_who_was_seen_is_asked_nothing_more_and_keeps_what_was_told() -> None:
    after = standing(told(), said(topic="seen"))
    assert after.conversation.hold is Hold.SEEN
    assert after.conversation.facts.emergency_signs


def test_who_may_have_been_seen_is_asked_and_a_plain_yes_ends_it() -> None:
    asked = standing(told(), said(topic="seen_maybe"))
    assert asked.conversation.hold is Hold.TOLD
    assert asked.conversation.confirming is Confirming.SEEN
    assert standing(asked.conversation, said("affirm", YES)).conversation.hold is Hold.SEEN


@pytest.mark.parametrize(
    "message", [said("deny", NO), said("affirm", YES, plainly=False), said("inform")]
)
def test_nothing_but_a_plain_yes_ends_it_then(message: Said) -> None:
    after = standing(told(confirming=Confirming.SEEN), message)
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.confirming is None


def test_a_mistake_is_asked_back() -> None:
    after = standing(told(), said(topic="mistake"))
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.confirming is Confirming.MISTAKE


@pytest.mark.parametrize("message", [said("deny", NO), said(topic="mistake")])
def test_a_mistake_that_is_told_a_second_time_ends_it(message: Said) -> None:
    after = standing(told(confirming=Confirming.MISTAKE), message)
    assert after.conversation.hold is Hold.MISTAKE
    assert after.conversation.facts.emergency_signs == frozenset()


@pytest.mark.parametrize(
    "message",
    [
        said("affirm", YES),
        said("inform", NO, NUMB),
        said("deny", NO, in_turn=False),
        said("ask_booking", topic="booking"),
    ],
)
def test_anything_else_after_a_mistake_ends_nothing(message: Said) -> None:
    after = standing(told(confirming=Confirming.MISTAKE), message)
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.facts.emergency_signs
    assert after.conversation.confirming is None


def test_a_no_that_says_more_is_asked_once_more_and_ends_nothing_by_itself() -> None:
    after = standing(told(confirming=Confirming.MISTAKE), said("inform", NO, plainly=False))
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.confirming is Confirming.MISTAKE
    assert standing(after.conversation, said("deny", NO)).conversation.hold is Hold.MISTAKE


def test_who_may_take_it_back_is_asked_and_ends_nothing_by_saying_so_twice() -> None:
    asked = standing(told(), said(topic="mistake_maybe"))
    assert asked.conversation.confirming is Confirming.MISTAKE
    again = standing(asked.conversation, said(topic="mistake_maybe"))
    assert again.conversation.hold is Hold.TOLD


def test_a_denial_of_the_very_sign_is_asked_back() -> None:
    denied = Finding("emergency_sign", "saddle_numbness", Status.ABSENT)
    after = standing(told(), said("inform", denied))
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.confirming is Confirming.MISTAKE


def test_a_denial_of_another_sign_takes_nothing_back() -> None:
    denied = Finding("emergency_sign", "chest_pain", Status.ABSENT)
    assert standing(told(), said("inform", denied)).conversation.confirming is None


def after_a_mistake(answered: tuple[Slot, ...]) -> Conversation:
    facts = Facts(
        emergency_signs=frozenset({EmergencySign.FAINTING}),
        checked=EMERGENCY_LISTS,
        age=44,
    )
    before = Conversation(facts=facts, consent=True, hold=Hold.TOLD, confirming=Confirming.MISTAKE)
    return standing(replace(before, answered=answered), said("deny", NO)).conversation


def test_lists_that_were_answered_before_a_mistake_stay_answered() -> None:
    after = after_a_mistake((Slot.EMERGENCY_SIGNS, Slot.DANGER_SIGNS, Slot.PAIN_DURATION))
    assert after.facts.checked == EMERGENCY_LISTS


def test_the_list_that_was_answered_by_a_mistake_is_asked_again() -> None:
    after = after_a_mistake((Slot.EMERGENCY_SIGNS, Slot.DANGER_SIGNS))
    assert after.next_question() is Slot.DANGER_SIGNS
    assert after.facts.age == 44


FAINTED = Finding("emergency_sign", "fainting", Status.ABSENT)
TOLD_FAINTING = Conversation(
    facts=Facts(emergency_signs=frozenset({EmergencySign.FAINTING})), consent=True, hold=Hold.TOLD
)


def test_a_denial_in_a_statement_and_one_more_end_an_emergency() -> None:
    first = standing(TOLD_FAINTING, said("inform", FAINTED))
    assert first.conversation.confirming is Confirming.MISTAKE
    second = standing(first.conversation, replace(said("inform", FAINTED), unlimited=True))
    assert second.conversation.hold is Hold.MISTAKE


def test_a_second_denial_of_one_of_two_signs_ends_nothing() -> None:
    signs = frozenset({EmergencySign.FAINTING, EmergencySign.BLADDER_CHANGE})
    both = replace(TOLD_FAINTING, facts=Facts(emergency_signs=signs), confirming=Confirming.MISTAKE)
    message = replace(said("inform", FAINTED), unlimited=True)
    after = standing(both, message).conversation
    assert (after.hold, after.confirming) == (Hold.TOLD, Confirming.MISTAKE)


WRONG = Finding("emergency_sign", "bladder_change", Status.PAST, source=NEVER_WAS)
OLD_BLADDER = Conversation(
    facts=Facts(
        emergency_signs=frozenset({EmergencySign.BLADDER_CHANGE}),
        ticked=frozenset({EmergencySign.BLADDER_CHANGE}),
    ).with_detail("bladder_change", onset=Onset.OLDER),
    consent=True,
)


def test_an_old_sign_that_is_named_as_wrong_is_asked_back_and_then_taken_back() -> None:
    first = standing(OLD_BLADDER, said("inform", WRONG))
    assert (first.step, first.conversation.confirming) == (NextStep.ASK, Confirming.MISTAKE)
    second = standing(first.conversation, replace(said("inform", WRONG), unlimited=True))
    assert second.step is NextStep.TRIAGE
    assert second.conversation.facts.emergency_signs == frozenset()


def test_an_old_sign_that_is_denied_and_then_not_stays() -> None:
    asked = replace(OLD_BLADDER, confirming=Confirming.MISTAKE)
    assert stand(asked, said("inform", Finding("answer", "yes")), known=True) is None


def test_another_patient_begins_anew_beside_it() -> None:
    message = said("inform", Finding("health_condition", "osteoporosis"), topic="new_patient")
    after = standing(told(), message)
    assert after.step is NextStep.EMERGENCY
    assert after.conversation.patient == 2
    assert after.conversation.hold is None
    assert after.conversation.facts == Facts(
        health_conditions=frozenset({HealthCondition.OSTEOPOROSIS})
    )


def test_an_emergency_of_another_patient_is_told_at_once() -> None:
    after = standing(told(), said("inform", NUMB, topic="new_patient"))
    assert after.step is NextStep.TRIAGE
    assert after.conversation.patient == 2


@pytest.mark.parametrize("ended", [Hold.SEEN, Hold.MISTAKE])
def test_a_sign_after_it_ended_is_an_emergency_again(ended: Hold) -> None:
    before = Conversation(consent=True, hold=ended)
    after = standing(before, said("inform", NUMB))
    assert after.step is NextStep.TRIAGE
    assert after.again


@pytest.mark.parametrize(("answer", "topic"), [(YES, "safe"), (NO, "not_safe")])
def test_whether_somebody_is_safe_is_heard_after_thoughts_of_suicide(
    answer: Finding, topic: str
) -> None:
    after = standing(told(EmergencySign.SELF_HARM), said("inform", answer))
    assert after.topic == topic
    assert after.conversation.hold is Hold.TOLD


def test_deleting_beside_an_emergency_is_asked_back_and_then_done() -> None:
    asked = standing(told(), said("delete_my_data"))
    assert (asked.step, asked.topic) == (NextStep.EMERGENCY, "delete")
    assert standing(asked.conversation, said("affirm", YES)).step is NextStep.CARRY_OUT
    assert standing(asked.conversation, said("deny", NO)).step is NextStep.EMERGENCY


# ---- Wishes -------------------------------------------------------------------------------------

KNOWN = Conversation(facts=Facts(age=44), consent=True, asked=Slot.EMERGENCY_SIGNS)


@pytest.mark.parametrize("intent", ["delete_my_data", "start_over"])
def test_what_sets_aside_what_was_told_is_asked_back(intent: str) -> None:
    after = standing(KNOWN, said(intent))
    assert after.step is NextStep.ASK
    assert after.conversation.facts == KNOWN.facts


def test_starting_over_with_nothing_told_needs_no_question() -> None:
    assert standing(Conversation(), said("start_over"), known=False).step is NextStep.CARRY_OUT


def test_deleting_is_always_asked_back() -> None:
    assert standing(Conversation(), said("delete_my_data"), known=False).step is NextStep.ASK


@pytest.mark.parametrize("wish", sorted(ASKED_BACK))
def test_a_yes_carries_a_wish_out_and_a_no_leaves_everything(wish: Confirming) -> None:
    before = Conversation(facts=Facts(age=44), consent=True, confirming=wish)
    assert standing(before, said("affirm", YES)).step is NextStep.CARRY_OUT
    left = standing(before, said("deny", NO))
    assert left.step is NextStep.LEAVE
    assert left.conversation.facts == before.facts


def test_a_no_to_a_wish_denies_no_danger_sign() -> None:
    before = Conversation(
        consent=True, asked=Slot.EMERGENCY_SIGNS, confirming=Confirming.DELETE, facts=Facts(age=44)
    )
    assert Slot.EMERGENCY_SIGNS not in standing(before, said("deny", NO)).conversation.facts.checked


@pytest.mark.parametrize(
    "message",
    [said("inform", Finding("age", 30)), said("none_of_these", Finding("answer", "none"))],
)
def test_what_answers_no_wish_is_an_ordinary_message(message: Said) -> None:
    assert (
        stand(Conversation(consent=True, confirming=Confirming.DELETE), message, known=True) is None
    )


def test_an_ordinary_message_has_nothing_before_it() -> None:
    assert stand(KNOWN, said("inform", Finding("age", 30)), known=True) is None


@pytest.mark.parametrize("message", [said("go_back"), said("inform", Finding("undo", True))])
def test_a_restart_can_be_taken_back_until_something_new_is_answered(message: Said) -> None:
    earlier = {"age": 44}
    assert standing(Conversation(consent=True, earlier=earlier), message).step is NextStep.UNDO
    answered = Conversation(consent=True, earlier=earlier, answered=(Slot.EMERGENCY_SIGNS,))
    assert stand(answered, message, known=True) is None


# ---- Another patient, without an emergency ------------------------------------------------------

TURNS = Said("inform", (), another=True)


def test_who_turns_to_another_patient_in_the_middle_is_asked_back() -> None:
    asked = standing(KNOWN, TURNS)
    assert (asked.step, asked.conversation.confirming) == (NextStep.ASK, Confirming.NEXT_PATIENT)
    assert asked.conversation.facts == KNOWN.facts
    assert standing(asked.conversation, said("affirm", YES)).step is NextStep.CARRY_OUT
    assert standing(asked.conversation, said("deny", NO)).step is NextStep.LEAVE


def test_saying_it_again_is_a_yes() -> None:
    assert standing(standing(KNOWN, TURNS).conversation, TURNS).step is NextStep.CARRY_OUT


def test_before_anything_was_told_there_is_no_other_patient() -> None:
    assert stand(Conversation(), TURNS, known=False) is None


@pytest.mark.parametrize(
    "danger",
    [Finding("health_condition", "violence"), Finding("suspicion", {"code": "bleeding"})],
)
def test_a_danger_told_while_turning_to_another_is_not_put_off(danger: Finding) -> None:
    assert stand(KNOWN, replace(TURNS, findings=(danger,)), known=True) is None


def test_a_sign_of_another_patient_is_told_of_that_one_at_once() -> None:
    turned = replace(TURNS, findings=(NUMB, Finding("age", 12)))
    other = standing(KNOWN, turned)
    assert other.step is NextStep.TRIAGE and other.conversation.emergency
    assert (other.conversation.patient, other.conversation.facts.age) == (2, 12)


def test_turning_to_another_ends_no_emergency() -> None:
    assert standing(told(), TURNS).conversation.hold is Hold.TOLD


# ---- Coming back after a long silence -----------------------------------------------------------

DONE = Conversation(
    facts=Facts(pain_duration=10, pain_severity=4, age=40, checked=EMERGENCY_LISTS),
    consent=True,
    answered=(Slot.CONSENT, Slot.AGE, *EMERGENCY_LISTS, Slot.PAIN_SEVERITY),
)


def test_who_comes_back_is_asked_for_danger_signs_and_the_strength_again() -> None:
    back = come_back(DONE)
    assert back.facts == Facts(pain_duration=10, age=40)
    assert back.next_question() is Slot.EMERGENCY_SIGNS
    assert back.answered == (Slot.CONSENT, Slot.AGE)


def test_who_was_seen_is_not_told_the_emergency_again_when_they_come_back() -> None:
    seen = replace(told(), hold=Hold.SEEN)
    assert come_back(seen) == seen


def test_an_emergency_that_was_told_stands_when_somebody_comes_back() -> None:
    assert come_back(told()) == told()


# ---- Slots --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "conversation",
    [
        Conversation(),
        told(EmergencySign.SELF_HARM, confirming=Confirming.MISTAKE, patient=3),
        Conversation(consent=False, hold=Hold.SEEN, earlier={"age": 4}, attempts={Slot.AGE: 1}),
    ],
)
def test_slots_hold_the_whole_conversation(conversation: Conversation) -> None:
    assert Conversation.from_slots(conversation.to_slots(), asking=False) == conversation


YEARS, DAYS, WORSE = Finding("duration", 3650.0), Finding("time", 3.0), Finding("course", "worse")


def test_who_says_that_nerve_signs_are_years_old_is_asked_and_a_plain_no_ends_it() -> None:
    asked = standing(told(), said("inform", YEARS))
    assert asked.conversation.hold is Hold.TOLD
    assert asked.conversation.confirming is Confirming.OLDER
    after = standing(asked.conversation, said("deny", NO)).conversation
    assert after.hold is Hold.OLDER
    assert after.facts.detail("saddle_numbness").onset is Onset.OLDER
    assert not after.emergency


@pytest.mark.parametrize("findings", [[YEARS, DAYS], [YEARS, WORSE], [DAYS], [WORSE], []])
def test_what_is_new_or_worse_is_not_asked_whether_it_is_older(findings: list[Finding]) -> None:
    assert standing(told(), said("inform", *findings)).conversation.confirming is None


def test_other_signs_are_an_emergency_however_old() -> None:
    facts = Facts(
        emergency_signs=frozenset({EmergencySign.CHEST_PAIN, EmergencySign.SADDLE_NUMBNESS})
    )
    after = standing(replace(told(), facts=facts), said("inform", YEARS))
    assert after.conversation.confirming is None


@pytest.mark.parametrize(
    "message",
    [said("affirm", YES), said("deny", NO, plainly=False), said("inform", WORSE), said("inform")],
)
def test_nothing_but_a_plain_no_makes_a_sign_older(message: Said) -> None:
    after = standing(told(confirming=Confirming.OLDER), message)
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.emergency


def test_an_older_sign_that_is_told_again_is_an_emergency_again() -> None:
    older = standing(told(confirming=Confirming.OLDER), said("deny", NO)).conversation
    after = standing(older, said("inform", Finding("emergency_sign", "saddle_numbness")))
    assert after.conversation.hold is Hold.TOLD
    assert after.conversation.emergency


@pytest.mark.parametrize("kind", ["health_condition", "location", "injury"])
def test_years_of_something_else_do_not_make_a_sign_older(kind: str) -> None:
    value = {"health_condition": "epilepsy", "location": "lower_back", "injury": "fall"}[kind]
    after = standing(told(), said("inform", YEARS, Finding(kind, value)))
    assert after.conversation.confirming is None


def test_going_back_never_takes_an_older_sign_away_that_was_told_in_words() -> None:
    older = standing(told(confirming=Confirming.OLDER), said("deny", NO)).conversation
    back = forget_last(replace(older, answered=(Slot.EMERGENCY_SIGNS,)))
    assert back.facts.emergency_signs == {EmergencySign.SADDLE_NUMBNESS}


@pytest.mark.parametrize("wish", ["start_over", "delete_my_data", "go_back"])
def test_no_wish_stands_before_the_question_whether_it_is_an_emergency(wish: str) -> None:
    sign = frozenset({EmergencySign.BOTH_LEGS})
    asked = Conversation(facts=Facts(emergency_signs=sign, ticked=sign), consent=True)
    assert asked.may_be_emergency
    assert stand(asked, said(wish), known=True) is None


# ---- A sign that is denied in words of its own ---------------------------------------------------

NOT_NUMB = Finding("emergency_sign", "saddle_numbness", Status.ABSENT)


def test_a_sign_that_is_denied_in_a_sentence_is_asked_about_until_a_plain_no() -> None:
    # "I don't have it when I sit still" denies it in words, and ends nothing.
    once = standing(told(), said("inform", NOT_NUMB, plainly=False))
    assert once.conversation.confirming is Confirming.MISTAKE
    twice = standing(once.conversation, said("inform", NO, NOT_NUMB, plainly=False))
    assert twice.conversation.hold is Hold.TOLD
    plainly = standing(twice.conversation, said("inform", NO))
    assert plainly.conversation.hold is Hold.MISTAKE


def asked_whether_older() -> Conversation:
    return replace(told(EmergencySign.BOTH_LEGS), confirming=Confirming.OLDER)


def test_no_not_new_says_again_that_signs_are_older() -> None:
    message = replace(said("deny", NO, OLDER_IN_WORDS, plainly=False), unlimited=True)
    assert standing(asked_whether_older(), message).conversation.hold is Hold.OLDER


@pytest.mark.parametrize("more", [WORSE, Finding("time", 3.0), Finding("emergency_sign", "sepsis")])
def test_no_not_new_with_more_behind_it_does_not(more: Finding) -> None:
    message = replace(said("deny", NO, OLDER_IN_WORDS, more, plainly=False), unlimited=True)
    assert standing(asked_whether_older(), message).conversation.hold is Hold.TOLD


OLDER_IN_WORDS = Finding("onset", "older")
