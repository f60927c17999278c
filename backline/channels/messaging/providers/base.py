"""What a messaging service has to be able to do: one module a service implements it."""

from __future__ import annotations

import hmac
import json
from abc import ABC, abstractmethod
from typing import Any

import aiohttp
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.messaging.capabilities import CAPABILITIES, Capabilities
from backline.channels.messaging.messages import Incoming, Outgoing, Taken, WebhookContent
from backline.sanitize import Refused


class Service(ABC):
    """A messaging service: reads its webhook, sends by its API. Knows nothing of the triage.

    What is not abstract is what only some services have; the others need do nothing for it.

    Attributes:
        name: of the channel; also its row in `CAPABILITIES` and its part of the webhook's path.
    """

    name: str

    @property
    def can(self) -> Capabilities:
        """What it can show."""
        return CAPABILITIES[self.name]

    @abstractmethod
    def verify(self, request: Request) -> None:
        """Return if the service itself made this request.

        Raises:
            Refused: it did not; status 401.
        """

    @abstractmethod
    def read(self, request: Request) -> WebhookContent:
        """What a verified request tells; what is of no use to us is left out.

        Raises:
            Refused: it is nothing that the service sends.
        """

    @abstractmethod
    def taken(self) -> HTTPResponse:
        """The answer that tells the service not to deliver this again."""

    def handshake(self, request: Request) -> HTTPResponse:
        """The answer to a GET of the webhook, by which a service may try whose it is.

        Raises:
            Refused: this service asks nothing that way, or asked wrongly.
        """
        raise Refused("not_here", "Only POST is answered here.", 405)

    @abstractmethod
    async def send(self, http: aiohttp.ClientSession, address: str, message: Outgoing) -> Taken:
        """Send a message.

        Raises:
            Undelivered: it was not taken; the kind of error says whether to try again.
        """

    async def notice(self, http: aiohttp.ClientSession, incoming: Incoming) -> None:
        """Show that a message is being read. Failing does not matter."""

    async def settle(
        self, http: aiohttp.ClientSession, incoming: Incoming, alert: str = ""
    ) -> None:
        """Confirm a pressed button, with a short text over the chat. Failing does not matter."""

    async def tick(self, http: aiohttp.ClientSession, incoming: Incoming, shown: Outgoing) -> None:
        """Show what is ticked in the checklist that was pressed. Failing does not matter."""

    async def take_controls(
        self, http: aiohttp.ClientSession, address: str, service_id: str
    ) -> None:
        """Take the controls of a sent message away. Failing does not matter."""

    @abstractmethod
    async def check(self, http: aiohttp.ClientSession) -> list[str]:
        """What is wrong with the configuration, in sentences; sends nothing to anybody."""


def same(given: str, expected: str) -> bool:
    """Whether a secret is the right one, in the same time for all wrong ones."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def json_object(request: Request) -> dict[str, Any]:
    """The body of a request as a JSON object.

    Raises:
        Refused: it is not JSON, or no object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused("bad_content_type", "The body must be application/json.", 415)
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refused("bad_json", "The body must be JSON.") from None
    if not isinstance(data, dict):
        raise Refused("bad_json", "The body must be a JSON object.")
    return data
