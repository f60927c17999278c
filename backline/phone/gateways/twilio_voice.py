"""Serve Twilio Voice by TwiML webhooks. https://www.twilio.com/docs/voice/twiml

Twilio waits fifteen seconds for an answer and drops the call on an error, so that every request
that Twilio signed is answered by TwiML that says something, whatever breaks here.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import phonenumbers
from phonenumbers import MatchType, NumberParseException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.failures import describe
from backline.observability import logs, metrics
from backline.phone.calls import CallService
from backline.phone.credentials import PhoneSecrets
from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Dtmf,
    Event,
    ListenOptions,
    NoInput,
    NoMatch,
    NoMatchReason,
    PhoneCall,
    Phrase,
    Transcript,
)
from backline.phone.gateways.fallback_prompts import load_fallback_prompts
from backline.phone.gateways.inflight import InFlight
from backline.phone.gateways.twilio_numbers import PATH
from backline.phone.gateways.twiml import TwimlVoice, nothing
from backline.sanitize import MAX_MESSAGE_CHARACTERS, Refused, clean_text
from backline.settings import Settings
from backline.store.calls import CHANNEL
from backline.twilio_api import TwilioAccess

logger = logging.getLogger(__name__)

ENTRANCE = "twilio"
PATIENCE_S = 8.0
"""How long a caller waits in silence, and how much of Twilio's fifteen seconds is used."""
MOST_WAITS = 3
"""How often a caller is asked to wait for one answer."""
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""A call's last states: https://www.twilio.com/docs/voice/api/call-resource#call-status-values"""
ANSWERED = frozenset({"completed", "answered"})
UNANSWERED = frozenset({"busy", "no-answer", "failed", "canceled"})
WITHHELD = frozenset({"+266696687", "+86282452253", "+7378742833", "+17378742833", "+2562533"})
"""ANONYMOUS, UNAVAILABLE, RESTRICTED and BLOCKED on a keypad, as Twilio still may write them."""

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_KEYS = re.compile(r"[0-9*#]{1,32}")
_SMALL = re.compile(r"\d{1,4}")

Fields = Mapping[str, str]


def voice_blueprint(
    line: CallService, secrets: PhoneSecrets, settings: Settings, *, patience_s: float = PATIENCE_S
) -> Blueprint:
    """Build the webhooks that Twilio calls. To be used where `secrets.twilio` is set.

    Args:
        patience_s: seconds after which a caller is asked to wait for an answer.
    """
    webhooks = _Webhooks(line, secrets, settings, patience_s)
    blueprint = Blueprint("backline_twilio_voice", url_prefix=PATH)
    blueprint.add_route(webhooks.answering(webhooks.ring), "/", methods=["POST"], name="ring")
    for step in (webhooks.turn, webhooks.status, webhooks.dialled, webhooks.whisper):
        name = step.__name__
        blueprint.add_route(webhooks.answering(step), f"/{name}", methods=["POST"], name=name)
    return blueprint


class Malformed(ValueError):
    """This is no request that Twilio documents; the text says why."""


