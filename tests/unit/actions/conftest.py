"""A tracker as an action gets it, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from backline.dialogue import Conversation
from backline.facts import Finding
from tests.conftest import PROJECT

Talk = Callable[..., Tracker]
DOMAIN: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Done:
    """What an action did: what it said, in order, and the slots as they are after it."""

    messages: list[dict[str, Any]]
    slots: dict[str, Any]

    @property
    def said(self) -> list[str]:
        """The names of the responses."""
        return [message["response"] for message in self.messages]

    @property
    def conversation(self) -> Conversation:
        return Conversation.from_slots(self.slots, asking=False)


def done_by(action: Action, tracker: Tracker) -> Done:
    """Have an action run on a tracker."""
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, tracker, DOMAIN))
    changed = {event["name"]: event["value"] for event in events}
    return Done(dispatcher.messages, {**tracker.slots, **changed})


@pytest.fixture
def talk() -> Talk:
    """Make a tracker whose latest message has an intent and findings, in the form or outside."""

    def make(
        intent: str,
        *findings: Finding,
        text: str = "",
        in_form: bool = True,
        channel: str = "rest",
        **slots: Any,
    ) -> Tracker:
        entities = [{**f.to_json(), "entity": f.kind} for f in findings]
        message = {"text": text, "intent": {"name": intent}, "entities": entities}
        said = {"event": "user", "parse_data": message, "input_channel": channel, **message}
        loop = {"name": "triage_form"} if in_form else {}
        return Tracker("ada", slots, message, [said], False, None, loop, "action_listen")

    return make
