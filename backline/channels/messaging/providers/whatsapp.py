"""WhatsApp, by Meta's Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api"""

from __future__ import annotations

import hashlib
import hmac
import time
from contextlib import suppress
from typing import Any

import aiohttp
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.messaging.messages import (
    Control,
    Incoming,
    Kind,
    Outgoing,
    Report,
    Taken,
    WebhookContent,
)
from backline.channels.messaging.providers.base import Service, json_object, same
from backline.credentials import WhatsApp
from backline.delivery_errors import Later, Undelivered, WindowClosed
from backline.http_client import HttpReply, call
from backline.privacy import Pseudonymizer
from backline.sanitize import Refused

SIGNATURE_HEADER = "x-hub-signature-256"
OLDEST_S = 7 * 24 * 3600
"""Meta delivers for a week; what is older was played back by somebody."""
STATUSES = frozenset({"sent", "delivered", "read", "failed"})
MALFORMED = (KeyError, TypeError, AttributeError, ValueError, OverflowError)
NOT_MESSAGES = frozenset({"reaction", "system", "request_welcome", "ephemeral"})
WINDOW_CLOSED = 131047
NO_SUCH_NUMBER_ID = 33
"""Subcode of 100: it is our own number's id that is wrong."""
RECIPIENT_ERRORS = frozenset({100, 131008, 131009, 131021, 131026, 131030, 131051})
"""Codes that no later try will change: the recipient or the message is at fault."""


class WhatsAppService(Service):
    """A WhatsApp number that Meta hosts."""

    name = "whatsapp"

    def __init__(self, credentials: WhatsApp, pseudonymizer: Pseudonymizer) -> None:
        self._credentials = credentials
        self._pseudonymizer = pseudonymizer

    # ---- What comes in ------------------------------------------------------------------------

    def handshake(self, request: Request) -> HTTPResponse:
        given = request.args.get("hub.verify_token") or ""
        ours = same(given, self._credentials.verify_token)
        challenge = request.args.get("hub.challenge") or ""
        if not ours or request.args.get("hub.mode") != "subscribe" or not challenge.isalnum():
            raise Refused("wrong_verify_token", "The verify token is missing or wrong.", 403)
        return response.text(challenge)

    def verify(self, request: Request) -> None:
        given = request.headers.get(SIGNATURE_HEADER, "")
        secret = self._credentials.app_secret.encode()
        signature = "sha256=" + hmac.new(secret, request.body, hashlib.sha256).hexdigest()
        if not same(given, signature):
            raise Refused("not_meta", "The signature is missing or wrong.", 401)

    def read(self, request: Request) -> WebhookContent:
        data = json_object(request)
        told = WebhookContent()
        try:
            for entry in data["entry"]:
                for change in entry["changes"]:
                    if change["field"] == "messages":
                        self._read_change(change["value"], told)
        except MALFORMED:
            raise Refused("no_notification", "That is no notification of WhatsApp.") from None
        return told

    def _read_change(self, value: dict[str, Any], told: WebhookContent) -> None:
        if value["metadata"]["phone_number_id"] != self._credentials.phone_number_id:
            return
        # What is malformed must not take the rest of the call with it.
        for message in value.get("messages", []):
            with suppress(*MALFORMED):
                incoming = self._incoming(message)
                if incoming is not None:
                    told.messages.append(incoming)
        for status in value.get("statuses", []):
            with suppress(*MALFORMED):
                if status["status"] in STATUSES:
                    code = (status.get("errors") or [{}])[0].get("code")
                    told.reports.append(
                        Report(self._hidden(status["id"]), status["status"], code and str(code))
                    )

    def _incoming(self, message: dict[str, Any]) -> Incoming | None:
        kind_of_content, moment = message["type"], int(message["timestamp"])
        if moment < time.time() - OLDEST_S or kind_of_content in NOT_MESSAGES:
            return None
        name, address = str(message["id"]), str(message["from"])
        if not (address.isascii() and address.isdigit()):
            raise ValueError("no number")
        context = message.get("context") or {}
        kind, text, choice = _told_in(message, context)
        if kind is Kind.CHOICE:
            answered = self._hidden(context["id"]) if context.get("id") else ""
            return Incoming(
                f"message:{name}",
                address,
                kind,
                "",
                answered,
                moment,
                choice,
                name,
                written_at=moment,
            )
        return Incoming(
            f"message:{name}", address, kind, text, name, moment, receipt=name, written_at=moment
        )

    def _hidden(self, message_id: str) -> str:
        # Meta's ids hold the number they went to.
        return self._pseudonymizer.digest(self.name, "sent", str(message_id))

    def taken(self) -> HTTPResponse:
        return response.json({})

    # ---- What goes out ------------------------------------------------------------------------

    async def send(self, http: aiohttp.ClientSession, address: str, message: Outgoing) -> Taken:
        body = {"recipient_type": "individual", "to": address, **_content(message)}
        reply = await self._post(http, body)
        taken = reply.data.get("messages") or [{}]
        return Taken(self._hidden(taken[0].get("id", "")), reply.at)

    async def notice(self, http: aiohttp.ClientSession, incoming: Incoming) -> None:
        read = {
            "status": "read",
            "message_id": incoming.receipt,
            "typing_indicator": {"type": "text"},
        }
        await self._post(http, read)

    async def _post(self, http: aiohttp.ClientSession, body: dict[str, Any]) -> HttpReply:
        own = self._credentials
        reply = await call(
            http,
            "POST",
            f"{own.api}/{own.phone_number_id}/messages",
            json={"messaging_product": "whatsapp", **body},
            headers={"Authorization": f"Bearer {own.token}"},
        )
        if reply.status == 200:
            return reply
        error = reply.data.get("error") or {}
        code = error.get("code") or reply.status
        if code == WINDOW_CLOSED:
            raise WindowClosed(str(code))
        if code in RECIPIENT_ERRORS and error.get("error_subcode") != NO_SUCH_NUMBER_ID:
            raise Undelivered(str(code))
        raise Later(str(code))

    async def check(self, http: aiohttp.ClientSession) -> list[str]:
        own = self._credentials
        try:
            reply = await call(
                http,
                "GET",
                f"{own.api}/{own.phone_number_id}",
                params={"fields": "verified_name,code_verification_status"},
                headers={"Authorization": f"Bearer {own.token}"},
            )
        except Undelivered as error:
            return [f"Meta does not answer ({error.code})."]
        if reply.status == 200 and reply.data.get("id") == own.phone_number_id:
            return []
        code = (reply.data.get("error") or {}).get("code") or reply.status
        return [
            "Meta refuses BACKLINE_WHATSAPP_TOKEN or BACKLINE_WHATSAPP_PHONE_NUMBER_ID "
            f"(error {code})."
        ]


