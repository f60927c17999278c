"""Taking a restart back brings what was known before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.start_over import ActionStartOver
from actions.undo_restart import ActionUndoRestart
from backline.dialogue import Conversation, NextStep
from backline.facts import Facts, Slot
from tests.unit.actions.conftest import Done, Talk, done_by

BEFORE = Conversation(
    facts=Facts(pain_duration=21, age=40),
    consent=True,
    answered=(Slot.CONSENT, Slot.PAIN_DURATION),
)
GIVEN: dict[str, Any] = {"last_result": "{}", "standing": "urgent"}


@pytest.fixture
def started_over(talk: Talk) -> dict[str, Any]:
    """The slots after a restart that took a result away."""
    return done_by(ActionStartOver(), talk("start_over", **BEFORE.to_slots(), **GIVEN)).slots


@pytest.fixture
def done(talk: Talk, started_over: dict[str, Any]) -> Done:
    return done_by(ActionUndoRestart(), talk("go_back", **started_over))


def test_what_was_known_is_known_again(done: Done) -> None:
    assert done.conversation == replace(BEFORE, earlier=None)


def test_what_was_told_since_is_gone(talk: Talk, started_over: dict[str, Any]) -> None:
    since = {**started_over, "pain_severity": 7}
    done = done_by(ActionUndoRestart(), talk("go_back", **since))
    assert done.conversation.facts.pain_severity is None


def test_a_result_that_was_given_stands_again(done: Done) -> None:
    assert {name: done.slots[name] for name in GIVEN} == GIVEN


def test_after_a_result_nothing_is_asked(done: Done) -> None:
    assert done.slots["next_step"] == NextStep.REST.value


def test_before_a_result_the_questions_go_on(talk: Talk) -> None:
    slots = done_by(ActionStartOver(), talk("start_over", **BEFORE.to_slots())).slots
    done = done_by(ActionUndoRestart(), talk("go_back", **slots))
    assert done.slots["next_step"] == NextStep.TRIAGE.value


def test_it_is_said(done: Done) -> None:
    assert done.said == ["utter_undone"]
