"""Starting over sets all facts aside, so that it can be taken back."""

from __future__ import annotations

from typing import Any

import pytest

from actions.start_over import ActionStartOver
from backline.dialogue import Confirming, Conversation, NextStep
from backline.facts import Facts, Slot
from tests.unit.actions.conftest import Done, Talk, done_by

TOLD = Conversation(
    facts=Facts(pain_duration=21, age=40),
    consent=True,
    answered=(Slot.CONSENT, Slot.PAIN_DURATION),
    confirming=Confirming.RESTART,
)
GIVEN: dict[str, Any] = {"last_result": "{}", "standing": "urgent"}


@pytest.fixture
def done(talk: Talk) -> Done:
    return done_by(ActionStartOver(), talk("start_over", **TOLD.to_slots(), **GIVEN))


def test_every_fact_is_forgotten(done: Done) -> None:
    assert done.conversation.facts == Facts()


def test_the_consent_stays(done: Done) -> None:
    assert done.conversation.consent is True


def test_no_result_stands_any_more(done: Done) -> None:
    assert (done.slots["last_result"], done.slots["standing"]) == (None, None)


def test_the_questions_begin_again(done: Done) -> None:
    assert done.slots["next_step"] == NextStep.TRIAGE.value


def test_what_was_known_is_kept_aside_with_its_result(done: Done) -> None:
    earlier = done.slots["earlier"]
    assert Conversation.from_slots(earlier, asking=False).facts == TOLD.facts
    assert {name: earlier[name] for name in GIVEN} == GIVEN


def test_the_wish_itself_is_not_kept(done: Done) -> None:
    assert done.slots["earlier"]["confirming"] is None
    assert done.slots["confirming"] is None


def test_only_the_last_restart_can_be_taken_back(talk: Talk) -> None:
    once = done_by(ActionStartOver(), talk("start_over", **TOLD.to_slots(), **GIVEN)).slots
    twice = done_by(ActionStartOver(), talk("start_over", **once)).slots
    assert twice["earlier"]["earlier"] is None


def test_it_is_said(done: Done) -> None:
    assert done.said == ["utter_started_over"]
