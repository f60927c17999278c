"""Twilio's messaging as it documents it, and people who use WhatsApp through it."""

from __future__ import annotations

import base64
import itertools
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.messaging.person import Person
from tests.messaging.stand_in import Call, Shown, StandIn

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
AUTH_TOKEN = "0123456789abcdef0123456789abcdee"
NUMBER = "whatsapp:+61255500100"
BODY_LIMIT = 1600


def refuse(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response(
        {"code": code, "message": message, "more_info": more, "status": status}, status=status
    )


def too_many() -> web.Response:
    return refuse(429, 20429, "Too Many Requests")


class Twilio(StandIn):
    """The messaging API for one account."""

    def __init__(self) -> None:
        super().__init__()
        self.serial = itertools.count(1)
        self.opted_out: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BACKLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
            "BACKLINE_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "BACKLINE_TWILIO_NUMBER": NUMBER,
            "BACKLINE_TWILIO_API": self.url,
        }

    def routes(self) -> list[web.RouteDef]:
        account = f"/2010-04-01/Accounts/{ACCOUNT}"
        return [
            web.post(f"{account}/Messages.json", self._messages),
            web.get(f"{account}.json", self._account),
        ]

    @staticmethod
    def _unauthorised(request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        expected = base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        if given != f"Basic {expected}":
            return refuse(401, 20003, "Authenticate")
        return None

    async def _account(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        return web.json_response({"sid": ACCOUNT, "status": "active"})

    async def _messages(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        form = dict(await request.post())
        self.calls.append(("Messages", form))
        if (fault := await self.fault()) is not None:
            return fault
        to, body = str(form.get("To", "")), str(form.get("Body", ""))
        if not re.fullmatch(r"whatsapp:\+\d{6,15}", to):
            return refuse(400, 21211, "The 'To' number is not a valid phone number.")
        if form.get("From") != NUMBER:
            return refuse(400, 63007, "Twilio could not find a Channel with the From address")
        if to in self.opted_out:
            return refuse(400, 21610, "Attempt to send to unsubscribed recipient")
        if not body:
            return refuse(400, 21602, "Message body is required.")
        if len(body) > BODY_LIMIT:
            return refuse(400, 21617, "The concatenated message body exceeds the limit")
        if not urlsplit(str(form.get("StatusCallback", "http://x"))).scheme.startswith("http"):
            return refuse(400, 21609, "Invalid StatusCallback")
        sid = self.sid("SM")
        self.show(to, Shown(sid, body))
        taken = web.json_response({"sid": sid, "status": "queued"}, status=201)
        return await self.answer(to, taken)

    def sid(self, kind: str) -> str:
        return f"{kind}{next(self.serial):032x}"

    # ---- What Twilio sends --------------------------------------------------------------------

    @staticmethod
    def call(public_url: str, fields: dict[str, str], signature: str | None = None) -> Call:
        """How Twilio delivers a message: a form, signed for the webhook's public address."""
        path = "/webhooks/twilio/webhook"
        signed = RequestValidator(AUTH_TOKEN).compute_signature(public_url + path, fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signed if signature is None else signature,
        }
        return Call(path, urlencode(fields).encode(), headers)

    def deliver(
        self,
        server: str,
        public_url: str,
        fields: dict[str, str],
        signature: str | None = None,
    ) -> requests.Response:
        return self.call(public_url, fields, signature).make(server)


class TwilioPerson(Person):
    """Somebody who writes to the clinic's WhatsApp number."""

    service: Twilio
    public_url = "https://bot.clinic.example"

    def __init__(self, service: Twilio, server: str) -> None:
        super().__init__(service, server, f"whatsapp:+614{next(_numbers):08d}")

    def write(self, text: str) -> dict[str, str]:
        sid = self.service.sid("SM")
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": ACCOUNT,
            "MessagingServiceSid": "",
            "From": self.address,
            "To": NUMBER,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ProfileName": "Ada",
            "WaId": self.address.removeprefix("whatsapp:+"),
            "ApiVersion": "2010-04-01",
        }

    def media(self, caption: str = "") -> dict[str, str]:
        sid = "MM" + self.service.sid("")[-32:]
        url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/ME1"
        kind = "image/jpeg" if caption else "audio/ogg"
        media = {"NumMedia": "1", "MediaContentType0": kind, "MediaUrl0": url}
        return {**self.write(caption), "MessageSid": sid, **media}

    def forwarded(self, text: str) -> dict[str, str]:
        return {**self.write(text), "Forwarded": "true"}

    def press_update(self, title: str) -> dict[str, str]:
        """Twilio shows no buttons; the number beside the option is what one answers with."""
        return self.write(self.number_of(title))

    def call(self, update: Any) -> Call:
        return self.service.call(self.public_url, update)


_numbers = itertools.count(1)
