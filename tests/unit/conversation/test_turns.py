"""Whatever breaks, a person gets an answer, and never one that could not be saved."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from backline.conversation.turns import Inbound, Turns
from backline.dialogue import AnswersEarlier, AnswerTiming
from backline.facts import Slot
from backline.replies import Unavailable
from backline.settings import load_clinic

CLINIC = load_clinic(Path(__file__).resolve().parents[3] / "clinic.yml")
SORRY = {
    "utter_unavailable": [
        {"text": "Sorry, call {clinic_phone}."},
        {"channel": "phone", "text": "Sorry, hang up."},
    ]
}
EMERGENCY = {"custom": {"type": "triage_result", "outcome": "doctor_first", "urgency": "emergency"}}
SECRET = "zebrafish"


class Broken(Exception):
    """Its text quotes what somebody wrote."""


class ScriptedAgent:
    """Says these messages, and then fails with this error, if there is one.

    Attributes:
        heard: what it was handed last.
    """

    domain = SimpleNamespace(responses=SORRY)

    def __init__(self, *says: dict[str, Any], fails: Exception | None = None) -> None:
        self.says, self.fails = says, fails
        self.heard: UserMessage

    async def handle_message(self, message: UserMessage) -> None:
        self.heard = message
        for said in self.says:
            await message.output_channel.send_response(message.sender_id, dict(said))
        if self.fails is not None:
            raise self.fails


def taken_by(agent: Any) -> Turns:
    return Turns(agent, CLINIC)


def inbound(channel: str = "rest", **more: Any) -> Inbound:
    return Inbound("ada", SECRET, channel, **more)


async def test_what_the_bot_says_is_the_reply_blank_lines_and_all() -> None:
    reply = await taken_by(ScriptedAgent({"text": "One.\n\nTwo."})).handle(inbound())
    assert reply.to_json() == [{"recipient_id": "ada", "text": "One.\n\nTwo."}]


async def test_a_turn_that_fails_is_answered_by_the_apology_alone() -> None:
    agent = ScriptedAgent({"text": "This was not saved."}, fails=Broken(SECRET))
    reply = await taken_by(agent).handle(inbound())
    assert json.dumps(reply.to_json()) == (
        f'[{{"recipient_id": "ada", "text": "Sorry, call {CLINIC.phone}.", "custom": '
        '{"type": "error", "code": "unavailable", "retry": true}}]'
    )


async def test_an_emergency_is_told_also_by_a_turn_that_fails() -> None:
    agent = ScriptedAgent({"text": "Call 000.", **EMERGENCY}, fails=Broken())
    reply = await taken_by(agent).handle(inbound())
    assert reply.emergency
    assert reply.failed
    assert isinstance(reply.parts[-1], Unavailable)


async def test_silence_is_answered_by_the_apology() -> None:
    assert (await taken_by(ScriptedAgent()).handle(inbound())).failed


async def test_the_apology_is_in_the_words_of_the_channel() -> None:
    reply = await taken_by(ScriptedAgent()).handle(inbound("phone"))
    assert reply.texts == ("Sorry, hang up.",)


async def test_what_somebody_wrote_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    await taken_by(ScriptedAgent(fails=Broken(SECRET))).handle(inbound())
    assert "Broken" in caplog.text
    assert SECRET not in caplog.text


async def test_the_agent_is_told_all_that_the_channel_knows() -> None:
    agent = ScriptedAgent({"text": "Yes."})
    evidence = SimpleNamespace(about="age", confidence=0.5, confirmed="keys", heard=SECRET)
    message = inbound(
        "phone",
        message_id="7-0",
        answers=AnswersEarlier(AnswerTiming.LATE, Slot.AGE),
        confirmed=True,
        evidence=(evidence,),
    )
    await taken_by(agent).handle(message)
    heard = agent.heard
    assert (heard.text, heard.sender_id, heard.input_channel) == (SECRET, "ada", "phone")
    assert heard.message_id == "7-0"
    assert heard.metadata == {
        "heard": [{"about": "age", "confidence": 0.5, "confirmed": "keys"}],
        "confirmed": True,
        "answers": "age",
        "manner": "late",
        "withdraws": [],
    }


async def test_a_message_that_is_like_any_other_says_nothing_of_itself() -> None:
    agent = ScriptedAgent({"text": "Yes."})
    await taken_by(agent).handle(inbound())
    assert not agent.heard.metadata
