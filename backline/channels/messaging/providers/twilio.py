"""WhatsApp, by Twilio: https://www.twilio.com/docs/whatsapp"""

from __future__ import annotations

import aiohttp
from multidict import MultiDict
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.twiml.messaging_response import MessagingResponse

from backline.channels.messaging.messages import (
    Incoming,
    Kind,
    Outgoing,
    Report,
    Taken,
    WebhookContent,
)
from backline.channels.messaging.providers.base import Service
from backline.channels.messaging.providers.whatsapp import emphasised
from backline.credentials import Twilio
from backline.delivery_errors import Later, OptedOut, Undelivered, WindowClosed
from backline.sanitize import Refused
from backline.twilio_api import TwilioAccess, form_of

STATUSES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
}
WINDOW_CLOSED = 63016
OPTED_OUT = 21610
LATER = frozenset({401, 403, 404, 408, 429})
OUR_NUMBER = frozenset({21212, 21606, 63007})
"""The account, the address or the rate: put right here or by waiting, not by the person."""


class TwilioService(Service):
    """A WhatsApp number that Twilio hosts."""

    name = "twilio"

    def __init__(self, credentials: Twilio, public_url: str) -> None:
        self._number = credentials.number
        self._public_url = public_url
        self._access = TwilioAccess(credentials, public_url)

    # ---- What comes in ------------------------------------------------------------------------

    def verify(self, request: Request) -> None:
        self._access.signed_form(request)

    def read(self, request: Request) -> WebhookContent:
        fields = form_of(request)
        sid = fields.get("MessageSid") or fields.get("SmsMessageSid")
        if not sid:
            raise Refused("no_message", "That is no message of Twilio.")
        if "MessageStatus" in fields:
            status = STATUSES.get(fields["MessageStatus"])
            report = Report(sid, status or "", fields.get("ErrorCode"))
            return WebhookContent(reports=[report] if status else [])
        if fields.get("To") != self._number or not fields.get("From"):
            return WebhookContent()
        return WebhookContent([_incoming(fields, sid)])

    def taken(self) -> HTTPResponse:
        return response.text(str(MessagingResponse()), content_type="text/xml")

    # ---- What goes out ------------------------------------------------------------------------

    async def send(self, http: aiohttp.ClientSession, address: str, message: Outgoing) -> Taken:
        reply = await self._access.ask(
            http,
            "POST",
            "/Messages.json",
            data={
                "From": self._number,
                "To": address,
                "Body": emphasised(message),
                "StatusCallback": f"{self._public_url}/webhooks/{self.name}/webhook",
            },
        )
        status = reply.status
        if status == 201:
            return Taken(str(reply.data.get("sid", "")), reply.at)
        code = reply.data.get("code") or status
        if code == WINDOW_CLOSED:
            raise WindowClosed(str(code))
        if code == OPTED_OUT:
            raise OptedOut(str(code))
        if status >= 500 or status in LATER or code in OUR_NUMBER:
            raise Later(str(code))
        raise Undelivered(str(code))

    async def check(self, http: aiohttp.ClientSession) -> list[str]:
        return await self._access.problems(http)


def _incoming(fields: MultiDict[str], sid: str) -> Incoming:
    text = fields.get("Body", "")
    kind, answered = Kind.TEXT, False
    opt_out = fields.get("OptOutType", "").lower()
    has_media = fields.get("NumMedia", "0") not in ("", "0")
    if opt_out in (Kind.STOP.value, Kind.START.value, Kind.HELP.value):
        # Twilio has answered these words by itself.
        kind, answered = Kind(opt_out), True
    elif any(fields.get(mark) == "true" for mark in ("Forwarded", "FrequentlyForwarded")):
        kind, text = Kind.FORWARDED, ""
    elif has_media or not text.strip():
        kind = Kind.MEDIA
    address, key = fields["From"], f"message:{sid}"
    return Incoming(key, address, kind, text, sid, answered_by_service=answered)
