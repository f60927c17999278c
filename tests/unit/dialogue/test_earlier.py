"""What a message answers that is no answer to the open question, from a client to the dialogue."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.dialogue import AnswersEarlier, AnswerTiming
from backline.facts import Slot


def test_a_client_may_say_that_a_message_answers_nothing() -> None:
    told = AnswersEarlier.from_request({"manner": "early"})
    assert told == AnswersEarlier(AnswerTiming.EARLY)


def test_a_client_may_say_which_question_an_older_message_answers() -> None:
    told = AnswersEarlier.from_request({"manner": "late", "answers": "consent"})
    assert told == AnswersEarlier(AnswerTiming.LATE, Slot.CONSENT)


def test_without_a_manner_a_message_answers_the_open_question() -> None:
    assert AnswersEarlier.from_request({"answers": "consent"}) is None


def test_no_client_changes_what_was_said_before() -> None:
    assert AnswersEarlier.from_request({"manner": "changed", "answers": "age"}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(manner=JSON | st.sampled_from(AnswerTiming), answers=JSON | st.sampled_from(Slot))
def test_what_cannot_be_read_in_it_is_left_out(manner: Any, answers: Any) -> None:
    told = AnswersEarlier.from_request({"manner": manner, "answers": answers})
    if told is not None:
        assert told.manner in (AnswerTiming.EARLY, AnswerTiming.LATE)
        assert told.about is None or told.about == answers


def test_it_is_kept_with_the_message_as_before() -> None:
    told = AnswersEarlier(AnswerTiming.CHANGED, Slot.AGE, frozenset({"age"}))
    assert told.to_metadata() == {"answers": "age", "manner": "changed", "withdraws": ["age"]}
    nothing = AnswersEarlier(AnswerTiming.EARLY)
    assert nothing.to_metadata() == {"answers": "", "manner": "early", "withdraws": []}


@given(
    st.builds(
        AnswersEarlier,
        st.sampled_from(AnswerTiming),
        st.none() | st.sampled_from(Slot),
        st.frozensets(st.sampled_from(Slot).map(lambda slot: slot.value)),
    )
)
def test_what_is_kept_is_read_back(told: AnswersEarlier) -> None:
    assert AnswersEarlier.from_metadata(told.to_metadata()) == told


@pytest.mark.parametrize("metadata", [None, {}, {"model_id": "m"}])
def test_any_other_message_is_taken_for_the_open_question(metadata: Any) -> None:
    assert AnswersEarlier.from_metadata(metadata) is None
