"""The telephone numbers of an account, as Twilio's API has them.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.messaging.stand_in import StandIn
from tests.messaging.twilio import refuse
from tests.phone.twilio_voice import ACCOUNT, AUTH_TOKEN, NUMBER

SID = "PN" + "1" * 32
SETTINGS = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
    "TrunkSid": "trunk_sid",
}


def number(**settings: Any) -> dict[str, Any]:
    """A number as it is when it was just rented."""
    return {
        "sid": SID,
        "account_sid": ACCOUNT,
        "phone_number": NUMBER,
        "friendly_name": NUMBER,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "voice_url": "https://demo.twilio.com/welcome/voice/",
        "voice_method": "POST",
        "voice_fallback_url": None,
        "voice_fallback_method": "POST",
        "voice_application_sid": None,
        "status_callback": "",
        "status_callback_method": "POST",
        "trunk_sid": None,
        **settings,
    }


class TwilioNumbersApi(StandIn):
    """The part of Twilio's API that knows an account's numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = [number()]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BACKLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
            "BACKLINE_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "BACKLINE_TWILIO_API": self.url,
        }

    def routes(self) -> list[web.RouteDef]:
        account = f"/2010-04-01/Accounts/{ACCOUNT}"
        return [
            web.get(f"{account}.json", self._account),
            web.get(f"{account}/IncomingPhoneNumbers.json", self._list),
            web.post(f"{account}/IncomingPhoneNumbers/{{sid}}.json", self._update),
        ]

    @staticmethod
    def _unauthorised(request: web.Request) -> web.Response | None:
        expected = base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        if request.headers.get("Authorization", "") != f"Basic {expected}":
            return refuse(401, 20003, "Authenticate")
        return None

    async def _account(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        return web.json_response({"sid": ACCOUNT, "status": "active"})

    async def _list(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        size = int(request.query.get("PageSize", "50"))
        if not 1 <= size <= 1000 or set(request.query) - {"PageSize", "PhoneNumber"}:
            return refuse(400, 20001, "Unknown parameters")
        shown = self.numbers[:size]
        return web.json_response({"incoming_phone_numbers": shown, "page": 0, "page_size": size})

    async def _update(self, request: web.Request) -> web.Response:
        if (refused := self._unauthorised(request)) is not None:
            return refused
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(("IncomingPhoneNumbers", dict(form)))
        found = next((n for n in self.numbers if n["sid"] == request.match_info["sid"]), None)
        if found is None:
            return refuse(404, 20404, "The requested resource was not found")
        if unknown := set(form) - set(SETTINGS):
            return refuse(400, 20001, f"Unknown parameter {sorted(unknown)[0]}")
        for name, value in form.items():
            if name.endswith("Method") and value not in ("GET", "POST"):
                return refuse(400, 21403, "Invalid Method")
            if name == "VoiceUrl" and urlsplit(value).scheme not in ("http", "https"):
                return refuse(400, 21502, "Invalid VoiceUrl")
            if name == "StatusCallback" and urlsplit(value).scheme not in ("http", "https"):
                return refuse(400, 21609, "Invalid StatusCallback")
        found.update({SETTINGS[name]: value for name, value in form.items()})
        return web.json_response(found)