def _told_in(message: dict[str, Any], context: dict[str, Any]) -> tuple[Kind, str, str]:
    """Find what somebody did, the words of it, and the option they chose."""
    kind_of_content = message["type"]
    if context.get("forwarded") or context.get("frequently_forwarded"):
        return Kind.FORWARDED, "", ""
    if kind_of_content == "text":
        return Kind.TEXT, str(message["text"]["body"]), ""
    if kind_of_content == "button":
        return Kind.TEXT, str(message["button"]["text"]), ""
    if kind_of_content == "interactive":
        reply = message["interactive"].get(message["interactive"]["type"]) or {}
        return Kind.CHOICE, "", str(reply.get("id", ""))
    content = message.get(kind_of_content)
    caption = content.get("caption") if isinstance(content, dict) else None
    return Kind.MEDIA, str(caption or ""), ""


def _content(message: Outgoing) -> dict[str, Any]:
    text = emphasised(message)
    if message.control is Control.BUTTONS:
        buttons = [
            {"type": "reply", "reply": {"id": choice, "title": title}}
            for title, choice in zip(message.options, message.choices, strict=True)
        ]
        return _interactive("button", text, {"buttons": buttons})
    if message.control is Control.LIST:
        rows = []
        for title, note, choice in zip(
            message.options, message.notes, message.choices, strict=True
        ):
            row = {"id": choice, "title": title}
            rows.append({**row, "description": note} if note else row)
        return _interactive("list", text, {"button": message.opener, "sections": [{"rows": rows}]})
    return {"type": "text", "text": {"preview_url": False, "body": text}}


def _interactive(kind: str, text: str, action: dict[str, Any]) -> dict[str, Any]:
    content = {"type": kind, "body": {"text": text}, "action": action}
    return {"type": "interactive", "interactive": content}


def emphasised(message: Outgoing) -> str:
    """The text with its headline bold, as WhatsApp marks it."""
    first, gap, rest = message.text.partition("\n\n")
    if not message.headline or "*" in first or "\n" in first:
        return message.text
    return f"*{first}*{gap}{rest}"
