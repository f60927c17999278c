"""Transcripts of a call as it goes, at `POST /webhooks/phone/transcript`, by any service.

The service tells turns of the call and events; it is answered with what to say next, as a voice
gateway can speak it. docs/http.md has the contract.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.observability import logs, metrics
from backline.phone.events import Call, Event, Heard, Keys, Silence, Turn, Unheard, Why
from backline.sanitize import MAX_MESSAGE_CHARACTERS, Refused

ENTRANCE = "transcript"
CHANNEL = "phone_transcript"
"""This entrance in logs and metrics."""
PATH = "/webhooks/phone/transcript"
MOST_ITEMS = 100
MOST_CALLS = 2000
"""Calls whose turns are remembered here; of one that is forgotten, only what it answers is lost."""
MOST_ALTERNATIVES = 5
MOST_HEARD = 1000
MOST_NUMBER = 10**6
HEARD_BEFORE_ANSWERED_S = 0.5
"""Nobody answers a question that they have heard less of, in seconds."""
NOTHING_ASKED = 0
"""The number of no turn: what answers it is heard for its danger signs alone."""

NOT_YET = math.inf
"""When a turn was given that was not."""

_ID = re.compile(r"[A-Za-z0-9_.:@+-]{1,128}")
_NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{2,30}")
_KEYS = re.compile(r"[0-9*#]{1,32}")
_TEXT_FIELDS = ("text", "confidence", "alternatives", "final")
_FIELDS = frozenset(
    ("call", "caller", "id", "speaker", "keys", "begin", "end", "answers", "event", *_TEXT_FIELDS)
)


class Line(Protocol):
    """What this entrance needs of the phone line."""

    async def answer(self, call: Call) -> Turn:
        """What is said first, or was said last to a call that is known."""

    async def hear(self, call: Call, number: int, event: Event) -> Turn:
        """What is said to something that was heard after turn `number`.

        Of words for an older turn only what leads to a doctor counts.
        """

    async def hang_up(self, call: Call) -> None:
        """The call is over."""


class Speaker(str, Enum):
    """Who speaks. Only a caller's words are heard."""

    CALLER = "caller"
    AGENT = "agent"
    BOT = "bot"


class Told(str, Enum):
    """An event of a call."""

    BEGAN = "began"
    ENDED = "ended"
    SILENCE = "silence"


@dataclass(frozen=True)
class Item:
    """One turn or event, as the service told it.

    Attributes:
        ids: the service's ids of it; several of turns that were put together.
        event: set for an event; else it is a turn with `text` or `keys`.
        begin, end: seconds since the call began.
        final: the recogniser will not change it any more.
        answers: the number of the turn that it answers, where the service knows it.
    """

    call: str
    caller: str | None = None
    ids: tuple[str, ...] = ()
    event: Told | None = None
    speaker: Speaker = Speaker.CALLER
    text: str | None = None
    keys: str | None = None
    confidence: float | None = None
    alternatives: tuple[str, ...] = ()
    begin: float | None = None
    end: float | None = None
    final: bool = True
    answers: int | None = None

    def heard(self) -> Event:
        """What the phone line is told of it."""
        if self.event is Told.SILENCE:
            return Silence()
        if self.keys is not None:
            return Keys(self.keys)
        if not self.text:
            return Unheard(Why.NOISE)
        return Heard(self.text, self.confidence, self.alternatives, self.begin, self.end)


def transcript_blueprint(
    line: Line, token: str, now: Callable[[], float] = time.monotonic
) -> Blueprint:
    """The webhook.

    Args:
        token: what the service sends as `Authorization: Bearer ...` (`BACKLINE_PHONE_TOKEN`).
        now: seconds of a clock that is never set back.
    """
    webhook = Blueprint("backline_phone_transcript")
    calls = Calls(line, now)

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


