"""Take transcripts of a call as it goes, at `POST /webhooks/phone/transcript`, by any service.

The service tells turns of the call and events; it is answered with what to say next, as a voice
gateway can speak it. docs/http.md has the contract.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.observability import logs, metrics
from backline.phone.events import BotTurn, Event, PhoneCall
from backline.phone.gateways.transcript_schema import CallEvent, Speaker, TranscriptItem, read_items
from backline.sanitize import Refused

ENTRANCE = "transcript"
CHANNEL = "phone_transcript"
"""This entrance in logs and metrics."""
PATH = "/webhooks/phone/transcript"
MOST_CALLS = 2000
"""Calls whose turns are remembered here; of one that is forgotten, only what it answers is lost."""
MOST_HEARD = 1000
HEARD_BEFORE_ANSWERED_S = 0.5
"""Nobody answers a question that they have heard less of, in seconds."""
NOTHING_ASKED = 0
"""The number of no turn: what answers it is heard for its danger signs alone."""

NOT_YET = math.inf
"""When a turn was given that was not."""


class Line(Protocol):
    """The part of `CallService` that this entrance needs."""

    async def answer(self, call: PhoneCall) -> BotTurn:
        """Return what is said first, or was said last to a call that is known."""

    async def handle(self, call: PhoneCall, number: int, event: Event) -> BotTurn:
        """Answer what was heard after turn `number`.

        Of words for an older turn only what leads to a doctor counts.
        """

    async def hang_up(self, call: PhoneCall) -> None:
        """End a call."""


def transcript_blueprint(
    line: Line, token: str, now: Callable[[], float] = time.monotonic
) -> Blueprint:
    """Build the webhook.

    Args:
        token: what the service sends as `Authorization: Bearer ...` (`BACKLINE_PHONE_TOKEN`).
        now: seconds of a clock that is never set back.
    """
    webhook = Blueprint("backline_phone_transcript")
    calls = TranscribedCalls(line, now)

    @webhook.route(PATH, methods=["POST"])
    async def receive(request: Request) -> HTTPResponse:
        try:
            _check_token(request.headers.get("authorization", ""), token)
            items, several = read_items(request.body)
        except Refused as refused:
            metrics.REFUSED.labels(CHANNEL, refused.code).inc()
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
            return response.json(
                {"error": refused.code, "message": str(refused)},
                status=refused.status,
                headers=headers,
            )
        answers = [
            {"call": call, "turn": turn.to_json() if turn is not None else None}
            for call, turn in (await calls.take(items)).items()
        ]
        return response.json(answers if several else answers[0])

    return webhook


class TranscribedCalls:
    """The calls that go on, as far as this server knows, and the service they are told to."""

    def __init__(self, line: Line, now: Callable[[], float]) -> None:
        self._line = line
        self._now = now
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def take(self, items: list[TranscriptItem]) -> dict[str, BotTurn | None]:
        """Handle items; return what to say next for each call, None where there is nothing."""
        by_call: dict[str, list[TranscriptItem]] = {}
        for item in items:
            by_call.setdefault(item.call, []).append(item)
        # A slow call must not let others wait.
        turns = await asyncio.gather(*(self._take(c, own) for c, own in by_call.items()))
        return dict(zip(by_call, turns, strict=True))

    async def _take(self, call_id: str, items: list[TranscriptItem]) -> BotTurn | None:
        logs.about(CHANNEL, call_id)
        call = PhoneCall(call_id, ENTRANCE, next((i.caller for i in items if i.caller), None))
        known = self._known.setdefault(call_id, _Known())
        self._known.move_to_end(call_id)
        while len(self._known) > MOST_CALLS:
            self._known.popitem(last=False)
        async with known.lock:
            told = joined(in_order(items), known)
            turn = await self._begin(call, known, told)
            for item in told:
                turn = await self._tell(call, known, item) or turn
            if any(item.event is CallEvent.ENDED for item in told):
                self._known.pop(call_id, None)
                return None
            if turn is not None:
                known.give(turn, self._now())
            return turn

    async def _begin(
        self, call: PhoneCall, known: _Known, told: list[TranscriptItem]
    ) -> BotTurn | None:
        for item in told:
            known.time(item, self._now())
        began = any(item.event is CallEvent.BEGAN for item in told)
        if not began and known.given:
            return None
        # The line has to know of a call before it hears anything of it.
        turn = await self._line.answer(call)
        known.meet(turn)
        return turn if began else None

    async def _tell(self, call: PhoneCall, known: _Known, item: TranscriptItem) -> BotTurn | None:
        if item.event is CallEvent.BEGAN:
            return None
        if item.event is CallEvent.ENDED:
            await self._line.hang_up(call)
            return None
        if item.speaker is not Speaker.CALLER or not item.final:
            known.not_heard(item)
            metrics.PHONE_TRANSCRIPT_TURNS.labels("set_aside").inc()
            return None
        number, what = known.answered_by(item)
        metrics.PHONE_TRANSCRIPT_TURNS.labels(what).inc()
        return await self._line.handle(call, number, item.heard())


@dataclass
class _Known:
    """The turns given and heard in one call.

    Attributes:
        began: when it began, by our clock.
        given: the turns that were given to the service, with the seconds of the call at which;
            `NOT_YET` for one that was not, None where it is not known when.
        heard: ids of turns, with the number of the turn that each was told to answer.
        aside: somebody else spoke to the caller since the last turn was given.
    """

    began: float | None = None
    given: dict[int, float | None] = field(default_factory=dict)
    heard: OrderedDict[str, int] = field(default_factory=OrderedDict)
    aside: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def time(self, item: TranscriptItem, now: float) -> None:
        """Learn when the call began: no later than what was said in it was told."""
        if item.event is not CallEvent.BEGAN and item.end is None and item.begin is None:
            return
        since = 0.0 if item.event is CallEvent.BEGAN else max(item.end or 0.0, item.begin or 0.0)
        self.began = now - since if self.began is None else min(self.began, now - since)

    def meet(self, turn: BotTurn) -> None:
        """Note a turn that the line has given; perhaps not to this service, and not yet."""
        self.given.setdefault(turn.number, NOT_YET)

    def give(self, turn: BotTurn, now: float) -> None:
        """Note that a turn is given to the service; again, if somebody else spoke since it was."""
        if self.aside or self.given.get(turn.number, NOT_YET) == NOT_YET:
            self.given[turn.number] = now - self.began if self.began is not None else None
            self.aside = False

    def not_heard(self, item: TranscriptItem) -> None:
        """Note what is not taken: somebody else speaks, or the caller has not finished."""
        self.aside = self.aside or item.speaker is Speaker.AGENT

    def answered_by(self, item: TranscriptItem) -> tuple[int, str]:
        """Return the number of the turn that an item answers, and what it is for the metric."""
        known = next((self.heard[i] for i in item.ids if i in self.heard), None)
        if known is not None:
            return known, "repeated"
        number = self._number(item)
        self.heard.update(dict.fromkeys(item.ids, number))
        while len(self.heard) > MOST_HEARD:
            self.heard.popitem(last=False)
        return number, "heard" if number == max(self.given) else "late"

    def _number(self, item: TranscriptItem) -> int:
        if item.answers is not None:
            return item.answers
        if self.aside:
            # It may answer the person who spoke.
            return NOTHING_ASKED
        if item.begin is None:
            last = max(self.given)
            return last if self.given[last] != NOT_YET else NOTHING_ASKED
        asked = [
            number
            for number, at in self.given.items()
            if at is not None and at + HEARD_BEFORE_ANSWERED_S <= item.begin
        ]
        return max(asked, default=NOTHING_ASKED)


def in_order(items: list[TranscriptItem]) -> list[TranscriptItem]:
    """Sort the items of one call as they came to be: by their times, its end last.

    Turns without times stay where they are told.
    """
    places = {CallEvent.BEGAN: 0, None: 1, CallEvent.SILENCE: 1, CallEvent.ENDED: 2}
    timed = all(i.begin is not None for i in items if places[i.event] == 1)
    return sorted(items, key=lambda i: (places[i.event], i.begin or 0.0 if timed else 0.0))


def joined(items: list[TranscriptItem], known: _Known) -> list[TranscriptItem]:
    """Drop repeated items, and join what a caller said in several turns in a row."""
    out: list[TranscriptItem] = []
    ids: set[str] = set()
    for item in items:
        if not ids.isdisjoint(item.ids):
            continue
        ids.update(item.ids)
        if out and _goes_on(out[-1], item) and known.heard.keys().isdisjoint(ids):
            out[-1] = _together(out[-1], item)
        else:
            out.append(item)
    return out


def _goes_on(one: TranscriptItem, other: TranscriptItem) -> bool:
    return _is_speech(one) and _is_speech(other) and one.answers == other.answers


def _is_speech(item: TranscriptItem) -> bool:
    return item.event is None and item.speaker is Speaker.CALLER and item.final and bool(item.text)


def _together(one: TranscriptItem, other: TranscriptItem) -> TranscriptItem:
    """Join two turns into one, as sure as the less sure of them."""
    sure = None
    if one.confidence is not None and other.confidence is not None:
        sure = min(one.confidence, other.confidence)
    joint = " " if (one.text or "").rstrip()[-1:] in ".!?" else ". "
    return TranscriptItem(
        call=one.call,
        caller=one.caller or other.caller,
        ids=(*one.ids, *other.ids),
        text=f"{one.text}{joint}{other.text}",
        confidence=sure,
        begin=one.begin,
        end=other.end,
        answers=one.answers,
    )


# ---- What the service sends ---------------------------------------------------------------------


def _check_token(header: str, token: str) -> None:
    given = header[7:] if header[:7].lower() == "bearer " else ""
    if not hmac.compare_digest(given.strip().encode(errors="replace"), token.encode()):
        raise Refused(
            "not_allowed",
            "The header Authorization must be: Bearer, and the BACKLINE_PHONE_TOKEN of the server.",
            401,
        )
