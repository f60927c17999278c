"""What is done with a visitor's message above the limits: refused, unless it must be heard."""

from __future__ import annotations

import math
import time

from rasa.core.agent import Agent

from backline.conversation.safety import must_be_heard
from backline.http_server.limits import VisitorLimits
from backline.responses import Responses
from backline.sanitize import Refused
from backline.settings import Clinic

TOO_FAST = "utter_message_too_fast"
LINES = range(1, 100)
"""Numbers of lines in any list of ours."""


class RateLimited(Refused):
    """A message above the limits.

    Attributes:
        retry_after: whole seconds to wait.
    """

    def __init__(self, sentence: str, wait: float) -> None:
        super().__init__("too_fast", sentence, 429)
        self.retry_after = math.ceil(wait)
        self.headers["Retry-After"] = str(self.retry_after)


class OverloadGuard:
    """Asks visitors for patience who send more than anybody types."""

    def __init__(self, limits: VisitorLimits, agent: Agent, clinic: Clinic) -> None:
        self._limits = limits
        self._agent = agent
        self._clinic = clinic

    def admit_call(self, address: str | None) -> None:
        """Count a call that says nothing.

        Raises:
            RateLimited: it is above the limits.
        """
        wait = self._limits.request(address, time.monotonic())
        if wait:
            raise RateLimited(self._sentence(), wait)

    async def admit_message(self, address: str | None, conversation: str, text: str) -> None:
        """Count a message.

        Raises:
            RateLimited: it is above the limits and need not be heard.
        """
        now = time.monotonic()
        wait = self._limits.message(address, conversation, now)
        if not wait:
            return
        # Which question a number answers is not looked up: a line may be one of danger signs.
        if self._limits.may_look(address, now) and await must_be_heard(self._agent, text, LINES):
            return
        raise RateLimited(self._sentence(), wait)

    def _sentence(self) -> str:
        return Responses(self._agent.domain.responses, self._clinic).say(TOO_FAST)
