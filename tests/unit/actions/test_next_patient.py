"""Another patient begins anew, and the first one can be taken up again."""

from __future__ import annotations

from typing import Any

import pytest

from actions.next_patient import ActionNextPatient
from actions.undo_restart import ActionUndoRestart
from backline.dialogue import Confirming, Conversation, NextStep
from backline.facts import Facts, Slot
from tests.unit.actions.conftest import Done, Talk, done_by

FIRST = Conversation(
    facts=Facts(pain_duration=21, age=40),
    consent=True,
    answered=(Slot.CONSENT, Slot.PAIN_DURATION),
    confirming=Confirming.NEXT_PATIENT,
)
GIVEN: dict[str, Any] = {"last_result": "{}", "standing": "urgent"}


@pytest.fixture
def done(talk: Talk) -> Done:
    return done_by(ActionNextPatient(), talk("affirm", **FIRST.to_slots(), **GIVEN))


def test_nothing_of_the_first_is_taken_for_the_other_but_the_consent(done: Done) -> None:
    assert done.conversation.facts == Facts()
    assert (done.conversation.consent, done.conversation.patient) == (True, 2)
    assert (done.slots["last_result"], done.slots["standing"]) == (None, None)


def test_the_questions_begin_for_the_other(done: Done) -> None:
    assert done.slots["next_step"] == NextStep.TRIAGE.value
    assert done.said == ["utter_next_patient"]


def test_the_first_one_can_be_taken_up_again(talk: Talk, done: Done) -> None:
    back = done_by(ActionUndoRestart(), talk("go_back", **done.slots))
    assert back.conversation.facts == FIRST.facts
    assert back.conversation.patient == 1
    assert {name: back.slots[name] for name in GIVEN} == GIVEN
