"""Who tells of an emergency is answered in time; what they said is stored when it can be."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from backline.conversation.turns import WholeMessages
from backline.runtime import agent as module
from backline.runtime import late_emergencies
from backline.runtime.agent import BacklineAgent
from backline.runtime.late_emergencies import LateEmergencies

TOLD = {"custom": {"type": "triage_result", "urgency": "emergency"}}


class Turns:
    """Rasa's turns while something is broken: each takes long, and the first so many fail.

    Attributes:
        heard: the ids of the messages that were stored.
    """

    def __init__(self, failing: int) -> None:
        self.failing = failing
        self.heard: list[str] = []
        self.metadata: Any = None
        self.has_failed = asyncio.Event()

    async def handle_message(self, message: UserMessage) -> None:
        await asyncio.sleep(0.02)
        if self.failing:
            self.failing -= 1
            self.has_failed.set()
            raise ConnectionError
        self.heard.append(message.message_id)
        self.metadata = message.metadata


async def tell_emergency(message: UserMessage) -> None:
    message.output_channel.messages.append(TOLD)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    made = Turns(failing=3)
    monkeypatch.setattr(Agent, "handle_message", lambda _, message: made.handle_message(message))
    monkeypatch.setattr(module, "EMERGENCY_WITHIN_S", 0.001)
    monkeypatch.setattr(late_emergencies, "KEPT_AGAIN_S", 0.0)
    return made


@pytest.fixture
def agent() -> Any:
    made = BacklineAgent.__new__(BacklineAgent)
    made._late = LateEmergencies(made._take_rasas_turn)
    made.processor = SimpleNamespace(tell_emergency=tell_emergency)
    return made


def message(message_id: str = "1") -> UserMessage:
    return UserMessage("numb", WholeMessages("rest"), "ada", message_id=message_id)


async def stored(agent: Any) -> None:
    """Until nothing is left to be stored."""
    await agent._late.stored("ada")


async def test_an_emergency_is_told_before_its_turn_ends_and_stored_when_it_can_be(
    agent: Any, turns: Turns
) -> None:
    told = message()
    await agent.handle_message(told)
    assert told.output_channel.messages == [TOLD]
    assert turns.heard == []
    await stored(agent)
    assert turns.heard == ["1"]
    assert told.output_channel.messages == [TOLD]
    assert not agent._late


async def test_an_emergency_whose_turn_failed_at_once_is_stored_when_it_can_be(
    agent: Any, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EMERGENCY_WITHIN_S", 5.0)
    told = message()
    with pytest.raises(ConnectionError):
        await agent.handle_message(told)
    assert told.output_channel.messages == [TOLD]
    await stored(agent)
    assert turns.heard == ["1"]


async def test_what_is_stored_when_its_sender_went_on_answers_no_question(
    agent: Any, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns.failing = 10
    monkeypatch.setattr(late_emergencies, "KEPT_AGAIN_S", 0.2)
    await agent.handle_message(message())
    monkeypatch.setattr(module, "EMERGENCY_WITHIN_S", 5.0)
    await turns.has_failed.wait()
    turns.failing = 0
    await agent.handle_message(message("2"))
    await stored(agent)
    assert turns.heard == ["2", "1"]
    assert turns.metadata["answers"] == ""


async def test_nothing_is_stored_of_a_conversation_that_was_erased_meanwhile(
    agent: Any, turns: Turns
) -> None:
    await agent.handle_message(message())
    waiting = asyncio.ensure_future(stored(agent))
    await asyncio.sleep(0)
    agent.forget("ada")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert turns.heard == []


async def test_what_never_can_be_stored_is_given_up_after_a_while(
    agent: Any, turns: Turns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    turns.failing = 1000
    monkeypatch.setattr(late_emergencies, "KEPT_FOR_S", 0.1)
    await agent.handle_message(message())
    await stored(agent)
    assert 0 < turns.failing < 1000
    assert "told and not stored: ConnectionError" in caplog.text
