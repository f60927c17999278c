"""What a yes and a no mean by what was asked: never a denial where it is not clear."""

from __future__ import annotations

import pytest

from backline.facts import Facts
from backline.phone.review.review import Review
from tests.unit.phone.test_review import call, denied


def signs(found: Review) -> set[str]:
    facts = found.facts
    return {code.value for code in (*facts.emergency_signs, *facts.health_conditions)}


WELL = [
    ("Is your water flow normal, your bladder I mean?", "bladder_change"),
    ("Are your waterworks as they should be?", "bladder_change"),
    ("How is the bladder?", "bladder_change"),
    ("And your motions, are those regular?", "bowel_change"),
    ("Are you still in control of your bowels?", "bowel_change"),
    ("When you wash, does it feel normal down there?", "saddle_numbness"),
    ("Do you walk normally?", "leg_collapse"),
]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        *WELL[1:],
        ("Are you managing to walk?", "leg_collapse"),
        ("Can you pass water?", "bladder_change"),
        ("You can stand up, can't you?", "leg_collapse"),
        ("Can you pull your toes up?", "foot_drop"),
        ("Is your breathing all right?", "chest_pain"),
        ("Can you feel both legs?", "both_legs"),
        ("Is your balance good?", "balance_or_arms"),
    ],
)
@pytest.mark.parametrize("answer", ["No.", "No, sorry.", "Nope."])
def test_a_no_to_a_question_for_what_is_well_tells_it(
    question: str, code: str, answer: str
) -> None:
    assert signs(call(f"A: {question}", f"C: {answer}")) == {code}


@pytest.mark.parametrize(("question", "code"), WELL[1:])
@pytest.mark.parametrize("answer", ["Yes.", "Yeah, no problem.", "Yep, they're fine."])
def test_a_yes_denies_only_where_all_of_it_is_asked_to_be_well(
    question: str, code: str, answer: str
) -> None:
    assert denied(call(f"A: {question}", f"C: {answer}")) == {code}


@pytest.mark.parametrize(
    "question",
    [
        *("Can you walk?", "Are you able to pass urine?", "Can you feel both legs?"),
        *("Is your breathing all right?", "Is your balance good?", "Is your heart okay?"),
        *("Have you still got control of your bladder?", "Can you lift your foot?"),
    ],
)
def test_who_is_able_may_have_trouble_all_the_same(question: str) -> None:
    found = call(f"A: {question}", "C: Yes.")

    assert denied(found) == set()
    assert signs(found) == set()
    assert [u.why for u in found.unsettled] == ["polarity"]
    assert found.possible == ()


@pytest.mark.parametrize(
    "answer",
    [
        *("Yes, but it's slow.", "Mostly, yes.", "Yes, usually.", "Yes, I think so, more or less."),
        *("Yes. I do have to push.", "Yeah, with a bit of straining."),
    ],
)
def test_a_yes_with_something_beside_it_is_none(answer: str) -> None:
    found = call("A: Is your bladder all right?", f"C: {answer}")

    assert denied(found) == set()
    assert "bladder_change" in {*found.possible, *signs(found)}


@pytest.mark.parametrize(
    "answer",
    [
        *("No, but it is a bit dull.", "No, only when I sit down.", "Not really.", "Hardly."),
        *("No. Well, it feels like cotton.", "No. It's like I'm on a cushion.", "Sometimes."),
        *("No, not always.", "No, except in the mornings.", "I can't say no."),
    ],
)
def test_a_no_with_something_beside_it_is_none(answer: str) -> None:
    found = call("A: Is there any numbness in the saddle area?", f"C: {answer}")

    assert denied(found) == set()


def test_a_later_answer_that_is_no_plain_no_opens_the_line_again() -> None:
    found = call(
        *("A: Is there chest pain?", "C: No.", "A: Are you short of breath?", "C: Only on stairs."),
    )

    assert denied(found) == set()
    assert found.possible == ("chest_pain",)


NEGATIVE = "You haven't got any numbness around the groin, have you?"


@pytest.mark.parametrize("answer", ["No.", "No, I haven't.", "None.", "No, none at all."])
def test_a_no_to_a_question_that_expects_it_denies(answer: str) -> None:
    assert denied(call(f"A: {NEGATIVE}", f"C: {answer}")) == {"saddle_numbness"}


@pytest.mark.parametrize("answer", ["Yes, I have.", "I have, actually.", "Yes I do."])
def test_a_yes_with_its_verb_tells_it_whatever_was_expected(answer: str) -> None:
    assert signs(call(f"A: {NEGATIVE}", f"C: {answer}")) == {"saddle_numbness"}


@pytest.mark.parametrize("answer", ["Yes.", "Yeah.", "Yep."])
def test_a_bare_yes_to_a_question_that_expects_a_no_may_be_either(answer: str) -> None:
    found = call(f"A: {NEGATIVE}", f"C: {answer}")

    assert denied(found) == set()
    assert found.facts == Facts()
    assert found.possible == ("saddle_numbness",)
    assert found.perhaps is not None
    assert found.perhaps.id == "E1"


