"""WhatsApp's Cloud API as Meta documents it, and people who use it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from typing import Any

import requests
from aiohttp import web

from tests.messaging.person import Person
from tests.messaging.stand_in import Call, Shown, StandIn

TOKEN = "EAAexampleexampleexample"
APP_SECRET = "0123456789abcdef0123456789abcdef"
VERIFY_TOKEN = "a-verify-token-of-our-own"
PHONE_NUMBER_ID = "106540352242922"
VERSION = "v23.0"
WINDOW_S = 24 * 3600


def refuse(status: int, code: int, message: str) -> web.Response:
    error = {
        "message": f"(#{code}) {message}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": message},
        "fbtrace_id": "AbCdEf",
    }
    return web.json_response({"error": error}, status=status)


def too_many() -> web.Response:
    return refuse(429, 130429, "Rate limit hit")


class WhatsApp(StandIn):
    """The Cloud API for one number."""

    def __init__(self) -> None:
        super().__init__()
        self.last_written: dict[str, float] = {}
        self.read: set[str] = set()
        self.serial = itertools.count(1)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BACKLINE_WHATSAPP_TOKEN": TOKEN,
            "BACKLINE_WHATSAPP_APP_SECRET": APP_SECRET,
            "BACKLINE_WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
            "BACKLINE_WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
            "BACKLINE_WHATSAPP_API": f"{self.url}/{VERSION}",
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{VERSION}/{{number}}/messages", self._messages),
            web.get(f"/{VERSION}/{{number}}", self._number),
        ]

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refuse(401, 190, "Invalid OAuth access token")
        if request.match_info["number"] != PHONE_NUMBER_ID:
            return refuse(400, 100, "Unsupported get request. Object does not exist")
        return None

    async def _number(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        return web.json_response({"verified_name": "Clinic", "id": PHONE_NUMBER_ID})

    async def _messages(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        body = await request.json()
        self.calls.append(("messages", body))
        if body.get("messaging_product") != "whatsapp":
            return refuse(400, 100, "The parameter messaging_product is required.")
        if body.get("status") == "read":
            self.read.add(body["message_id"])
            return web.json_response({"success": True})
        if (fault := await self.fault()) is not None:
            return fault
        to = str(body.get("to", ""))
        if time.time() - self.last_written.get(to, 0) > WINDOW_S:
            return refuse(400, 131047, "Re-engagement message")
        try:
            text, controls = self._content(body)
        except (AssertionError, KeyError) as error:
            return refuse(400, 100, f"Invalid parameter: {error}")
        wamid = self.wamid(to)
        self.show(to, Shown(wamid, text, controls))
        contacts = [{"input": to, "wa_id": to}]
        taken = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]}
        return await self.answer(to, web.json_response(taken))

    def wamid(self, number: str) -> str:
        """An id as Meta makes them: the number is in it."""
        raw = f"{number}:{next(self.serial)}".encode()
        return "wamid." + base64.b64encode(raw).decode()

    @staticmethod
    def _content(body: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
        if body["type"] == "text":
            text = body["text"]["body"]
            assert 1 <= len(text) <= 4096, "text.body"
            return text, []
        assert body["type"] == "interactive", "type"
        interactive = body["interactive"]
        text = interactive["body"]["text"]
        assert 1 <= len(text) <= 1024, "interactive.body.text"
        action = interactive["action"]
        if interactive["type"] == "button":
            replies = [button["reply"] for button in action["buttons"]]
            assert all(button["type"] == "reply" for button in action["buttons"]), "type"
            assert 1 <= len(replies) <= 3, "1 to 3 buttons"
            assert all(1 <= len(r["title"]) <= 20 for r in replies), "button title"
            assert all(1 <= len(r["id"]) <= 256 for r in replies), "button id"
            assert len({r["title"] for r in replies}) == len(replies), "titles must be unique"
        else:
            assert interactive["type"] == "list", "interactive.type"
            assert 1 <= len(action["button"]) <= 20, "action.button"
            assert 1 <= len(action["sections"]) <= 10, "sections"
            replies = [row for section in action["sections"] for row in section["rows"]]
            assert len(action["sections"]) == 1 or all(s["title"] for s in action["sections"])
            assert 1 <= len(replies) <= 10, "10 rows in all"
            assert all(1 <= len(r["title"]) <= 24 for r in replies), "row title"
            assert all(len(r.get("description", "x")) <= 72 for r in replies), "description"
            assert all(r.get("description", "x") for r in replies), "empty description"
            assert all(1 <= len(r["id"]) <= 200 for r in replies), "row id"
        assert len({r["id"] for r in replies}) == len(replies), "ids must be unique"
        return text, [(r["title"], r["id"]) for r in replies]

    # ---- What Meta sends ----------------------------------------------------------------------

    def notification(
        self,
        messages: list[dict[str, Any]] | None = None,
        statuses: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        metadata = {"display_phone_number": "61255500100", "phone_number_id": PHONE_NUMBER_ID}
        value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": metadata}
        if messages:
            value["contacts"] = [{"profile": {"name": "Ada"}, "wa_id": m["from"]} for m in messages]
            value["messages"] = messages
        if statuses:
            value["statuses"] = statuses
        change = {"value": value, "field": "messages"}
        entry = [{"id": "102290129340398", "changes": [change]}]
        return {"object": "whatsapp_business_account", "entry": entry}

    @staticmethod
    def call(notification: dict[str, Any], signature: str | None = None) -> Call:
        """How Meta delivers a notification, signed."""
        body = json.dumps(notification).encode()
        signed = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature or f"sha256={signed}",
        }
        return Call("/webhooks/whatsapp/webhook", body, headers)

    def deliver(
        self, server: str, notification: dict[str, Any], signature: str | None = None
    ) -> requests.Response:
        return self.call(notification, signature).make(server)

    def report(self, server: str, shown: Shown, to: str, status: str, code: int = 0) -> None:
        """Deliver what became of a message."""
        told: dict[str, Any] = {
            "id": shown.id,
            "status": status,
            "timestamp": str(int(time.time())),
            "recipient_id": to,
        }
        if code:
            told["errors"] = [{"code": code, "title": "Failed"}]
        assert self.deliver(server, self.notification(statuses=[told])).status_code == 200


class WhatsAppPerson(Person):
    """Somebody who writes to the clinic's number."""

    service: WhatsApp

    def __init__(self, service: WhatsApp, server: str) -> None:
        super().__init__(service, server, f"614{next(_numbers):08d}")

    def message(self, kind: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A message as a notification has it."""
        return {
            "from": self.address,
            "id": self.service.wamid(self.address),
            "timestamp": str(int(time.time())),
            "type": kind,
            kind: content,
            **more,
        }

    def write(self, text: str) -> dict[str, Any]:
        return self.service.notification([self.message("text", {"body": text})])

    def media(self, caption: str = "") -> dict[str, Any]:
        kind, content = "audio", {"id": "1234", "mime_type": "audio/ogg; codecs=opus"}
        if caption:
            kind, content = "image", {"id": "1234", "mime_type": "image/jpeg", "caption": caption}
        return self.service.notification([self.message(kind, content)])

    def forwarded(self, text: str) -> dict[str, Any]:
        message = self.message("text", {"body": text}, context={"forwarded": True})
        return self.service.notification([message])

    def press_update(self, title: str) -> dict[str, Any]:
        for shown in reversed(self.screen):
            for label, reply_id in shown.controls:
                if title in (label, label.partition(". ")[2]):
                    kind = "button_reply" if len(shown.controls) <= 3 else "list_reply"
                    reply = {"id": reply_id, "title": label}
                    content = {"type": kind, kind: reply}
                    context = {"from": "61255500100", "id": shown.id}
                    message = self.message("interactive", content, context=context)
                    return self.service.notification([message])
        return self.write(self.number_of(title))

    def call(self, update: Any) -> Call:
        self.service.last_written[self.address] = time.time()
        return self.service.call(update)


_numbers = itertools.count(1)
