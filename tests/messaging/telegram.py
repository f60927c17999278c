"""Telegram as https://core.telegram.org/bots/api documents it, and people who use it."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from html.parser import HTMLParser
from typing import Any

import requests
from aiohttp import web

from tests.messaging.person import Person
from tests.messaging.stand_in import Call, Shown, StandIn

TOKEN = "123456789:AAEexampleexampleexampleexample"
SECRET = "a-secret-that-telegram-sends-back"
TEXT_LIMIT = 4096
TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre"}


class _Entities(HTMLParser):
    """Parses text as Telegram does for parse_mode HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []
        self.wrong = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.wrong = self.wrong or tag not in TAGS
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.wrong = self.wrong or not self.open or self.open.pop() != tag

    def handle_data(self, data: str) -> None:
        self.text += data


def refuse(code: int, description: str, **parameters: Any) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=code)


def too_many(seconds: int) -> web.Response:
    return refuse(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


class Telegram(StandIn):
    """The Bot API for one bot."""

    def __init__(self) -> None:
        super().__init__()
        self.webhook: dict[str, Any] = {"url": ""}
        self.commands: list[dict[str, str]] = []
        self.started: set[str] = set()
        self.blocked: set[str] = set()
        self.callbacks: dict[str, dict[str, Any] | None] = {}
        self.update_ids = itertools.count(1000)
        self.message_ids = itertools.count(1)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BACKLINE_TELEGRAM_TOKEN": TOKEN,
            "BACKLINE_TELEGRAM_SECRET": SECRET,
            "BACKLINE_TELEGRAM_API": self.url,
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/bot{token}/{method}", self._call)]

    async def _call(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return refuse(401, "Unauthorized")
        method = request.match_info["method"]
        body = await request.json()
        self.calls.append((method, body))
        handler = getattr(self, f"_{method}", None)
        if handler is None:
            return refuse(404, "Not Found")
        answer = handler(body)
        return await answer if asyncio.iscoroutine(answer) else answer

    @staticmethod
    def _ok(result: Any = True) -> web.Response:
        return web.json_response({"ok": True, "result": result})

    def _getMe(self, _: dict[str, Any]) -> web.Response:
        return self._ok({"id": 123456789, "is_bot": True, "username": "BacklineBot"})

    def _setWebhook(self, body: dict[str, Any]) -> web.Response:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", body.get("secret_token", "")):
            return refuse(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = body
        return self._ok()

    def _deleteWebhook(self, _: dict[str, Any]) -> web.Response:
        self.webhook = {"url": ""}
        return self._ok()

    def _getWebhookInfo(self, _: dict[str, Any]) -> web.Response:
        return self._ok({"url": self.webhook["url"], "pending_update_count": 0})

    def _setMyCommands(self, body: dict[str, Any]) -> web.Response:
        for command in body["commands"]:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", command["command"])
            assert 1 <= len(command["description"]) <= 256
        self.commands = body["commands"]
        return self._ok()

    def _sendChatAction(self, body: dict[str, Any]) -> web.Response:
        if body["action"] != "typing":
            return refuse(400, "Bad Request: wrong parameter action in request")
        return self._ok()

    async def _sendMessage(self, body: dict[str, Any]) -> web.Response:
        chat = str(body["chat_id"])
        if (fault := await self.fault()) is not None:
            return fault
        if chat in self.blocked:
            return refuse(403, "Forbidden: bot was blocked by the user")
        if chat not in self.started:
            return refuse(400, "Bad Request: chat not found")
        parsed = _Entities()
        if body.get("parse_mode") == "HTML":
            if re.search(r"&(?!lt;|gt;|amp;|quot;|#)", body["text"]):
                return refuse(400, "Bad Request: can't parse entities")
            parsed.feed(body["text"])
            parsed.close()
            if parsed.wrong or parsed.open:
                return refuse(400, "Bad Request: can't parse entities")
        else:
            parsed.text = body["text"]
        units = len(parsed.text.encode("utf-16-le")) // 2
        if not parsed.text.strip():
            return refuse(400, "Bad Request: message text is empty")
        if units > TEXT_LIMIT:
            return refuse(400, "Bad Request: message is too long")
        controls = self._controls(body.get("reply_markup"))
        if isinstance(controls, web.Response):
            return controls
        number = next(self.message_ids)
        self.show(chat, Shown(str(number), parsed.text, controls))
        sent = {"message_id": number, "date": int(time.time()), "chat": {"id": int(chat)}}
        return await self.answer(chat, self._ok(sent))

    @staticmethod
    def _controls(markup: dict[str, Any] | None) -> list[tuple[str, str]] | web.Response:
        controls = []
        for row in (markup or {}).get("inline_keyboard", []):
            if len(row) > 8:
                return refuse(400, "Bad Request: too many buttons in a row")
            for button in row:
                if not button["text"]:
                    return refuse(400, "Bad Request: button text must be non-empty")
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    return refuse(400, "Bad Request: BUTTON_DATA_INVALID")
                controls.append((button["text"], button["callback_data"]))
        if len(controls) > 100:
            return refuse(400, "Bad Request: reply markup is too long")
        return controls

    def _editMessageReplyMarkup(self, body: dict[str, Any]) -> web.Response:
        phone = self.phones.get(str(body["chat_id"]), [])
        shown = next((m for m in phone if m.id == str(body["message_id"])), None)
        if shown is None:
            return refuse(400, "Bad Request: message to edit not found")
        controls = self._controls(body.get("reply_markup"))
        if isinstance(controls, web.Response):
            return controls
        if controls == shown.controls:
            return refuse(400, "Bad Request: message is not modified")
        shown.controls = controls
        return self._ok({"message_id": int(shown.id)})

    def _answerCallbackQuery(self, body: dict[str, Any]) -> web.Response:
        if self.callbacks.get(body["callback_query_id"], {}) is not None:
            return refuse(400, "Bad Request: query is too old or query ID is invalid")
        if len(body.get("text", "")) > 200:
            return refuse(400, "Bad Request: MESSAGE_TOO_LONG")
        self.callbacks[body["callback_query_id"]] = body
        return self._ok()

    # ---- What Telegram sends ------------------------------------------------------------------

    @staticmethod
    def call(update: dict[str, Any], secret: str | None = SECRET) -> Call:
        """How Telegram delivers an update."""
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        return Call("/webhooks/telegram/webhook", json.dumps(update).encode(), headers)

    def deliver(
        self, server: str, update: dict[str, Any], secret: str | None = SECRET
    ) -> requests.Response:
        return self.call(update, secret).make(server)


class TelegramPerson(Person):
    """Somebody who talks to the bot."""

    service: Telegram

    def __init__(self, service: Telegram, server: str) -> None:
        super().__init__(service, server, str(next(_chat_ids)))
        service.started.add(self.address)

    def message(self, **content: Any) -> dict[str, Any]:
        """A message in the private chat, as an update has it."""
        user = {"id": int(self.address), "is_bot": False, "first_name": "Ada"}
        return {
            "message_id": next(self.service.message_ids),
            "from": user,
            "chat": {"id": int(self.address), "type": "private", "first_name": "Ada"},
            "date": int(time.time()),
            **content,
        }

    def update(self, **content: Any) -> dict[str, Any]:
        return {"update_id": next(self.service.update_ids), **content}

    def write(self, text: str) -> dict[str, Any]:
        entities = []
        if text.startswith("/"):
            length = len(text.split()[0])
            entities = [{"type": "bot_command", "offset": 0, "length": length}]
        return self.update(message=self.message(text=text, entities=entities))

    def media(self, caption: str = "") -> dict[str, Any]:
        if not caption:
            voice = {"file_id": "AwACAgI", "file_unique_id": "AgAD", "duration": 3}
            return self.update(message=self.message(voice=voice))
        photo = [{"file_id": "AgACAgI", "file_unique_id": "AQAD", "width": 90, "height": 90}]
        return self.update(message=self.message(photo=photo, caption=caption))

    def forwarded(self, text: str) -> dict[str, Any]:
        origin = {"type": "hidden_user", "sender_user_name": "Bob", "date": int(time.time())}
        return self.update(message=self.message(text=text, forward_origin=origin))

    def edit(self, update: dict[str, Any], text: str) -> dict[str, Any]:
        """The update for changing what an earlier update said."""
        changed = {**update["message"], "text": text, "edit_date": int(time.time())}
        return self.update(edited_message=changed)

    def press_update(self, title: str) -> dict[str, Any]:
        """The update for pressing a button that is shown, the latest message first."""
        for shown in reversed(self.screen):
            for label, data in shown.controls:
                if title in (label, label.removeprefix("✅ ")):
                    query = f"cb{next(self.service.update_ids)}"
                    self.service.callbacks[query] = None
                    bot = {"message_id": int(shown.id), "date": int(time.time())}
                    chat = {"id": int(self.address), "type": "private"}
                    return self.update(
                        callback_query={
                            "id": query,
                            "from": {"id": int(self.address), "is_bot": False},
                            "message": {**bot, "chat": chat},
                            "chat_instance": "1",
                            "data": data,
                        }
                    )
        raise AssertionError(f"no button {title!r} is shown to {self.address}")

    def tick(self, line: str) -> None:
        """Press the number of a line of the list that was shown last, until it is ticked."""
        self.deliver(self.press_update(line))
        shown = self.screen[-1]
        self.wait_for(lambda: f"✅ {line}" in dict(shown.controls), "the tick")

    def call(self, update: Any) -> Call:
        return self.service.call(update)


_chat_ids = itertools.count(700_000_001)