@pytest.mark.parametrize("answer", ["Right.", "Correct.", "Yes.", "No."])
def test_no_bare_answer_to_isnt_it_that_way_denies(answer: str) -> None:
    assert (
        denied(call("A: Nothing wrong with your legs giving way, right?", f"C: {answer}")) == set()
    )


@pytest.mark.parametrize("answer", ["Yes, I do.", "I do, yes."])
def test_dont_you_is_answered_by_the_verb(answer: str) -> None:
    assert signs(call("A: Don't you get any chest pain?", f"C: {answer}")) == {"chest_pain"}


def test_yes_i_dont_contradicts_itself_where_nothing_was_expected() -> None:
    found = call("A: Do you have a fever?", "C: Yes, I don't.")

    assert denied(found) == set()
    assert signs(found) == set()


@pytest.mark.parametrize("answer", ["I can't.", "No, I can't.", "I couldn't."])
def test_cant_is_no_denial_of_a_trouble(answer: str) -> None:
    found = call("A: Do you have trouble walking?", f"C: {answer}")

    assert denied(found) == set()
    assert "leg_collapse" in {*found.possible, *signs(found)}


@pytest.mark.parametrize("answer", ["Yes.", "No."])
@pytest.mark.parametrize(
    "question",
    [
        "Any problems with the waterworks, or are they fine?",
        "Is the bladder okay or are you leaking?",
        "So the bladder is normal but you have no feeling down there?",
        "Is there no numbness between your legs?",
    ],
)
def test_a_question_that_offers_both_is_answered_by_neither(question: str, answer: str) -> None:
    assert denied(call(f"A: {question}", f"C: {answer}")) == set()


def test_what_has_always_been_bad_is_not_denied() -> None:
    assert denied(call("A: Any change in your bladder?", "C: No, it's always been bad.")) == set()


def test_havent_does_not_answer_a_question_without_have() -> None:
    assert denied(call("A: Any problem with passing water?", "C: I haven't.")) == set()
    assert denied(call("A: Have you had cancer?", "C: I haven't.")) == {"cancer_history"}


# ---- What tells nothing ----------------------------------------------------------------------


@pytest.mark.parametrize("heard", ["Okay.", "Right.", "I see.", "Sure.", "Mm.", "Oh, right, okay."])
def test_who_only_listens_answers_nothing(heard: str) -> None:
    found = call("A: Do you have epilepsy?", f"C: {heard}")

    assert found.facts == Facts()
    assert denied(found) == set()


@pytest.mark.parametrize(
    ("back", "meant"),
    [("What's epilepsy?", "Fits."), ("Sorry?", "Epilepsy."), ("Like seizures?", "That's right.")],
)
def test_who_asks_back_answers_after_it_was_explained(back: str, meant: str) -> None:
    asked = call("A: Do you have epilepsy?", f"C: {back}")
    answered = call("A: Do you have epilepsy?", f"C: {back}", f"A: {meant}", "C: No, never.")

    assert signs(asked) == set()
    assert denied(answered) == {"epilepsy"}


def test_right_before_a_no_is_no_yes() -> None:
    assert denied(call("A: Do you have epilepsy?", "C: Right. No.")) == {"epilepsy"}


@pytest.mark.parametrize(
    "said",
    [
        "If your legs give way, go to hospital, okay?",
        "When you get a fever, ring us, all right?",
        "Are you happy to talk about your bladder?",
        "Do you mind if I ask about your bowels?",
    ],
)
@pytest.mark.parametrize("answer", ["Yes.", "No."])
def test_advice_and_leave_to_ask_are_no_questions(said: str, answer: str) -> None:
    found = call(f"A: {said}", f"C: {answer}")

    assert denied(found) == set()
    assert signs(found) == set()
    assert found.unsettled == ()


@pytest.mark.parametrize("answer", ["My wife does. I don't.", "He does, but not me.", "Not me."])
def test_anothers_verb_does_not_answer_for_the_patient(answer: str) -> None:
    assert signs(call("A: Do you take blood thinners?", f"C: {answer}")) == set()


def test_what_was_lost_on_purpose_is_not_settled() -> None:
    found = call("A: Have you lost weight?", "C: Yes, I have been on a diet.")

    assert signs(found) == set()
    assert denied(found) == set()


def test_a_number_is_no_numbness() -> None:
    assert call("A: What's your number, is your bladder okay?", "C: Yes.").facts == Facts()


@pytest.mark.parametrize("answer", ["yes", "no", "it's fine"])
def test_what_was_not_heard_surely_denies_nothing_that_should_be_well(answer: str) -> None:
    found = call("A: Is your bladder normal?", f"C?: {answer}")

    assert denied(found) == set()
    assert signs(found) == set()
