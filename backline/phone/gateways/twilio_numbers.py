"""Manage the telephone numbers of an account of Twilio, and where they bring their calls.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from backline.phone.credentials import PhoneSecrets
from backline.settings import PhoneSettings
from backline.twilio_api import TwilioAccess, TwilioRefusal

PATH = "/webhooks/phone/voice"
"""Where Twilio brings calls to."""
NUMBERS = "/IncomingPhoneNumbers"
MOST_NUMBERS = 1000
"""What Twilio gives at once at the most."""


@dataclass(frozen=True)
class Number:
    """A number, and the sentences that say what keeps its calls from coming here; none if they do.

    Attributes:
        here: its calls come here, perhaps with something amiss.
        fallback: whether callers hear something when this server is away.
    """

    number: str
    sid: str
    here: bool
    problems: tuple[str, ...]
    fallback: bool


class TwilioNumbers:
    """Looks numbers up, and points them here."""

    def __init__(self, secrets: PhoneSecrets) -> None:
        if secrets.twilio is None or secrets.public_url is None:
            raise ValueError("an account of Twilio and a public address are needed")
        self._access = TwilioAccess(secrets.twilio, secrets.public_url)
        self.voice_url = secrets.public_url + PATH
        self.status_url = f"{self.voice_url}/status"

    async def account_problems(self, http: aiohttp.ClientSession) -> list[str]:
        """Check the account; return what is wrong, in sentences."""
        return await self._access.problems(http)

    async def all(self, http: aiohttp.ClientSession) -> list[Number]:
        """Return every number of the account.

        Raises:
            TwilioRefusal: Twilio does not tell.
        """
        most = {"PageSize": str(MOST_NUMBERS)}
        found = await self._access.resource(http, "GET", f"{NUMBERS}.json", params=most)
        return [self._number(told) for told in found.get("incoming_phone_numbers", [])]

    async def point_here(self, http: aiohttp.ClientSession, number: str) -> None:
        """Point calls to this number here, with a word when they are over.

        Args:
            number: as `+61255500100`.

        Raises:
            TwilioRefusal: it is none of the account, takes no calls, or something else has them.
        """
        found = {known.number: known for known in await self.all(http)}
        if number not in found:
            others = ", ".join(sorted(found)) or "none"
            raise TwilioRefusal(f"the account has no number {number}; it has {others}")
        known = found[number]
        for problem in known.problems:
            if problem in OTHERS:
                raise TwilioRefusal(f"{number}: {problem}")
        await self._access.resource(
            http,
            "POST",
            f"{NUMBERS}/{known.sid}.json",
            data={
                "VoiceUrl": self.voice_url,
                "VoiceMethod": "POST",
                "StatusCallback": self.status_url,
                "StatusCallbackMethod": "POST",
            },
        )

    def _number(self, told: dict[str, Any]) -> Number:
        here = told.get("voice_url") == self.voice_url
        problems = []
        if not (told.get("capabilities") or {}).get("voice"):
            problems.append(NO_CALLS)
        if told.get("trunk_sid"):
            problems.append(TRUNK)
        if told.get("voice_application_sid"):
            problems.append(APPLICATION)
        if not here:
            problems.append(f"Its calls go to {told.get('voice_url') or 'nowhere'}, not here.")
        elif told.get("voice_method") != "POST":
            problems.append("Its webhook is called by GET; choose HTTP POST.")
        if here and told.get("status_callback") != self.status_url:
            problems.append(
                "Nothing is told when a caller hangs up: its call status changes go elsewhere."
            )
        elif here and told.get("status_callback_method") != "POST":
            problems.append("Its call status changes are told by GET; choose HTTP POST.")
        return Number(
            number=str(told.get("phone_number", "")),
            sid=str(told.get("sid", "")),
            here=here,
            problems=tuple(problems),
            fallback=bool(told.get("voice_fallback_url")),
        )


NO_CALLS = "It takes no calls: rent a number with Voice."
TRUNK = "It belongs to a SIP trunk, which has its calls: take it off the trunk in Twilio's console."
APPLICATION = (
    "A TwiML app has its calls: choose Webhook under Voice Configuration in Twilio's console."
)
OTHERS = (NO_CALLS, TRUNK, APPLICATION)
"""What a new address alone would not change."""


def transfer_problems(phone: PhoneSettings, numbers: list[Number]) -> list[str]:
    """Check where callers are connected to; return what is wrong, in sentences."""
    if any(number.number == phone.transfer_to for number in numbers):
        return [
            "transfer_to of clinic.yml is a number of this account of Twilio: callers who want a "
            "person would come back here. Write the clinic's own telephone."
        ]
    return []
