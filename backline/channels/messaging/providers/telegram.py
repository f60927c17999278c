"""Telegram, by its Bot API: https://core.telegram.org/bots/api"""

from __future__ import annotations

import datetime as dt
import html
import re
import time
from typing import Any

import aiohttp
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.messaging.keywords import telegram_commands
from backline.channels.messaging.messages import (
    Control,
    Incoming,
    Kind,
    Outgoing,
    Taken,
    WebhookContent,
)
from backline.channels.messaging.providers.base import Service, json_object, same
from backline.credentials import Telegram
from backline.delivery_errors import Later, Undelivered
from backline.http_client import call
from backline.sanitize import Refused

SECRET_HEADER = "x-telegram-bot-api-secret-token"
UPDATES = ["message", "edited_message", "callback_query", "channel_post"]
OLDEST_S = 7 * 24 * 3600
"""Telegram keeps an update for a day; what is older than a week was played back by somebody."""
RECENT_S = 600
"""Telegram goes on telling its latest error, long after it was put right."""
SHORT_TITLE = 16
NUMBERS_A_ROW = 6
_COMMAND = re.compile(r"/([a-z]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_PAYLOAD = re.compile(r"[\w-]{1,64}")
_MEDIA = frozenset(
    {
        "animation",
        "audio",
        "contact",
        "dice",
        "document",
        "game",
        "location",
        "paid_media",
        "photo",
        "poll",
        "sticker",
        "story",
        "venue",
        "video",
        "video_note",
        "voice",
    }
)


class TelegramService(Service):
    """A bot that is talked to in private."""

    name = "telegram"

    def __init__(self, credentials: Telegram, public_url: str) -> None:
        self._credentials = credentials
        self.webhook_url = f"{public_url}/webhooks/{self.name}/webhook"

    # ---- What comes in ------------------------------------------------------------------------

    def verify(self, request: Request) -> None:
        given = request.headers.get(SECRET_HEADER, "")
        if not same(given, self._credentials.secret):
            raise Refused("not_telegram", "The secret token is missing or wrong.", 401)

    def read(self, request: Request) -> WebhookContent:
        update = json_object(request)
        number = update.get("update_id")
        if not isinstance(number, int) or isinstance(number, bool):
            raise Refused("no_update", "That is no update of Telegram.")
        try:
            incoming = _incoming(update, number)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
            raise Refused("no_update", "That is no update of Telegram.") from None
        return WebhookContent([incoming] if incoming else [])

    def taken(self) -> HTTPResponse:
        return response.json({})

    # ---- What goes out ------------------------------------------------------------------------

    async def send(self, http: aiohttp.ClientSession, address: str, message: Outgoing) -> Taken:
        text = html.escape(message.text, quote=False)
        if message.headline:
            first, gap, rest = text.partition("\n\n")
            text = f"<b>{first}</b>{gap}{rest}"
        body: dict[str, Any] = {
            "chat_id": int(address),
            "text": text,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        if message.options:
            body["reply_markup"] = _keyboard(message)
        sent = await self._call(http, "sendMessage", body)
        at = dt.datetime.fromtimestamp(sent["date"], dt.timezone.utc)
        return Taken(str(sent["message_id"]), at)

    async def notice(self, http: aiohttp.ClientSession, incoming: Incoming) -> None:
        if incoming.kind in (Kind.TEXT, Kind.EDIT, Kind.START):
            typing = {"chat_id": int(incoming.address), "action": "typing"}
            await self._call(http, "sendChatAction", typing)

    async def settle(
        self, http: aiohttp.ClientSession, incoming: Incoming, alert: str = ""
    ) -> None:
        answer: dict[str, Any] = {"callback_query_id": incoming.receipt}
        if alert:
            answer |= {"text": alert, "show_alert": True}
        await self._call(http, "answerCallbackQuery", answer)

    async def tick(self, http: aiohttp.ClientSession, incoming: Incoming, shown: Outgoing) -> None:
        await self._edit(http, incoming.address, incoming.message, _keyboard(shown))

    async def take_controls(
        self, http: aiohttp.ClientSession, address: str, service_id: str
    ) -> None:
        await self._edit(http, address, service_id, {"inline_keyboard": []})

    async def _edit(
        self, http: aiohttp.ClientSession, address: str, message: str, keyboard: dict[str, Any]
    ) -> None:
        body = {"chat_id": int(address), "message_id": int(message), "reply_markup": keyboard}
        await self._call(http, "editMessageReplyMarkup", body)

    async def _call(
        self, http: aiohttp.ClientSession, method: str, body: dict[str, Any] | None = None
    ) -> Any:
        """The `result` of a method.

        Raises:
            Undelivered: Telegram refused.
        """
        url = f"{self._credentials.api}/bot{self._credentials.token}/{method}"
        reply = await call(http, "POST", url, json=body or {})
        status, answer = reply.status, reply.data
        if answer.get("ok") is True and "result" in answer:
            return answer["result"]
        if status == 429:
            after = (answer.get("parameters") or {}).get("retry_after")
            raise Later("429", float(after) if isinstance(after, int) else None)
        if status in (400, 403):
            raise Undelivered(str(status))
        # 401 and 404 mean that the token is wrong: that is put right here, not by the person.
        raise Later(str(status))

    # ---- Setting it up ------------------------------------------------------------------------

    async def set_webhook(self, http: aiohttp.ClientSession) -> None:
        """Tell Telegram where this server is, and what it offers.

        Raises:
            Undelivered: Telegram refused, or did not answer.
        """
        where = {
            "url": self.webhook_url,
            "secret_token": self._credentials.secret,
            "allowed_updates": UPDATES,
        }
        await self._call(http, "setWebhook", where)
        commands = [
            {"command": name, "description": text} for name, text in telegram_commands().items()
        ]
        await self._call(http, "setMyCommands", {"commands": commands})

    async def delete_webhook(self, http: aiohttp.ClientSession) -> None:
        """Tell Telegram to deliver nothing more; what waits is kept for a day.

        Raises:
            Undelivered: Telegram refused, or did not answer.
        """
        await self._call(http, "deleteWebhook")

    async def info(self, http: aiohttp.ClientSession) -> dict[str, Any]:
        """The bot's name and the state of its webhook, as Telegram tells them.

        Raises:
            Undelivered: Telegram refused, or did not answer.
        """
        me = await self._call(http, "getMe")
        return {"bot": me.get("username"), **await self._call(http, "getWebhookInfo")}

    async def check(self, http: aiohttp.ClientSession) -> list[str]:
        try:
            info = await self.info(http)
        except Undelivered as error:
            return [f"Telegram refuses BACKLINE_TELEGRAM_TOKEN or does not answer ({error.code})."]
        wrong = []
        if info.get("url") != self.webhook_url:
            wrong.append("The webhook is not set here; run `backline telegram set-webhook`.")
        if int(info.get("last_error_date", 0)) > time.time() - RECENT_S:
            wrong.append(f"Telegram's latest delivery failed: {info.get('last_error_message')}.")
        return wrong


def _incoming(update: dict[str, Any], number: int) -> Incoming | None:
    if "callback_query" in update:
        return _pressed(update["callback_query"], number)
    edited = update.get("edited_message")
    message = update.get("message") or edited or update.get("channel_post")
    if message is None or not _is_for_us(message):
        return None
    told = _told_in(message, edited=edited is not None)
    if told is None:
        return None
    kind, said, link = told
    written_at = int(message.get("edit_date") or message["date"])
    # After a week without updates Telegram begins to count from anywhere.
    key = f"update:{number}:{written_at}"
    address, name = str(int(message["chat"]["id"])), str(int(message["message_id"]))
    return Incoming(key, address, kind, said, name, number, written_at=written_at, link=link)


def _is_for_us(message: dict[str, Any]) -> bool:
    """Tell whether a person wrote it, lately; Telegram itself tells of titles changed and such."""
    by_a_bot = bool((message.get("from") or {}).get("is_bot"))
    lately = int(message["date"]) >= time.time() - OLDEST_S
    told = message.get("text") is not None or not _MEDIA.isdisjoint(message)
    return lately and not by_a_bot and told


def _told_in(message: dict[str, Any], *, edited: bool) -> tuple[Kind, str, str] | None:
    """Find what somebody did, the words of it, and the link that brought them."""
    text = message.get("text")
    said = str(text or message.get("caption") or "")
    if message["chat"]["type"] != "private":
        return Kind.ELSEWHERE, "", ""
    if any(part.startswith("forward_") for part in message):
        return Kind.FORWARDED, "", ""
    if edited:
        # Without words it is a changed picture, or a live location that moved.
        return (Kind.EDIT, said, "") if said else None
    return (Kind.MEDIA, said, "") if text is None else _command_in(said)


def _command_in(said: str) -> tuple[Kind, str, str]:
    command = _COMMAND.fullmatch(said)
    if command is None or command[1] not in telegram_commands():
        return Kind.TEXT, said, ""
    payload = command[2] or ""
    if not payload or (command[1] == "start" and _PAYLOAD.fullmatch(payload)):
        return Kind(command[1]), "", payload
    # Words after a command are not lost: they may matter more than it.
    return Kind.TEXT, payload, ""


def _pressed(query: dict[str, Any], number: int) -> Incoming | None:
    message = query.get("message")
    if message is None or message["chat"]["type"] != "private":
        return None
    return Incoming(
        f"callback:{query['id']}",
        str(int(message["chat"]["id"])),
        Kind.CHOICE,
        message=str(int(message["message_id"])),
        order=number,
        choice=str(query.get("data", "")),
        receipt=str(query["id"]),
    )


def _keyboard(message: Outgoing) -> dict[str, Any]:
    buttons = [
        {"text": label, "callback_data": choice}
        for label, choice in zip(message.options, message.choices, strict=True)
    ]
    rows: list[list[dict[str, str]]] = []
    for button in buttons:
        long = len(button["text"]) > SHORT_TITLE
        room = NUMBERS_A_ROW if message.control in (Control.SCALE, Control.TOGGLES) else 2
        fits = rows and len(rows[-1]) < room and not long and not _is_long(rows[-1][-1])
        if fits and _is_number(button) == _is_number(rows[-1][-1]):
            rows[-1].append(button)
        else:
            rows.append([button])
    return {"inline_keyboard": rows}


def _is_long(button: dict[str, str]) -> bool:
    return len(button["text"]) > SHORT_TITLE


def _is_number(button: dict[str, str]) -> bool:
    return button["text"].split()[-1].isdigit()