class Calls:
    """What this server knows of the calls that go on, and the line they are told to."""

    def __init__(self, line: Line, now: Callable[[], float]) -> None:
        self._line = line
        self._now = now
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def take(self, items: list[Item]) -> dict[str, Turn | None]:
        """Hear items; what to say next for each of their calls, None where there is nothing."""
        by_call: dict[str, list[Item]] = {}
        for item in items:
            by_call.setdefault(item.call, []).append(item)
        # A slow call must not let others wait.
        turns = await asyncio.gather(*(self._take(c, own) for c, own in by_call.items()))
        return dict(zip(by_call, turns, strict=True))

    async def _take(self, call_id: str, items: list[Item]) -> Turn | None:
        logs.about(CHANNEL, call_id)
        call = Call(call_id, ENTRANCE, next((i.caller for i in items if i.caller), None))
        known = self._known.setdefault(call_id, _Known())
        self._known.move_to_end(call_id)
        while len(self._known) > MOST_CALLS:
            self._known.popitem(last=False)
        async with known.lock:
            told = joined(in_order(items), known)
            turn = await self._begin(call, known, told)
            for item in told:
                turn = await self._tell(call, known, item) or turn
            if any(item.event is Told.ENDED for item in told):
                self._known.pop(call_id, None)
                return None
            if turn is not None:
                known.give(turn, self._now())
            return turn

    async def _begin(self, call: Call, known: _Known, told: list[Item]) -> Turn | None:
        for item in told:
            known.time(item, self._now())
        began = any(item.event is Told.BEGAN for item in told)
        if not began and known.given:
            return None
        # The line has to know of a call before it hears anything of it.
        turn = await self._line.answer(call)
        known.meet(turn)
        return turn if began else None

    async def _tell(self, call: Call, known: _Known, item: Item) -> Turn | None:
        if item.event is Told.BEGAN:
            return None
        if item.event is Told.ENDED:
            await self._line.hang_up(call)
            return None
        if item.speaker is not Speaker.CALLER or not item.final:
            known.not_heard(item)
            metrics.PHONE_TRANSCRIPT_TURNS.labels("set_aside").inc()
            return None
        number, what = known.answered_by(item)
        metrics.PHONE_TRANSCRIPT_TURNS.labels(what).inc()
        return await self._line.hear(call, number, item.heard())


@dataclass
class _Known:
    """What is known here of one call.

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

    def time(self, item: Item, now: float) -> None:
        """Learn when the call began: no later than what was said in it was told."""
        if item.event is not Told.BEGAN and item.end is None and item.begin is None:
            return
        since = 0.0 if item.event is Told.BEGAN else max(item.end or 0.0, item.begin or 0.0)
        self.began = now - since if self.began is None else min(self.began, now - since)

    def meet(self, turn: Turn) -> None:
        """A turn that the line has given; perhaps not to this service, and not yet."""
        self.given.setdefault(turn.number, NOT_YET)

    def give(self, turn: Turn, now: float) -> None:
        """A turn is given to the service; again, if somebody else spoke since it was."""
        if self.aside or self.given.get(turn.number, NOT_YET) == NOT_YET:
            self.given[turn.number] = now - self.began if self.began is not None else None
            self.aside = False

    def not_heard(self, item: Item) -> None:
        """Somebody else speaks, or the caller has not finished."""
        self.aside = self.aside or item.speaker is Speaker.AGENT

    def answered_by(self, item: Item) -> tuple[int, str]:
        """The number of the turn that an item answers, and what it is for the metric."""
        known = next((self.heard[i] for i in item.ids if i in self.heard), None)
        if known is not None:
            return known, "repeated"
        number = self._number(item)
        self.heard.update(dict.fromkeys(item.ids, number))
        while len(self.heard) > MOST_HEARD:
            self.heard.popitem(last=False)
        return number, "heard" if number == max(self.given) else "late"

    def _number(self, item: Item) -> int:
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


def in_order(items: list[Item]) -> list[Item]:
    """The items of one call as they came to be: by their times, its end last.

    Turns without times stay where they are told.
    """
    places = {Told.BEGAN: 0, None: 1, Told.SILENCE: 1, Told.ENDED: 2}
    timed = all(i.begin is not None for i in items if places[i.event] == 1)
    return sorted(items, key=lambda i: (places[i.event], i.begin or 0.0 if timed else 0.0))


def joined(items: list[Item], known: _Known) -> list[Item]:
    """The items without repeated ones, and what a caller said in several turns in a row as one."""
    out: list[Item] = []
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


def _goes_on(one: Item, other: Item) -> bool:
    return _is_speech(one) and _is_speech(other) and one.answers == other.answers


def _is_speech(item: Item) -> bool:
    return item.event is None and item.speaker is Speaker.CALLER and item.final and bool(item.text)


def _together(one: Item, other: Item) -> Item:
    """Two turns as one, as sure as the less sure of them."""
    sure = None
    if one.confidence is not None and other.confidence is not None:
        sure = min(one.confidence, other.confidence)
    joint = " " if (one.text or "").rstrip()[-1:] in ".!?" else ". "
    return Item(
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


def read_items(body: bytes) -> tuple[list[Item], bool]:
    """The items of a request, and whether it was an array.

    Raises:
        Refused: it is no such request; the sentence names the item and the field.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(
            "bad_json",
            'The body must be JSON, for example {"call": "1", "speaker": "caller", "text": "no"}.',
        ) from None
    several = isinstance(data, list)
    entries = data if several else [data]
    if not entries:
        raise Refused("bad_json", "The array is empty.")
    if len(entries) > MOST_ITEMS:
        raise Refused("too_many", f"At most {MOST_ITEMS} turns may come in one request.", 413)
    items = []
    for place, entry in enumerate(entries):
        try:
            items.append(read_item(entry))
        except Refused as refused:
            where = f"Item {place + 1}: " if several else ""
            raise Refused(refused.code, f"{where}{refused}", refused.status) from None
    return items, several


