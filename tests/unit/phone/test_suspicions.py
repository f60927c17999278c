"""On the phone, words that may be of a danger are asked about, and answered, as in the chat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import Suspicion, next_question
from backline.facts import HealthCondition, Slot
from tests.unit.phone.pure_call import PureCall


@pytest.fixture
def asked() -> PureCall:
    """A call that waits for the answer to what was suspected."""
    call = PureCall()
    told = Suspicion(HealthCondition.BLEEDING, "loss of blood")
    call.conversation = replace(call.conversation, suspicions=(told,))
    call.hears("yes")
    assert call.talk.slot is Slot.SUSPICION
    return call


@pytest.mark.parametrize("how", ["words", "keys"])
@pytest.mark.parametrize(
    ("word", "key", "known"), [("yes", "1", {HealthCondition.BLEEDING}), ("no", "2", set())]
)
def test_a_yes_or_no_is_taken_by_words_and_by_keys(
    asked: PureCall, how: str, word: str, key: str, known: set[HealthCondition]
) -> None:
    asked.hears(word) if how == "words" else asked.presses(key)
    assert asked.facts.health_conditions == known
    assert asked.talk.slot is next_question(asked.facts)


def test_what_was_heard_in_doubt_answers_nothing(asked: PureCall) -> None:
    asked.doubts("no")
    assert asked.talk.slot is Slot.SUSPICION
    assert asked.conversation.suspicions[0].answer is None


def test_a_danger_that_is_told_in_answer_counts(asked: PureCall) -> None:
    asked.hears("my chest hurts and I cannot breathe")
    assert asked.conversation.emergency


def test_no_result_is_told_before_it_was_asked(asked: PureCall) -> None:
    assert asked.result is None
    asked.hears("I really could not tell you").presses("2")
    assert asked.facts.health_conditions <= {HealthCondition.OTHER_SYMPTOM}
