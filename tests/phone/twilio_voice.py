"""Twilio Voice as it documents itself, and a caller on it.

It fetches TwiML by signed form posts, carries it out verb by verb, and refuses what its
documentation does not know: https://www.twilio.com/docs/voice/twiml and the error reference,
https://www.twilio.com/docs/api/errors, whose numbers stand in the refusals.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
from twilio.request_validator import RequestValidator

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
AUTH_TOKEN = "0123456789abcdef0123456789abcdee"
NUMBER = "+61255500199"
PUBLIC_URL = "https://bot.clinic.example"
PATH = "/webhooks/phone/voice"
TIMEOUT_S = 15.0
MOST_REDIRECTS = 20
LAST_STATES = ("completed", "busy", "failed", "no-answer", "canceled")


class TwilioError(AssertionError):
    """What would be in Twilio's error log; the caller hears "an application error has occurred"."""


def one_of(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


def matches(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


POSITIVE = matches(r"[1-9]\d*")
FLAG = one_of("true", "false")
METHOD = one_of("POST")  # GET is documented; nothing here answers it.
E164 = matches(r"\+[1-9]\d{6,14}")
SPEECH = {"voice": matches(r"[A-Za-z0-9.-]+"), "language": matches(r"[a-z]{2}-[A-Z]{2}")}


def hints_fit(value: str) -> bool:
    """Error 13330."""
    hints = value.split(",")
    return len(hints) <= 500 and all(0 < len(h) <= 100 and h == h.strip() for h in hints)


@dataclass(frozen=True)
class Verb:
    """What an element takes.

    Attributes:
        inside: elements that it may hold.
        text: whether it holds text.
    """

    attributes: dict[str, Callable[[str], bool]]
    inside: tuple[str, ...] = ()
    text: bool = False


def an_address(value: str) -> bool:
    return urljoin(PUBLIC_URL, value).startswith(PUBLIC_URL)


WHISPERS = ("Say", "Pause", "Hangup")
"""What of TwiML is used at the dialled end; Gather, Play and Redirect are documented, too."""
VERBS = {
    "Response": Verb({}, ("Say", "Pause", "Gather", "Redirect", "Dial", "Hangup")),
    "Say": Verb({**SPEECH, "loop": matches(r"\d+")}, ("prosody", "break", "emphasis"), text=True),
    "prosody": Verb(
        {"rate": matches(r"x-slow|slow|medium|fast|x-fast|\d+%"), "volume": matches(r"\S+")},
        text=True,
    ),
    "break": Verb({"time": matches(r"\d+m?s"), "strength": matches(r"[a-z-]+")}),
    "emphasis": Verb({"level": one_of("strong", "moderate", "reduced")}, text=True),
    "Pause": Verb({"length": POSITIVE}),
    "Gather": Verb(
        {
            "input": one_of("dtmf", "speech", "dtmf speech", "speech dtmf"),
            "action": an_address,
            "method": METHOD,
            "actionOnEmptyResult": FLAG,
            "timeout": POSITIVE,  # 13313
            "speechTimeout": matches(r"auto|[1-9]\d*"),  # 13327
            "maxSpeechTime": lambda v: bool(POSITIVE(v)) and int(v) <= 60,  # 13328
            "numDigits": POSITIVE,  # 13314
            "finishOnKey": matches(r"[0-9#*]*"),  # 13310
            "profanityFilter": FLAG,
            "language": matches(r"[a-z]{2}-[A-Z]{2}"),  # 13331
            "hints": hints_fit,  # 13330
            "bargeIn": FLAG,  # 13332
            "speechModel": matches(r"[A-Za-z0-9_.-]+"),  # 13334
            "enhanced": FLAG,
            "partialResultCallback": an_address,
            "partialResultCallbackMethod": METHOD,
        },
        ("Say", "Play", "Pause"),
    ),
    "Redirect": Verb({"method": METHOD}, text=True),
    "Dial": Verb(
        {
            "action": an_address,
            "method": METHOD,
            "timeout": lambda v: bool(POSITIVE(v)) and 5 <= int(v) <= 600,  # 13212
            "callerId": E164,
            "hangupOnStar": FLAG,
            "timeLimit": POSITIVE,
            "answerOnBridge": FLAG,
            "record": one_of("do-not-record"),
        },
        ("Number",),
        text=True,
    ),
    "Number": Verb({"url": an_address, "method": METHOD}, text=True),
    "Hangup": Verb({}),
}


def check(element: ET.Element) -> None:
    """Refuse an element, or what is in it, that Twilio does not document."""
    verb = VERBS.get(element.tag)
    if verb is None:
        raise TwilioError(f"12200: {element.tag} is no element of TwiML")
    for name, value in element.attrib.items():
        fits = verb.attributes.get(name)
        if fits is None:
            raise TwilioError(f"12200: {element.tag} takes no {name}")
        if not fits(value):
            raise TwilioError(f"{element.tag}: invalid {name}: {value!r}")
    if not verb.text and (element.text or "").strip():
        raise TwilioError(f"12200: {element.tag} takes no text")
    for inner in element:
        if inner.tag not in verb.inside:
            raise TwilioError(f"12200: {inner.tag} is not allowed in {element.tag}")
        if (inner.tail or "").strip() and element.tag != "Say":
            raise TwilioError(f"12200: {element.tag} takes no text")
        check(inner)
    if element.tag == "Say":
        text = "".join(element.itertext())
        if not text.strip():
            raise TwilioError("13520: Say has no text")
        if len(text.encode()) > 3000:
            raise TwilioError("13521: Say is too long for the voice")
        if len(element) and not re.fullmatch(
            r"Polly\.[A-Za-z]+(-Neural)?", element.get("voice", "")
        ):
            raise TwilioError("13513: this voice takes no SSML")
    if element.get("speechModel") and element.get("speechTimeout") == "auto":
        raise TwilioError("13335: speechTimeout auto cannot be used with a model")


@dataclass
class TwilioCall:
    """A call, as its caller has it at the ear.

    Attributes:
        said: what was said to the caller, all of it, in order.
        slowly: what of it was said slowly.
        gather: the attributes of what listens now; None if nothing does.
        dialling: the number that is being called and the callerId that it sees.
        whispered: what who answered there heard before they were connected.
        state: `ringing`, `in-progress`, or one of `LAST_STATES`.
    """

    twilio: TwilioVoice
    sid: str
    caller: str
    fields: dict[str, str]
    said: list[str] = field(default_factory=list)
    slowly: list[str] = field(default_factory=list)
    gather: dict[str, str] | None = None
    dialling: tuple[str, str] | None = None
    whispered: list[str] = field(default_factory=list)
    state: str = "ringing"
    _dial_action: str = ""
    _whisper_at: str = ""
    _rest: list[ET.Element] = field(default_factory=list)
    _document: str = ""
    _redirects: int = 0

    @property
    def last(self) -> str:
        """What was said since the caller did something."""
        return " ".join(self.said[self._heard_from :])

    _heard_from: int = 0

    # ---- What a caller does -------------------------------------------------------------------

    async def say(self, words: str, confidence: float | str | None = 0.93, repeat: int = 1) -> str:
        told = {"SpeechResult": words}
        if confidence is not None:
            told["Confidence"] = str(confidence)
        return await self._gathered(told, repeat)

    async def press(self, keys: str, repeat: int = 1) -> str:
        assert self.gather is not None, "nothing listens"
        ends = self.gather.get("finishOnKey", "#")
        most = int(self.gather.get("numDigits", "999"))
        digits, finished = "", ""
        for key in keys:
            if key in ends:
                finished = key
                break
            digits += key
            if len(digits) == most:
                break
        return await self._gathered({"Digits": digits, "FinishedOnKey": finished}, repeat)

    async def silent(self, repeat: int = 1) -> str:
        return await self._gathered({}, repeat)

    async def hang_up(self, state: str = "completed") -> None:
        assert state in LAST_STATES
        self.state, self.gather, self._rest = state, None, []
        await self.twilio.report(self)

    async def dial_ends(self, outcome: str) -> str:
        """The clinic's telephone: `completed` after a talk, `busy`, `no-answer`, `failed`."""
        assert self.dialling is not None, "nobody is being called"
        if outcome in ("completed", "answered") and self._whisper_at:
            await self._whisper()
        self.dialling = None
        self._heard_from = len(self.said)
        told = {"DialCallStatus": outcome, "DialCallSid": self.sid.replace("CA", "CB")}
        if outcome == "completed":
            told |= {"DialCallDuration": "61", "DialBridged": "true"}
        await self._fetch(self._dial_action, told)
        return self.last

    async def _whisper(self) -> None:
        """Fetch what is said at the dialled end alone; the call there is another one."""
        assert self.dialling is not None
        fields = {
            **self.fields_now(),
            "CallSid": self.sid.replace("CA", "CB", 1),
            "ParentCallSid": self.sid,
            "Direction": "outbound-dial",
            "From": self.dialling[1],
            "To": self.dialling[0],
            "CallStatus": "in-progress",
        }
        body = await self.twilio.post(urljoin(self._document, self._whisper_at), fields)
        root = ET.fromstring(body)  # noqa: S314 - our own answer
        check(root)
        for verb in root:
            if verb.tag not in WHISPERS:
                raise TwilioError(f"{verb.tag} does not belong before a bridge")
            if verb.tag == "Say":
                self.whispered.append("".join(verb.itertext()))

    async def _gathered(self, told: dict[str, str], repeat: int) -> str:
        assert self.gather is not None, "nothing listens"
        gather, self.gather = self.gather, None
        self._heard_from = len(self.said)
        self._redirects = 0
        nothing = not any(told.get(name) for name in ("SpeechResult", "Digits"))
        if nothing and gather.get("actionOnEmptyResult") != "true":
            await self._run()
            return self.last
        await self._fetch(gather.get("action", self._document), told, repeat)
        return self.last

    # ---- What Twilio does ---------------------------------------------------------------------

    async def _fetch(self, address: str, told: dict[str, str], repeat: int = 1) -> None:
        self._document = urljoin(self._document or PUBLIC_URL, address)
        body = await self.twilio.post(self._document, {**self.fields_now(), **told}, repeat)
        root = ET.fromstring(body)  # noqa: S314 - our own answer
        if root.tag != "Response":
            raise TwilioError("12100: the document is no Response")
        check(root)
        self._rest = list(root)
        await self._run()

    def fields_now(self) -> dict[str, str]:
        """What Twilio sends with every request about this call."""
        return {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT,
            "From": self.caller,
            "To": NUMBER,
            "Caller": self.caller,
            "Called": NUMBER,
            "CallStatus": self.state,
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
            "FromCity": "",
            "FromCountry": "AU",
            **self.fields,
        }

    async def _run(self) -> None:
        while self._rest:
            verb = self._rest.pop(0)
            if verb.tag == "Say":
                self._speak(verb)
            elif verb.tag == "Gather":
                for inner in verb:
                    self._speak(inner)
                self.gather = dict(verb.attrib)
                return
            elif verb.tag == "Redirect":
                self._redirects += 1
                if self._redirects > MOST_REDIRECTS:
                    raise TwilioError("the document redirects for ever")
                await self._fetch(verb.text or "", {})
                return
            elif verb.tag == "Dial":
                self._dial(verb)
                return
            elif verb.tag == "Hangup":
                break
        await self.hang_up()

    def _speak(self, verb: ET.Element) -> None:
        if verb.tag == "Say":
            self.said.append("".join(verb.itertext()))
            self.slowly += [p.text or "" for p in verb.iter("prosody") if p.get("rate") == "slow"]

    def _dial(self, verb: ET.Element) -> None:
        number = verb.findtext("Number") or verb.text or ""
        if not E164(number):
            raise TwilioError(f"13223: {number!r} is no number to dial")
        shown = verb.get("callerId", self.caller)
        if shown not in (self.caller, NUMBER) or not E164(shown):
            raise TwilioError(f"13214: {shown!r} may not be shown")
        self.dialling = number, shown
        self._dial_action = verb.get("action", "")
        number_verb = verb.find("Number")
        self._whisper_at = number_verb.get("url", "") if number_verb is not None else ""
        if not self._dial_action:
            raise TwilioError("nothing is said when the dialled number does not answer")


class TwilioVoice:
    """The service for one account; its number's webhook is the servers', each in turn."""

    def __init__(self, http: aiohttp.ClientSession, *servers: str) -> None:
        self._http = http
        self._servers = itertools.cycle(servers)
        self.serial = itertools.count(1)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.seconds: list[float] = []
        """How long each answer took."""

    async def ring(
        self, caller: str = "+61400123456", *, repeat: int = 1, **fields: str
    ) -> TwilioCall:
        """Somebody calls the clinic's number; they hear what is said until something listens."""
        call = TwilioCall(self, f"CA{next(self.serial):032x}", caller, fields)
        call.state = "ringing"
        first = PUBLIC_URL + PATH
        call._document = first
        body_fields = call.fields_now()
        call.state = "in-progress"
        await call._fetch(first, {"CallStatus": body_fields["CallStatus"]}, repeat)
        return call

    async def report(self, call: TwilioCall) -> None:
        """The status callback of the number: only a call's last state."""
        told = {**call.fields_now(), "CallDuration": "42", "Timestamp": "Mon, 01 Jan 2026"}
        await self.post(f"{PUBLIC_URL}{PATH}/status", told)

    async def post(self, address: str, fields: dict[str, str], repeat: int = 1) -> str:
        """Fetch a document, or several times where an answer got lost on the way."""
        answer = ""
        for _ in range(repeat):
            answer = await self._post(address, fields)
        return answer

    async def _post(self, address: str, fields: dict[str, str]) -> str:
        if not address.startswith(PUBLIC_URL):
            raise TwilioError(f"11200: {address} is not reached")
        parts = urlsplit(address)
        if parts.fragment:
            raise TwilioError("11100: no fragment is documented here")
        self.requests.append((parts.path, fields))
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        url = next(self._servers) + address.removeprefix(PUBLIC_URL)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature(address, fields),
            "User-Agent": "TwilioProxy/1.1",
            "Connection": "close",
        }
        body = urlencode(fields).encode()
        began = time.monotonic()
        try:
            async with self._http.post(url, data=body, headers=headers, timeout=timeout) as answer:
                text = await answer.text()
        except asyncio.TimeoutError as error:
            raise TwilioError("11205: no answer within 15 seconds") from error
        self.seconds.append(time.monotonic() - began)
        if answer.status != 200:
            raise TwilioError(f"11200: status {answer.status}")
        if answer.content_type not in ("text/xml", "application/xml"):
            raise TwilioError(f"12300: {answer.content_type} is no TwiML")
        if len(text.encode()) > 64 * 1024:
            raise TwilioError("11750: the document is larger than 64 kB")
        return text


def signature(address: str, fields: dict[str, str]) -> str:
    return str(RequestValidator(AUTH_TOKEN).compute_signature(address, fields))
