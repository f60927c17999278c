"""The REST channel: `POST /webhooks/rest/webhook`, as Rasa's own, but careful with its input."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.handling import OnNewMessage, converse, unavailable
from backline.channels.incoming import Refused, clean_sender, clean_text
from backline.settings import load_settings

UNAVAILABLE = "utter_unavailable"


KEPT_REPLIES = 5000
Reply = list[dict[str, Any]]


class Replies:
    """The latest reply of each conversation, so that a message sent again is not heard twice.

    A person whose connection broke does not know whether the message arrived. Sent again under the
    same `message_id` it gets the same reply; without this, "None of these" could answer the next
    checklist unread. Kept in this process for the 5,000 conversations that spoke last.
    """

    def __init__(self) -> None:
        self._latest: OrderedDict[str, tuple[str, asyncio.Future[Reply]]] = OrderedDict()

    async def once(
        self, sender: str, message_id: object, handle: Callable[[], Awaitable[Reply]]
    ) -> Reply:
        """The reply to this message, by handling it unless that was done or is being done."""
        if not isinstance(message_id, str) or not message_id:
            return await handle()
        known = self._latest.get(sender)
        if known is not None and known[0] == message_id:
            return await asyncio.shield(known[1])
        future = asyncio.ensure_future(handle())
        self._latest[sender] = (message_id, future)
        self._latest.move_to_end(sender)
        if len(self._latest) > KEPT_REPLIES:
            self._latest.popitem(last=False)
        reply = await asyncio.shield(future)
        if any((m.get("custom") or {}).get("code") == "unavailable" for m in reply):
            self._latest.pop(sender, None)
        return reply


class RestChannel(InputChannel):
    """Takes `{"sender", "message"}` and answers with the bot's messages as a JSON array.

    What is not such a request gets an HTTP 4xx with `{"error", "message"}`.
    """

    def __init__(self) -> None:
        self._clinic = load_settings().clinic
        self._replies = Replies()

    @classmethod
    def name(cls) -> str:
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        return cls()

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        webhook = Blueprint("backline_rest")

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                body = _json_object(request.body)
                sender = clean_sender(body.get("sender"))
                text = clean_text(body.get("message"))
            except Refused as refused:
                return response.json(
                    {"error": refused.code, "message": str(refused)}, status=refused.status
                )
            sentence = apology_of(request.app.ctx.agent)
            apology = unavailable(sender, self._clinic, sentence)
            reply = await self._replies.once(
                sender,
                body.get("message_id"),
                lambda: converse(on_new_message, text, sender, self.name(), apology),
            )
            return response.json(reply)

        return webhook


def apology_of(agent: Any) -> str:
    """The domain's sentence for when nothing can be saved."""
    return str(agent.domain.responses[UNAVAILABLE][0]["text"])


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(
            "bad_json",
            'The body must be JSON, for example {"sender": "...", "message": "my back hurts"}.',
        ) from None
    if not isinstance(data, dict):
        raise Refused("bad_json", "The body must be a JSON object with sender and message.")
    return data
