"""The callers of the evaluation tell the truth, by voice and by keys, and never rescue the line."""

from __future__ import annotations

import pytest

from backline.facts import EMERGENCY_LISTS, Facts, LegSymptoms, Slot
from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.wording import groups
from backline.phone.events import Dtmf
from backline.policy.checklists import LISTS
from tests.phone.evaluation.caller import SimulatedCaller, State
from tests.phone.evaluation.truth import Truth
from tests.phone.evaluation.utterances import Kind, Spoken, utterances
from tests.unit.phone.pure_call import PureCall
from tests.unit.phone.simulated_call import WORDING, led, state_of, truth_of

CHEST = Spoken("emergency_signs", "my chest hurts", {"emergency_signs": ["chest_pain"]})
NUMB = Spoken("emergency_signs", "yes", {"emergency_signs": ["saddle_numbness"]}, "yes")
FAINTED = {"emergency_signs": ["fainting"]}
HEALTHY = Spoken("age", "forty", {"age": 40})
SIGNS = [slot for slot in LISTS if slot in EMERGENCY_LISTS]
GROUPS = [(slot, at) for slot in SIGNS for at in range(len(groups()[slot]))]
"""All groups of danger signs, in the order in which they are read out."""


def key_of(told: dict[str, object], slot: Slot) -> str:
    return Truth(told, WORDING).key(CallState(slot=slot)).digits


def asked(slot: Slot, group: int = 0, **state: object) -> State:
    """A group of a checklist is asked about."""
    reading = tuple(range(len(groups()[slot])))
    talk = CallState(slot=slot, kind="multi_choice", reading=reading, at=group, **state)  # type: ignore[arg-type]
    return State(talk, Facts(), True, "Do you have any of these?")


def yes_to(truth: Truth) -> list[tuple[Slot, int]]:
    """The groups of danger signs to which the key of a caller says yes."""
    return [group for group in GROUPS if truth.key(asked(*group).talk) == Dtmf("1")]


@pytest.mark.parametrize(
    ("told", "slot", "key"),
    [
        ({}, Slot.CONSENT, "1"),
        ({}, Slot.PAIN_SEVERITY, "3"),
        ({"pain_severity": 8}, Slot.PAIN_SEVERITY, "8"),
        ({"pain_severity": 10}, Slot.PAIN_SEVERITY, "*"),
        ({"pain_duration": 5}, Slot.PAIN_DURATION, "1"),
        ({"pain_duration": 70}, Slot.PAIN_DURATION, "2"),
        ({"pain_duration": 730}, Slot.PAIN_DURATION, "3"),
        ({}, Slot.RECENT_INJURY, "2"),
        ({"recent_injury": True}, Slot.RECENT_INJURY, "1"),
        ({"leg_below_knee": True}, Slot.LEG_SYMPTOMS, "1"),
        ({"muscle_spasm": True}, Slot.MUSCLE_SPASM, "1"),
        ({}, Slot.MASSAGE_RESPONSE, "1"),
        ({"massage_response": "relaxed"}, Slot.MASSAGE_RESPONSE, "2"),
        ({"massage_response": "no_change", "massage_sessions": 1}, Slot.MASSAGE_RESPONSE, "3"),
        ({"massage_response": "no_change", "massage_sessions": 2}, Slot.MASSAGE_RESPONSE, "4"),
        ({"massage_response": "worse"}, Slot.MASSAGE_RESPONSE, "5"),
        ({"age": 67}, Slot.AGE, "67#"),
    ],
)
def test_keys_tell_a_callers_own_facts(told: dict[str, object], slot: Slot, key: str) -> None:
    assert key_of(told, slot) == key


def test_a_key_says_yes_only_to_the_group_that_has_a_sign_of_theirs() -> None:
    truth = truth_of(CHEST)
    assert yes_to(truth) == [(Slot.DANGER_SIGNS, 0)]
    known = asked(Slot.DANGER_SIGNS, 0, chosen=("chest_pain",)).talk
    assert truth.key(known).digits == "2"


@pytest.mark.parametrize(
    ("told", "asked_for"),
    [
        ({"health_conditions": ["epilepsy"]}, ["other_illness", "heart_or_fits", "epilepsy"]),
        ({"health_conditions": ["steroids"]}, ["medicines", "steroids"]),
        ({"leg_below_knee": True}, ["one_leg", "leg_below_knee"]),
        ({"recent_injury": True}, ["recent_injury"]),
        ({"emergency_signs": ["leg_collapse"]}, ["both_legs"]),
    ],
)
def test_a_line_that_stands_for_something_of_theirs_is_theirs(
    told: dict[str, object], asked_for: list[str]
) -> None:
    truth = Truth(told, WORDING)
    theirs = [line for lines in LISTS.values() for line in lines if truth.is_own(line)]
    assert sorted(theirs) == sorted(asked_for)


def test_who_said_yes_means_one_line_and_denies_the_groups_after_it() -> None:
    said = next(s for s in utterances() if s.asked == "emergency_signs" and s.group == "yes")
    assert said.facts == {"emergency_signs": ["saddle_numbness"]}
    assert yes_to(truth_of(said)) == [(Slot.EMERGENCY_SIGNS, 0)]


def test_who_has_no_line_of_a_group_chooses_none_of_them() -> None:
    caller = SimulatedCaller(CHEST, truth_of(CHEST))
    assert caller.answer(asked(Slot.EMERGENCY_SIGNS, 0, choosing=True)) == "none of these"
    assert caller.answer(asked(Slot.DANGER_SIGNS, 0, choosing=True)) == "one"


