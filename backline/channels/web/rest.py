"""The REST channel: `POST /webhooks/rest/webhook`, as Rasa's own, but careful with its input."""

from __future__ import annotations

import json
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.web.rasa_run import turns_of_rasa_run
from backline.conversation.overload import OverloadGuard
from backline.conversation.turns import Inbound, Turns
from backline.dialogue import AnswersEarlier
from backline.http_server.rate_limit import address_of
from backline.observability import logs, metrics
from backline.sanitize import (
    Refused,
    clean_message_id,
    clean_sender,
    clean_text,
)


class RestChannel(InputChannel):
    """Takes `{"sender", "message"}` and answers with the bot's messages as a JSON array.

    A client that may send a message twice gives it a `message_id` of its own; the message is then
    heard once.

    What is not such a request gets an HTTP 4xx with `{"error", "message"}`.
    """

    def __init__(self, turns: Turns, guard: OverloadGuard) -> None:
        self._turns = turns
        self._guard = guard

    @classmethod
    def name(cls) -> str:
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        return cls(*turns_of_rasa_run())

    def blueprint(self, on_new_message: Any) -> Blueprint:
        webhook = Blueprint("backline_rest")

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            address = address_of(request)
            try:
                try:
                    body = _json_object(request.body)
                    sender = clean_sender(body.get("sender"))
                    text = clean_text(body.get("message"))
                    message_id = clean_message_id(body.get("message_id"))
                except Refused:
                    self._guard.admit_call(address)
                    raise
                await self._guard.admit_message(address, sender, text)
            except Refused as refused:
                metrics.REFUSED.labels(self.name(), refused.code).inc()
                return response.json(
                    {"error": refused.code, "message": str(refused)},
                    status=refused.status,
                    headers=refused.headers,
                )
            logs.about(self.name(), sender)
            answers = AnswersEarlier.from_request(body)
            message = Inbound(sender, text, self.name(), message_id, answers)
            return response.json((await self._turns.handle(message)).to_json())

        return webhook


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
