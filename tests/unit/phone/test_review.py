"""What follows from a finished call, and what never does."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.dialogue import QUESTION_ORDER
from backline.dialogue.questions import spec_of
from backline.facts import Facts, Slot, Urgency
from backline.nlu import Understander
from backline.phone.review.review import DENIED, Review, SpokenLine, review
from tests.understanding.labels import Utterance as Label
from tests.understanding.labels import half_of

READ = Understander(lambda: dt.date(2026, 11, 23)).read


def call(*lines: str) -> Review:
    """A call of lines such as "A: Any fever?" and "C: No." """
    return review([said(line) for line in lines], READ)


def said(line: str) -> SpokenLine:
    who, _, text = line.partition(": ")
    return SpokenLine(who[0] == "C", text, unclear=who == "C?")


def denied(found: Review) -> set[str]:
    return {e.about for e in found.evidence if e.value == DENIED and not e.superseded}


def test_a_no_denies_what_was_asked_and_nothing_else() -> None:
    assert denied(call("A: Any fever?", "C: No.")) == {"fever"}


def test_a_no_to_an_unknown_question_denies_nothing() -> None:
    assert denied(call("A: Any fever?", "A: Is that your mobile?", "C: No.")) == set()


def test_a_no_without_a_question_denies_nothing() -> None:
    assert denied(call("C: No.", "A: Okay.", "C: No.")) == set()


def test_a_no_answers_the_last_of_several_questions() -> None:
    assert denied(call("A: Any chest pain? Any fever?", "C: No.")) == {"fever"}


def test_none_of_those_denies_all_that_were_asked_at_once() -> None:
    found = call("A: Any chest pain? Any fever?", "C: None of those.")

    assert denied(found) == {"chest_pain", "fever"}


def test_an_answer_closes_its_question() -> None:
    found = call("A: Any fever?", "C: No.", "A: Okay.", "C: Yes.")

    assert denied(found) == {"fever"}
    assert found.facts.health_conditions == frozenset()


def test_a_number_is_read_by_what_was_asked() -> None:
    assert call("A: How bad is it, zero to ten?", "C: Seven.").facts.pain_severity == 7
    assert call("A: How old are you?", "C: Seven.").facts.age == 7
    assert call("A: How many children have you?", "C: Seven.").facts == Facts()


def test_a_range_takes_the_higher_number() -> None:
    assert call("A: How bad is it out of ten?", "C: 6-7").facts.pain_severity == 7


def test_a_homophone_is_read_by_what_was_asked() -> None:
    assert call("A: How bad is it, zero to ten?", "C: ate").facts.pain_severity == 8
    assert call("A: What did you have for lunch?", "C: I ate.").facts == Facts()


def test_a_yes_to_one_line_is_that_line() -> None:
    found = call("A: Any trouble with your bladder?", "C: Yes.")

    assert [s.value for s in found.facts.emergency_signs] == ["bladder_change"]
    assert found.evidence[0].words == "Yes."
    assert found.evidence[0].asked == "Any trouble with your bladder?"


def test_a_yes_to_several_lines_is_none_of_them_and_is_told() -> None:
    found = call("A: Any fever, weight loss or cancer?", "C: Yes.")

    assert found.facts.health_conditions == frozenset()
    assert [u.why for u in found.unsettled] == ["which"]


def test_which_of_them_can_be_told_later() -> None:
    found = call("A: Any fever or cancer?", "C: Yes.", "A: Which?", "C: I had cancer.")

    assert found.unsettled == ()
    assert [c.value for c in found.facts.health_conditions] == ["cancer_history"]


def test_one_named_of_several_denies_no_other() -> None:
    found = call("A: Any fever, weight loss or cancer?", "C: Yes, a fever.")

    assert denied(found) == set()


@pytest.mark.parametrize("answer", ["Right.", "No.", "Yes.", "Correct.", "None."])
def test_an_answer_to_a_leading_question_denies_nothing(answer: str) -> None:
    found = call("A: No fever or anything like that, right?", f"C: {answer}")

    assert denied(found) == set()
    assert [u.why for u in found.unsettled] == ["leading"]


UNCLEAR = [
    *("Have you passed urine today?", "Have you opened your bowels?", "Aren't you having fevers?"),
    *("Is your breathing okay, no chest pain?", "Is the leg strong, not weak?"),
    *("Do you pass urine without trouble?", "Any feeling around your bottom?"),
    *("Are you peeing more than usual?", "Was your bladder normal before this?"),
    *("Fine, and your bladder?", "Is your bladder fine and any fever?", "Can't you walk?"),
]


@pytest.mark.parametrize("question", UNCLEAR)
@pytest.mark.parametrize("answer", ["No.", "None.", "Yes.", "Not really."])
def test_an_answer_to_a_question_of_no_clear_polarity_says_nothing(
    question: str, answer: str
) -> None:
    found = call(f"A: {question}", f"C: {answer}")

    assert denied(found) == set()
    assert found.facts.emergency_signs == frozenset()
    assert found.facts.health_conditions == frozenset()


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("Do you have trouble passing urine?", "bladder_change"),
        ("Have you lost control of your bowels?", "bowel_change"),
        ("Any numbness between your legs?", "saddle_numbness"),
        ("A new lump?", "lump_or_deformity"),
        ("Are you losing weight without trying?", "weight_loss"),
        ("And have your legs given way?", "leg_collapse"),
        ("Have you had cancer?", "cancer_history"),
        ("Is there any chest pain?", "chest_pain"),
    ],
)
def test_a_no_to_a_question_for_what_is_wrong_denies_it(question: str, code: str) -> None:
    assert denied(call(f"A: {question}", "C: No.")) == {code}


def test_a_yes_to_a_leading_question_means_nothing() -> None:
    found = call("A: You don't have any chest pain, do you?", "C: Yes.")

    assert denied(found) == set()
    assert found.facts == Facts()
    assert [u.why for u in found.unsettled] == ["leading"]


def test_what_was_told_is_not_taken_back_by_a_bare_no() -> None:
    found = call("C: My legs gave way.", "A: Have your legs given way?", "C: No.")

    assert [s.value for s in found.facts.emergency_signs] == ["leg_collapse"]


def test_a_no_that_is_taken_back_is_none() -> None:
    found = call("A: Any fever?", "C: No.", "A: Okay.", "C: No wait, yes.")

    assert "fever" in found.unanswered[next(s for s in found.unanswered if "health" in s.value)]


def test_an_unclear_no_denies_nothing() -> None:
    found = call("A: Any fever?", "C?: no")

    assert denied(found) == set()
    assert [u.why for u in found.unsettled] == ["unclear"]


def test_an_unclear_denial_in_words_denies_nothing() -> None:
    assert denied(call("C?: no fever")) == set()


def test_an_unclear_sign_counts() -> None:
    assert call("C?: I can't pee").facts.emergency_signs
    assert call("A: Any chest pain?", "C?: yes").facts.emergency_signs


@pytest.mark.parametrize("slot", [s for s in QUESTION_ORDER if spec_of(s).yes_or_no])
def test_an_unclear_yes_counts_where_it_can_only_lead_to_a_doctor(slot: Slot) -> None:
    asked = {
        Slot.RECENT_INJURY: "Have you had a fall?",
        Slot.LEG_SYMPTOMS: "Does it go below the knee?",
        Slot.MUSCLE_SPASM: "Any muscle spasms?",
    }[slot]
    known = call(f"A: {asked}", "C?: yes").facts
    assert (getattr(known, spec_of(slot).fact) is True) == (slot is not Slot.MUSCLE_SPASM)


def test_an_unclear_number_is_not_known() -> None:
    assert call("A: How bad is it, zero to ten?", "C?: two").facts.pain_severity is None


def test_how_far_down_the_leg_is_not_guessed() -> None:
    assert call("A: Does it go down your leg?", "C: Yes.").facts.leg_below_knee is None
    assert call("A: Does it go below the knee?", "C: Yes.").facts.leg_below_knee is True


def test_a_yes_to_a_group_with_the_leg_in_it_is_not_the_leg() -> None:
    found = call("A: Any pain below the knee, or cancer?", "C: Yes.")

    assert found.facts.leg_below_knee is None


def test_another_persons_illness_is_not_the_patients() -> None:
    found = call("A: Any cancer?", "C: My mum had cancer.")

    assert found.facts.health_conditions == frozenset()
    assert denied(found) == set()


def test_a_checklist_is_checked_only_when_each_of_its_lines_is_settled() -> None:
    found = call("A: Any fever?", "C: No, none of those, nothing like that at all, I'm healthy.")

    assert found.facts.checked == frozenset()


def test_without_danger_signs_asked_for_nothing_is_recommended() -> None:
    found = call(
        *("A: How long?", "C: My back has hurt for two weeks.", "A: How bad is it?", "C: Three."),
        *("A: Did you have a fall?", "C: No.", "A: How old are you?", "C: Forty."),
        *("A: Any massage for this yet?", "C: No.", "A: Any spasms?", "C: No."),
    )

    assert found.recommendation is None
    lists = ["emergency_signs", "danger_signs", "safety", "health_conditions", "back_signs"]
    assert [s.value for s in found.owed] == lists


TOLD = half_of("dev")


@given(texts=st.lists(st.sampled_from(TOLD), max_size=6))
def test_a_receptionists_words_never_become_a_fact(texts: list[Label]) -> None:
    found = review([SpokenLine(False, label.text) for label in texts], READ)

    assert found.facts == Facts()
    assert found.evidence == ()


@given(
    texts=st.lists(st.sampled_from(TOLD), min_size=1, max_size=4),
    replies=st.lists(
        st.sampled_from(["okay", "mm-hmm", "I see", "thanks", "um", "[laughs]"]),
        min_size=4,
        max_size=4,
    ),
)
def test_who_only_listens_to_a_receptionist_tells_nothing(
    texts: list[Label], replies: list[str]
) -> None:
    spoken = [
        SpokenLine(i % 2 == 1, text)
        for pair in zip((t.text for t in texts), replies, strict=False)
        for i, text in enumerate(pair)
    ]
    found = review(spoken, READ)

    assert found.facts.emergency_signs == frozenset()
    assert found.facts.checked == frozenset()
    assert found.recommendation is None


EXCHANGES = [
    ("Any fever?", "No."),
    ("Any chest pain?", "No."),
    ("Do you take blood thinners?", "Yes."),
    ("Have you had a fall?", "Yes."),
    ("Have you ever had cancer?", "Yes, I had."),
    ("How bad is it, zero to ten?", "Eight."),
    ("How long has it been?", "It hurts for three weeks."),
    ("How old are you?", "Sixteen."),
    ("Any trouble with your bladder?", "I can't pee since yesterday."),
    ("Is your address still Main Street?", "No."),
    ("Have your legs given way?", "Yes."),
]


def least(found: Review) -> int:
    if found.recommendation is not None:
        return found.recommendation.urgency.rank
    return found.at_least.urgency.rank if found.at_least else Urgency.NONE.rank


@given(
    exchanges=st.lists(st.sampled_from(EXCHANGES), min_size=1, max_size=8),
    repeated=st.lists(st.sampled_from(EXCHANGES), max_size=3),
    seed=st.randoms(use_true_random=False),
)
def test_no_order_and_no_repetition_makes_it_less_urgent(
    exchanges: list[tuple[str, str]], repeated: list[tuple[str, str]], seed: random.Random
) -> None:
    def told(order: list[tuple[str, str]]) -> Review:
        return review(
            [SpokenLine(i == 1, text) for pair in order for i, text in enumerate(pair)], READ
        )

    shuffled = [*exchanges, *(pair for pair in repeated if pair in exchanges)]
    seed.shuffle(shuffled)

    assert least(told(shuffled)) == least(told(exchanges))


SIGNS = [u for u in TOLD if u.triage == "emergency" or u.facts.get("emergency_signs")]


@pytest.mark.parametrize(
    "after", [["A: Any of that now?", "C: No."], ["A: So all fine, right?", "C: Right."]]
)
@given(sign=st.sampled_from(SIGNS))
def test_an_emergency_sign_stays_whatever_is_said_after_it(after: list[str], sign: Label) -> None:
    alone = review([SpokenLine(True, sign.text)], READ)
    found = review([SpokenLine(True, sign.text), *map(said, after)], READ)

    assert alone.facts.emergency_signs <= found.facts.emergency_signs
