"""A wish is asked back before it is carried out."""

from __future__ import annotations

import pytest

from actions.confirm import ActionConfirm
from backline.dialogue import Confirming, Conversation, NextStep
from tests.unit.actions.conftest import Talk, done_by


def test_a_wish_is_asked_back(talk: Talk) -> None:
    done = done_by(ActionConfirm(), talk("start_over", next_step=NextStep.ASK.value))
    assert done.said == ["utter_ask_check"]


def test_who_does_not_want_it_after_all_hears_that_all_is_left(talk: Talk) -> None:
    done = done_by(ActionConfirm(), talk("deny", next_step=NextStep.LEAVE.value))
    assert done.said == ["utter_left"]


@pytest.mark.parametrize("step", [NextStep.ASK, NextStep.LEAVE])
def test_asking_changes_nothing(talk: Talk, step: NextStep) -> None:
    waiting = Conversation(consent=True, confirming=Confirming.RESTART)
    tracker = talk("start_over", next_step=step.value, **waiting.to_slots())
    assert done_by(ActionConfirm(), tracker).slots == tracker.slots
