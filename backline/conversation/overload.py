"""What is done with a visitor's message above the limits: refused, unless it must be heard."""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from typing import Any

from rasa.core.agent import Agent

from backline.facts import Finding
from backline.http_server.limits import VisitorLimits
from backline.responses import Responses
from backline.sanitize import Refused
from backline.settings import Clinic

DELETING_INTENT = "delete_my_data"
TOO_FAST = "utter_message_too_fast"
LINES = range(1, 100)
"""Numbers of lines in any list of ours."""


class TooFast(Refused):
    """A message above the limits.

    Attributes:
        retry_after: whole seconds to wait.
    """

    def __init__(self, sentence: str, wait: float) -> None:
        super().__init__("too_fast", sentence, 429)
        self.retry_after = math.ceil(wait)
        self.headers["Retry-After"] = str(self.retry_after)


class Patience:
    """Asks visitors for patience who send more than anybody types."""

    def __init__(self, limits: VisitorLimits, clinic: Clinic) -> None:
        self._limits = limits
        self._clinic = clinic

    def check(self, agent: Agent, address: str | None) -> None:
        """Count a call that says nothing.

        Raises:
            TooFast: it is above the limits.
        """
        wait = self._limits.request(address, time.monotonic())
        if wait:
            raise TooFast(self._sentence(agent), wait)

    async def listen(self, agent: Agent, address: str | None, conversation: str, text: str) -> None:
        """Count a message.

        Raises:
            TooFast: it is above the limits and need not be heard.
        """
        now = time.monotonic()
        wait = self._limits.message(address, conversation, now)
        if not wait:
            return
        # Which question a number answers is not looked up: a line may be one of danger signs.
        if self._limits.may_look(address, now) and await must_be_heard(agent, text, LINES):
            return
        raise TooFast(self._sentence(agent), wait)

    def _sentence(self, agent: Agent) -> str:
        return Responses(agent.domain.responses, self._clinic).say(TOO_FAST)


async def must_be_heard(agent: Agent, text: str, danger_lines: Collection[Any]) -> bool:
    """Whether a cleaned text tells a danger sign, or asks for its writer's data to be deleted.

    Args:
        danger_lines: lines of a list that stand for danger signs, where such a list was shown.
    """
    parsed = await agent.parse_message(text)
    if parsed["intent"]["name"] == DELETING_INTENT:
        return True
    findings = (Finding.from_json({**e, "kind": e["entity"]}) for e in parsed.get("entities", []))
    return any(
        (f.kind == "emergency_sign" and f.holds) or (f.kind == "pick" and f.value in danger_lines)
        for f in findings
    )
