"""WhatsApp, by Twilio: https://www.twilio.com/docs/whatsapp"""

from __future__ import annotations

from urllib.parse import parse_qsl

import aiohttp
from multidict import MultiDict
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from backline.channels.credentials import Twilio
from backline.channels.incoming import Refused
from backline.channels.messages import (
    Incoming,
    Kind,
    Later,
    OptedOut,
    Outgoing,
    Report,
    Taken,
    Told,
    Undelivered,
    WindowClosed,
)
from backline.channels.service import Service, call
from backline.channels.whatsapp import emphasised

SIGNATURE_HEADER = "x-twilio-signature"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
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
        self._credentials = credentials
        self._public_url = public_url
        self._validator = RequestValidator(credentials.auth_token)

    # ---- What comes in ------------------------------------------------------------------------

    def verify(self, request: Request) -> None:
        # The address as Twilio called it, which a proxy may have changed on the way.
        query = f"?{request.query_string}" if request.query_string else ""
        url = f"{self._public_url}{request.path}{query}"
        given = request.headers.get(SIGNATURE_HEADER, "")
        if not self._validator.validate(url, _fields(request), given):
            raise Refused("not_twilio", "The signature is missing or wrong.", 401)

    def read(self, request: Request) -> Told:
        fields = _fields(request)
        sid = fields.get("MessageSid") or fields.get("SmsMessageSid")
        if not sid:
            raise Refused("no_message", "That is no message of Twilio.")
        if "MessageStatus" in fields:
            status = STATUSES.get(fields["MessageStatus"])
            report = Report(sid, status or "", fields.get("ErrorCode"))
            return Told(reports=[report] if status else [])
        if fields.get("To") != self._credentials.number or not fields.get("From"):
            return Told()
        return Told([_incoming(fields, sid)])

    def taken(self) -> HTTPResponse:
        return response.text(str(MessagingResponse()), content_type="text/xml")

    # ---- What goes out ------------------------------------------------------------------------

    async def send(self, http: aiohttp.ClientSession, address: str, message: Outgoing) -> Taken:
        own = self._credentials
        reply = await call(
            http,
            "POST",
            f"{own.api}/2010-04-01/Accounts/{own.account_sid}/Messages.json",
            auth=aiohttp.BasicAuth(own.account_sid, own.auth_token),
            data={
                "From": own.number,
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
        own = self._credentials
        try:
            reply = await call(
                http,
                "GET",
                f"{own.api}/2010-04-01/Accounts/{own.account_sid}.json",
                auth=aiohttp.BasicAuth(own.account_sid, own.auth_token),
            )
        except Undelivered as error:
            return [f"Twilio does not answer ({error.code})."]
        if reply.status != 200:
            return [
                "Twilio refuses BACKLINE_TWILIO_ACCOUNT_SID or BACKLINE_TWILIO_AUTH_TOKEN "
                f"({reply.data.get('code') or reply.status})."
            ]
        if reply.data.get("status") != "active":
            return [f"The Twilio account is {reply.data.get('status')}."]
        return []


def _fields(request: Request) -> MultiDict[str]:
    """The form of a request, empty fields too: the signature covers them."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Refused("bad_content_type", f"The body must be {FORM}.", 415)
    try:
        pairs = parse_qsl(
            request.body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(request.body),
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Refused("bad_form", "The body must be a form.") from None
    return MultiDict(pairs)


def _incoming(fields: MultiDict[str], sid: str) -> Incoming:
    text = fields.get("Body", "")
    kind, note = Kind.TEXT, ""
    opt_out = fields.get("OptOutType", "").lower()
    has_media = fields.get("NumMedia", "0") not in ("", "0")
    if opt_out in (Kind.STOP.value, Kind.START.value, Kind.HELP.value):
        # Twilio has answered these words by itself.
        kind, note = Kind(opt_out), opt_out
    elif any(fields.get(mark) == "true" for mark in ("Forwarded", "FrequentlyForwarded")):
        kind, text = Kind.FORWARDED, ""
    elif has_media or not text.strip():
        kind = Kind.MEDIA
    return Incoming(f"message:{sid}", fields["From"], kind, text, sid, note=note)
