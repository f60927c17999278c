"""Twilio's text messages as it documents them, for one account and one number that sends.

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
"""

from __future__ import annotations

import base64
import itertools
import re

from aiohttp import web

from tests.messaging.stand_in import Shown, StandIn
from tests.messaging.twilio import BODY_LIMIT, refuse
from tests.phone.twilio_voice import ACCOUNT, AUTH_TOKEN, NUMBER

FIELDS = frozenset({"To", "From", "Body", "StatusCallback", "ValidityPeriod"})


class TwilioMessages(StandIn):
    """Takes text messages, and refuses what Twilio would."""

    def __init__(self) -> None:
        super().__init__()
        self.serial = itertools.count(1)
        self.opted_out: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BACKLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
            "BACKLINE_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "BACKLINE_TWILIO_API": self.url,
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self._messages)]

    async def _messages(self, request: web.Request) -> web.Response:
        expected = base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return refuse(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(("Messages", form))
        if (fault := await self.fault()) is not None:
            return fault
        if unknown := form.keys() - FIELDS:
            raise AssertionError(f"no such parameter: {sorted(unknown)}")
        to, body = form.get("To", ""), form.get("Body", "")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            return refuse(400, 21211, "The 'To' number is not a valid phone number.")
        if form.get("From") != NUMBER:
            return refuse(400, 21606, "The From phone number is not a valid message-capable number")
        if to in self.opted_out:
            return refuse(400, 21610, "Attempt to send to unsubscribed recipient")
        if not body.strip():
            return refuse(400, 21602, "Message body is required.")
        if len(body) > BODY_LIMIT:
            return refuse(400, 21617, "The concatenated message body exceeds the limit")
        sid = f"SM{next(self.serial):032x}"
        self.show(to, Shown(sid, body))
        taken = web.json_response({"sid": sid, "status": "queued"}, status=201)
        return await self.answer(to, taken)