def read_item(data: object) -> Item:
    """One turn or event.

    Raises:
        Refused: it is none; the sentence names the field.
    """
    if not isinstance(data, dict):
        raise Refused("bad_json", "A turn or an event is a JSON object.")
    given: dict[str, Any] = {k: v for k, v in data.items() if v is not None}
    for name in given:
        if name not in _FIELDS:
            raise Refused(
                "unknown_field",
                f"There is no field {str(name)[:40]!r}; known are {', '.join(sorted(_FIELDS))}.",
            )
    event = _one_of(Told, "event", given, None)
    own_id = _identifier("id", given)
    item = Item(
        call=_identifier("call", given, needed=True) or "",
        caller=_caller(given),
        ids=(own_id,) if own_id is not None else (),
        event=event,
        speaker=_one_of(Speaker, "speaker", given, Speaker.CALLER) or Speaker.CALLER,
        text=_text("text", given.get("text")),
        keys=_keys(given),
        confidence=_number("confidence", given, 1.0, "between 0 and 1"),
        alternatives=_alternatives(given),
        begin=_number("begin", given, math.inf, "seconds since the call began"),
        end=_number("end", given, math.inf, "seconds since the call began"),
        final=_flag("final", given),
        answers=_count("answers", given),
    )
    if item.begin is not None and item.end is not None and item.end < item.begin:
        raise Refused("bad_times", 'A turn cannot end before it begins: see "begin" and "end".')
    if event is None and "speaker" not in given and item.keys is None:
        raise Refused(
            "no_speaker", 'The field "speaker" must tell who speaks: caller, agent or bot.'
        )
    if event is None and (item.text is None) == (item.keys is None):
        raise Refused("no_text", 'A turn has either "text" or "keys", and an event has "event".')
    if event is not None and (item.text is not None or item.keys is not None):
        raise Refused("no_text", 'An event has no "text" and no "keys"; send them as a turn.')
    return item


def _identifier(name: str, given: Mapping[str, Any], needed: bool = False) -> str | None:
    value = given.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Refused(
            f"bad_{name}",
            f'The field "{name}" must be a text of 1 to 128 letters, digits or _ . : @ + -',
        )
    return value


def _caller(given: Mapping[str, Any]) -> str | None:
    value = given.get("caller")
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise Refused(
            "bad_caller", 'The field "caller" takes a phone number, such as +61400000000.'
        )
    return value


def _one_of(kind: Callable[[Any], Any], name: str, given: Mapping[str, Any], default: Any) -> Any:
    if name not in given:
        return default
    try:
        return kind(given[name])
    except ValueError:
        known = ", ".join(member.value for member in kind)  # type: ignore[attr-defined]
        raise Refused(f"bad_{name}", f'The field "{name}" takes one of {known}.') from None


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused("bad_text", f'The field "{name}" must be a text.')
    if len(value) > MAX_MESSAGE_CHARACTERS:
        raise Refused(
            "too_long",
            f'The field "{name}" takes at most {MAX_MESSAGE_CHARACTERS} characters.',
            413,
        )
    return value.encode("utf-8", "ignore").decode("utf-8").strip()


def _keys(given: Mapping[str, Any]) -> str | None:
    value = given.get("keys")
    if value is None:
        return None
    if not isinstance(value, str) or not _KEYS.fullmatch(value):
        raise Refused("bad_keys", 'The field "keys" takes up to 32 of 0 to 9, * and #.')
    return value


def _alternatives(given: Mapping[str, Any]) -> tuple[str, ...]:
    value = given.get("alternatives", [])
    if not isinstance(value, list):
        raise Refused("bad_alternatives", 'The field "alternatives" takes a list of texts.')
    texts = [a.get("text") if isinstance(a, dict) else a for a in value]
    if not all(isinstance(text, str) for text in texts):
        raise Refused(
            "bad_alternatives", 'Each of "alternatives" is a text, or an object with a "text".'
        )
    cleaned = (_text("alternatives", text) for text in texts[:MOST_ALTERNATIVES])
    return tuple(text for text in cleaned if text)


def _number(name: str, given: Mapping[str, Any], most: float, what: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= most:
        raise Refused(f"bad_{name}", f'The field "{name}" takes a number: {what}.')
    return float(value)


def _flag(name: str, given: Mapping[str, Any]) -> bool:
    value = given.get(name, True)
    if not isinstance(value, bool):
        raise Refused(f"bad_{name}", f'The field "{name}" takes true or false.')
    return value


def _count(name: str, given: Mapping[str, Any]) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER:
        return int(value)
    raise Refused(f"bad_{name}", f'The field "{name}" takes the "number" of a turn.')
