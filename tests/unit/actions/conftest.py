"""A tracker as an action gets it, without a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rasa_sdk import Tracker

from backline.facts import Finding

Talk = Callable[..., Tracker]


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