class _Webhooks:
    def __init__(
        self, line: CallService, secrets: PhoneSecrets, settings: Settings, patience_s: float
    ) -> None:
        phone = settings.clinic.phone_line
        if phone is None or secrets.twilio is None or secrets.public_url is None:
            raise ValueError("the phone line, an account of Twilio and a public address are needed")
        self._line = line
        self._access = TwilioAccess(secrets.twilio, secrets.public_url)
        self._url = secrets.public_url + PATH
        self._voice = TwimlVoice(phone)
        self._transfer_to = phone.transfer_to
        self._standby = load_fallback_prompts(settings.clinic)
        self._patience_s = patience_s
        self._under_way = InFlight()
        self._ending: set[asyncio.Task[None]] = set()

    # ---- Requests -----------------------------------------------------------------------------

    def answering(
        self, step: Callable[[Request, Fields], Awaitable[Any]]
    ) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
        """Wrap `step` in a handler that refuses strangers, and answers Twilio whatever breaks."""

        async def answer(request: Request) -> HTTPResponse:
            try:
                fields = self._access.signed_form(request)
                if fields.get("AccountSid") != self._access.account_sid:
                    raise Refused("not_our_account", "That is another account of Twilio.")
            except Refused as refused:
                metrics.REFUSED.labels(CHANNEL, refused.code).inc()
                return response.json({"error": refused.code, "message": str(refused)}, status=403)
            try:
                document = await step(request, fields)
            except Malformed as error:
                logger.warning("A call could not be answered: %s", error)
                document = self._trouble(fields, "malformed")
            except Exception as error:  # noqa: BLE001 - whatever broke, the caller hears something
                logger.error("A call could not be answered: %s", describe(error))
                document = self._trouble(fields, type(error).__name__)
            return response.text(str(document), content_type="text/xml")

        return answer

    async def ring(self, request: Request, fields: Fields) -> Any:
        """Answer a new call."""
        call = self._call(fields)
        waits = _small(request, "waits")
        if waits == 0:
            metrics.CALLS.labels(ENTRANCE).inc()
        return await self._next(
            fields, call, 0, waits, lambda: self._line.answer(call), self._url + "?"
        )

    async def turn(self, request: Request, fields: Fields) -> Any:
        """Answer what was heard after a turn, or wait on for its answer."""
        call, number = self._call(fields), _small(request, "number")
        if number == 0:
            raise Malformed("no turn has that number")
        waits = _small(request, "waits")
        event = _event(fields, waits)
        if waits == 0:
            metrics.CALLS_HEARD.labels(ENTRANCE, event.kind).inc()
        return await self._next(
            fields,
            call,
            number,
            waits,
            lambda: self._line.handle(call, number, event),
            self._turn_url(number) + "&",
        )

    async def status(self, _request: Request, fields: Fields) -> Any:
        """Take what became of a call."""
        call = self._call(fields)
        if fields.get("CallStatus") in ENDED:
            await self._hang_up(call)
        return nothing()

    async def dialled(self, _request: Request, fields: Fields) -> Any:
        """Go on after the caller was connected with the clinic, or was not."""
        call, outcome = self._call(fields), fields.get("DialCallStatus", "")
        known = outcome in ANSWERED or outcome in UNANSWERED
        metrics.CALLS_HANDED_OVER.labels(ENTRANCE, outcome if known else "other").inc()
        if fields.get("CallStatus") in ENDED:
            await self._hang_up(call)
            return nothing()
        if outcome in ANSWERED:
            return self._voice.hang_up((self._standby.farewell,))
        return self._voice.hang_up((self._standby.nobody_there, self._standby.farewell))

    async def whisper(self, _request: Request, fields: Fields) -> Any:
        """Say at the clinic who is about to be connected. Twilio plays it to them alone."""
        parent = fields.get("ParentCallSid", "")
        if not _CALL_SID.fullmatch(parent):
            return nothing()
        call = PhoneCall(parent, ENTRANCE)
        logs.about(CHANNEL, self._line.conversation_of(call))
        try:
            said = await asyncio.wait_for(self._line.whisper(call), self._patience_s)
        except Exception as error:  # noqa: BLE001 - the caller is connected all the same
            logger.error("The clinic was not told who calls: %s", describe(error))
            return nothing()
        return self._voice.say((said,))

    def _call(self, fields: Fields) -> PhoneCall:
        """Return the call that a request is about; the log tells of it from here on.

        Raises:
            Malformed: it names none.
        """
        sid = fields.get("CallSid", "")
        if not _CALL_SID.fullmatch(sid):
            raise Malformed("no call is named")
        call = PhoneCall(sid, ENTRANCE, _caller(fields))
        logs.about(CHANNEL, self._line.conversation_of(call))
        return call

    # ---- Answers ------------------------------------------------------------------------------

    async def _next(
        self,
        fields: Fields,
        call: PhoneCall,
        number: int,
        waits: int,
        work: Callable[[], Awaitable[BotTurn]],
        again: str,
    ) -> Any:
        """Return the next turn; or a word that it takes a moment, and Twilio comes back for it."""
        if fields.get("CallStatus") in ENDED:
            await self._hang_up(call)
            return nothing()
        began = time.monotonic()
        turn = await self._under_way.result(call.id, number, work, self._patience_s)
        if turn is not None:
            waited = waits * self._patience_s + time.monotonic() - began
            metrics.CALL_REPLY_SECONDS.labels(ENTRANCE).observe(waited)
            return self._spoken(fields, turn)
        metrics.CALLS_SLOW.labels(ENTRANCE).inc()
        if waits >= MOST_WAITS:
            return self._trouble(fields, "slow")
        return self._voice.go_on((self._standby.one_moment,), f"{again}waits={waits + 1}")

    def _spoken(self, fields: Fields, turn: BotTurn) -> Any:
        if turn.then is AfterPrompt.HANG_UP:
            return self._voice.hang_up(turn.say)
        if turn.then is AfterPrompt.TRANSFER:
            return self._hand_over(fields, turn.say)
        return self._voice.listen(
            turn.say,
            turn.listening or ListenOptions(),
            self._turn_url(turn.number),
            emergency=turn.emergency,
        )

    def _hand_over(
        self, fields: Fields, said: tuple[Phrase, ...], connecting: tuple[Phrase, ...] = ()
    ) -> Any:
        """Connect the caller with the clinic, or tell where to call.

        Args:
            connecting: what is said beside if they are connected.
        """
        ours, to = fields.get("To", ""), self._transfer_to
        shown = _caller(fields) or ours
        # A call that the clinic's telephone sent here would come back for ever.
        from_there = (ours, fields.get("ForwardedFrom", ""), fields.get("From", ""))
        if to is None:
            tell = self._standby.no_person
        elif any(_same_number(to, n) for n in from_there) or not _E164.fullmatch(shown):
            tell = self._standby.nobody_there
        else:
            return self._voice.dial(
                (*said, *connecting), to, shown, f"{self._url}/dialled", f"{self._url}/whisper"
            )
        metrics.CALLS_HANDED_OVER.labels(ENTRANCE, "told").inc()
        return self._voice.hang_up((*said, tell, self._standby.farewell))

    def _trouble(self, fields: Fields, reason: str) -> Any:
        metrics.CALLS_FAILED.labels(ENTRANCE, reason).inc()
        if fields.get("CallStatus") in ENDED:
            return nothing()
        if "DialCallStatus" in fields:
            # Nobody was reached; another try would go the same way.
            return self._voice.hang_up((self._standby.nobody_there, self._standby.farewell))
        return self._hand_over(fields, (self._standby.trouble,), (self._standby.connecting,))

    def _turn_url(self, number: int) -> str:
        return f"{self._url}/turn?number={number}"

    # ---- The end ------------------------------------------------------------------------------

    async def _hang_up(self, call: PhoneCall) -> None:
        """Tell the line that the call is over, once all that was said in it is heard."""

        async def end() -> None:
            await self._under_way.finish(call.id)
            try:
                await self._line.hang_up(call)
            except Exception as error:  # noqa: BLE001 - nobody is there any more to be told
                logger.error("The end of a call could not be kept: %s", describe(error))
                metrics.CALLS_FAILED.labels(ENTRANCE, type(error).__name__).inc()

        task = asyncio.ensure_future(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        await asyncio.wait({task}, timeout=self._patience_s)


def _caller(fields: Fields) -> str | None:
    """Return the caller's number, or None if it is withheld or no telephone's."""
    number = fields.get("From", "")
    if not _E164.fullmatch(number) or number in WITHHELD:
        return None
    try:
        return number if phonenumbers.is_possible_number(phonenumbers.parse(number)) else None
    except NumberParseException:
        return None


def _same_number(ours: str, other: str) -> bool:
    """Return whether both are one telephone, however the other is written."""
    match = phonenumbers.is_number_match(ours, other)
    return match in (MatchType.EXACT_MATCH, MatchType.NSN_MATCH, MatchType.SHORT_NSN_MATCH)


def _small(request: Request, name: str) -> int:
    """Read a number that we wrote into an address; 0 without it.

    Raises:
        Malformed: it is no number.
    """
    given = request.args.get(name, "0")
    if not _SMALL.fullmatch(given):
        raise Malformed("an address of a turn has no number")
    return int(given)


def _event(fields: Fields, waits: int) -> Event:
    """Read what was heard. Keys go before words, for they are certain."""
    digits = fields.get("Digits", "") or fields.get("FinishedOnKey", "")
    if digits:
        return Dtmf(digits) if _KEYS.fullmatch(digits) else NoMatch(NoMatchReason.FAILED)
    said = fields.get("SpeechResult", "")
    if not said.strip():
        # Twilio comes back without what was heard; where it is not under way here, it is lost.
        return NoMatch(NoMatchReason.SLOW) if waits else NoInput()
    if len(said) > MAX_MESSAGE_CHARACTERS:
        return NoMatch(NoMatchReason.TOO_LONG)
    text = clean_text(said)
    return Transcript(text, _confidence(fields)) if text else NoMatch(NoMatchReason.NOISE)


def _confidence(fields: Fields) -> float | None:
    """Read how sure Twilio is, above 0 and up to 1; None if it tells no such number.

    Zero is what recognisers behind Twilio tell where they do not know
    (https://cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize).
    """
    try:
        confidence = float(fields.get("Confidence", ""))
    except ValueError:
        return None
    return confidence if 0.0 < confidence <= 1.0 else None
