"""An account of Twilio, as WhatsApp and the phone line use it: its signature and its API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from multidict import MultiDict
from sanic.request import Request
from twilio.request_validator import RequestValidator

from backline.credentials import TwilioAccount
from backline.delivery_errors import Undelivered
from backline.failures import Told
from backline.http_client import HttpReply, call
from backline.sanitize import Refused

SIGNATURE_HEADER = "x-twilio-signature"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200


class TwilioRefusal(Told, RuntimeError):
    """Twilio gives no answer, or refuses; the text says which."""


class TwilioAccess:
    """What Twilio asks of us, and what we ask of Twilio."""

    def __init__(self, account: TwilioAccount, public_url: str) -> None:
        self._account = account
        self._public_url = public_url
        self._validator = RequestValidator(account.auth_token)

    @property
    def account_sid(self) -> str:
        return self._account.account_sid

    def signed_form(self, request: Request) -> MultiDict[str]:
        """The form of a request that Twilio itself made.

        Raises:
            Refused: it did not, or it is no form.
        """
        # The address as Twilio called it, which a proxy may have changed on the way.
        query = f"?{request.query_string}" if request.query_string else ""
        url = f"{self._public_url}{request.path}{query}"
        given = request.headers.get(SIGNATURE_HEADER, "")
        fields = form_of(request)
        if not self._validator.validate(url, fields, given):
            raise Refused("not_twilio", "The signature is missing or wrong.", 401)
        return fields

    async def ask(
        self, http: aiohttp.ClientSession, method: str, path: str, **arguments: Any
    ) -> HttpReply:
        """Call the API for this account.

        Args:
            path: what follows the account in the address, such as `/Messages.json`.

        Raises:
            Later: no answer came.
        """
        own = self._account
        return await call(
            http,
            method,
            f"{own.api}/2010-04-01/Accounts/{own.account_sid}{path}",
            headers={"Authorization": aiohttp.encode_basic_auth(own.account_sid, own.auth_token)},
            **arguments,
        )

    async def resource(
        self, http: aiohttp.ClientSession, method: str, path: str, **arguments: Any
    ) -> dict[str, Any]:
        """What the API has there, or has now.

        Raises:
            TwilioRefusal: no answer came, or it says that something is wrong.
        """
        try:
            reply = await self.ask(http, method, path, **arguments)
        except Undelivered as error:
            raise TwilioRefusal(f"Twilio does not answer ({error.code})") from None
        if reply.status != 200:
            raise TwilioRefusal(f"Twilio refuses ({reply.data.get('code') or reply.status})")
        return reply.data

    async def problems(self, http: aiohttp.ClientSession) -> list[str]:
        """What is wrong with the account, in sentences."""
        try:
            reply = await self.ask(http, "GET", ".json")
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


def form_of(request: Request) -> MultiDict[str]:
    """The form of a request, empty fields too: the signature covers them.

    Raises:
        Refused: it is no form.
    """
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