def test_a_line_is_chosen_by_its_place_among_those_that_are_read() -> None:
    # Fever is the first line of its group, losing weight the second.
    told = Spoken("health_conditions", "", {"health_conditions": ["weight_loss"]})
    state = asked(Slot.HEALTH_CONDITIONS, 0, choosing=True, chosen=("fever",))
    assert SimulatedCaller(told, truth_of(told)).answer(state) == "one"


def test_choosing_goes_on_by_keys_where_it_began_by_keys() -> None:
    caller = SimulatedCaller(CHEST, truth_of(CHEST))
    assert caller.answer(asked(Slot.EMERGENCY_SIGNS, 0)) == Dtmf("2")
    caller.place = (Slot.EMERGENCY_SIGNS, 0)
    assert caller.answer(asked(Slot.DANGER_SIGNS, 0)) == Dtmf("1")
    assert caller.answer(asked(Slot.DANGER_SIGNS, 0, choosing=True)) == Dtmf("1")


def test_a_line_that_is_a_fact_and_was_chosen_is_not_told_again() -> None:
    spasms = Spoken("back_signs", "the muscles cramp up", {"muscle_spasm": True})
    caller = SimulatedCaller(spasms, truth_of(spasms))
    caller.place = (Slot.BACK_SIGNS, 1)
    assert caller.answer(asked(Slot.BACK_SIGNS, 1)) == "the muscles cramp up"
    assert caller.answer(asked(Slot.BACK_SIGNS, 1, chosen=("muscle_spasm",))) == Dtmf("2")


def test_a_danger_sign_is_told_where_it_is_asked_for_and_denied_nowhere_before() -> None:
    fall = Spoken("tale", "I fell off a ladder", {"emergency_signs": ["serious_accident"]})
    caller, call = SimulatedCaller(fall, truth_of(fall)), PureCall().up_to(Slot.EMERGENCY_SIGNS)
    for _ in GROUPS[: GROUPS.index((Slot.DANGER_SIGNS, 1))]:
        answer = caller.answer(state_of(call))
        assert answer == Dtmf("2")
        call.presses(answer.digits)
    assert caller.answer(state_of(call)) == "I fell off a ladder"


@pytest.mark.parametrize(
    ("told", "turn", "agrees"),
    [
        ({"pain_duration": 21}, "I heard three weeks. Is that right?", True),
        ({"pain_duration": 21}, "I heard for about three weeks. Is that right?", True),
        ({"pain_duration": 21}, "I heard two weeks. Is that right?", False),
        ({"pain_duration": 21}, "I heard three weeks; and an age of three. Is that right?", False),
        ({"pain_severity": 4}, "I heard a pain of four out of ten. Is that right?", True),
        ({"pain_severity": 4}, "Sorry. I heard a pain of five out of ten. Is that right?", False),
        ({"recent_injury": True}, "I heard no injury in the last six weeks. Is that right?", False),
        (FAINTED, "I heard: passing out or collapsing. Is that right?", True),
        (FAINTED, "I heard not passing out or collapsing. Is that right?", False),
        ({}, "I heard an age of forty. Is that right?", False),
        ({"leg_below_knee": True}, "I heard trouble in one leg. Is that right?", True),
    ],
)  # fmt: skip
def test_only_what_was_told_is_agreed_to(told: dict[str, object], turn: str, agrees: bool) -> None:
    assert Truth(told, WORDING).agrees(turn) is agrees


def test_having_none_of_these_is_agreed_to_only_if_it_is_so() -> None:
    read = (
        "So you have none of these: numbness between your legs or around your bottom; "
        "trouble passing urine, or leaking; or losing control of your bowels. Is that right?"
    )
    assert not truth_of(NUMB).agrees(read)
    assert truth_of(CHEST).agrees(read)
    assert truth_of(Spoken("emergency_signs", "no", {}, "no")).agrees(read)


def test_nothing_read_back_is_no_question_to_agree_to() -> None:
    with pytest.raises(ValueError, match="nothing is read back"):
        truth_of(HEALTHY).agrees("Sorry, I did not catch that.")


def test_times_are_exact_up_to_four_weeks_and_a_little_off_beyond() -> None:
    def holds(meant: int, known: float, pressed: bool = False) -> bool:
        return Truth({"pain_duration": meant}, WORDING).holds(
            "pain_duration", known, pressed=pressed
        )

    assert holds(21, 21.0) and not holds(21, 20.0)
    assert holds(180, 182.0) and not holds(180, 190.0)
    assert holds(21, 42.0, pressed=True) and not holds(21, 84.0, pressed=True)


def test_what_follows_from_the_legs_is_told_with_them() -> None:
    both = Truth({"emergency_signs": ["both_legs"]}, WORDING)
    assert both.holds("leg_symptoms", LegSymptoms.BOTH_LEGS.value, pressed=False)


DIFFERENT = {
    # It denies a group, whose lines are known not to hold once its list was gone through.
    "no, it came on by itself",
}
"""Sentences from which a careful listener takes something else than the understanding does."""


def test_sentences_that_are_heard_well_come_through_as_they_are_labelled() -> None:
    differ = set()
    for said in utterances():
        if not said.loud and said.kind is not Kind.NEW_VOICE:
            verdict = led(said)
            right = {result.value for result in verdict.results.values()} == {"right by voice"}
            if verdict.faults or not right:
                differ.add(said.said)
    assert differ == DIFFERENT


def test_what_is_never_heard_is_told_by_keys() -> None:
    for said in utterances():
        if not said.loud and said.kind is Kind.NEW_SENTENCES:
            assert not led(said, lambda _: None).faults, said.said


def test_a_caller_whom_nobody_understands_ends_with_no_massage_against_their_danger() -> None:
    for said in utterances():
        if not said.loud and said.kind is Kind.NEW_SENTENCES:
            verdict = led(said, lambda text: (text, Confidence.DOUBTFUL))
            assert not verdict.faults, said.said
