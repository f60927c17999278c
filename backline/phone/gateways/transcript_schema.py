"""Check the body of a request that tells of a call as it goes; docs/http.md has the contract."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import (
    BaseModel,
    ConstrainedInt,
    ConstrainedStr,
    StrictBool,
    ValidationError,
    root_validator,
    validator,
)

from backline.phone.events import Dtmf, Event, NoInput, NoMatch, NoMatchReason, Transcript
from backline.sanitize import MAX_MESSAGE_CHARACTERS, Refused

MOST_ITEMS = 100
MOST_ALTERNATIVES = 5
MOST_NUMBER = 10**6

_CALLER = re.compile(r"\+?[0-9][0-9 ()-]{2,30}")
_AN_ID = "must be a text of 1 to 128 letters, digits or _ . : @ + -"
_SECONDS = "takes a number: seconds since the call began."
_ALSO = {"is_final": "final", "isfinal": "final"}
"""Fields by the names that services give them."""
_AS_TEXT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")
"""A number that is sent as a text."""
_FAULTS = {
    "event": "takes one of began, ended, silence.",
    "id": _AN_ID,
    "call": _AN_ID,
    "caller": "takes a phone number, such as +61400000000.",
    "speaker": "takes one of caller, agent, bot.",
    "text": "must be a text.",
    "keys": "takes up to 32 of 0 to 9, * and #.",
    "confidence": "takes a number: between 0 and 1.",
    "alternatives": "takes a list of texts.",
    "begin": _SECONDS,
    "end": _SECONDS,
    "final": "takes true or false.",
    "answers": 'takes the "number" of a turn.',
}
"""What a service is told of each field that is wrong."""


class Speaker(str, Enum):
    """The speaker of a turn. Only a caller's words are heard."""

    CALLER = "caller"
    AGENT = "agent"
    BOT = "bot"


class CallEvent(str, Enum):
    """An event of a call."""

    BEGAN = "began"
    ENDED = "ended"
    SILENCE = "silence"


@dataclass(frozen=True)
class TranscriptItem:
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
    event: CallEvent | None = None
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
        """Give what the phone line is told of it."""
        if self.event is CallEvent.SILENCE:
            return NoInput()
        if self.keys is not None:
            return Dtmf(self.keys)
        if not self.text:
            return NoMatch(NoMatchReason.NOISE)
        return Transcript(self.text, self.confidence, self.alternatives, self.begin, self.end)


class _Id(ConstrainedStr):
    strict = True
    regex = re.compile(r"[A-Za-z0-9_.:@+-]{1,128}\Z")


class _Digits(ConstrainedStr):
    strict = True
    regex = re.compile(r"[0-9*#]{1,32}\Z")


class _Text(ConstrainedStr):
    strict = True
    max_length = MAX_MESSAGE_CHARACTERS


class _TurnNumber(ConstrainedInt):
    strict = True
    ge, le = 0, MOST_NUMBER


class _Body(BaseModel):
    """A turn or an event as JSON; of several faults the first field's is told."""

    event: CallEvent | None = None
    id: _Id | None = None
    call: _Id
    caller: str | None = None
    speaker: Speaker | None = None
    text: _Text | None = None
    keys: _Digits | None = None
    confidence: float | None = None
    alternatives: tuple[_Text, ...] = ()
    begin: float | None = None
    end: float | None = None
    final: StrictBool = True
    answers: _TurnNumber | None = None

    @root_validator(pre=True)
    def _known(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Name the fields as they are named here, in whatever case they are sent."""
        found: dict[str, Any] = {}
        for name, value in given.items():
            field = _ALSO.get(name.lower(), name.lower())
            if field not in cls.__fields__:
                known = ", ".join(sorted(cls.__fields__))
                sentence = f"There is no field {name[:40]!r}; known are {known}."
                raise Refused("unknown_field", sentence)
            if field in found and found[field] != value:
                raise Refused(f"bad_{field}", f'The field "{field}" is there twice, and differs.')
            found[field] = value
        return found

    @validator("event", "speaker", pre=True)
    def _in_any_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @validator("final", pre=True)
    def _yes_or_no_as_text(cls, value: object) -> object:
        texts = {"true": True, "false": False}
        return texts.get(value.strip().lower(), value) if isinstance(value, str) else value

    @validator("answers", pre=True)
    def _number_as_text(cls, value: object) -> object:
        plain = isinstance(value, str) and re.fullmatch("[0-9]{1,7}", value.strip())
        return int(plain[0]) if plain else value

    @validator("caller", pre=True)
    def _is_a_number(cls, value: object) -> str | None:
        if value == "":
            return None
        if not isinstance(value, str) or not _CALLER.fullmatch(value):
            raise ValueError
        return value

    @validator("text")
    def _without_halves(cls, value: str | None) -> str | None:
        return None if value is None else _clean(value)

    @validator("confidence", "begin", "end", pre=True)
    def _is_finite(cls, value: object) -> float:
        """Refuse what pydantic would turn into a number, and numbers that are none here."""
        if isinstance(value, str) and _AS_TEXT.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        try:
            number = float(value)
        except OverflowError:
            raise ValueError from None
        if not (math.isfinite(number) and number >= 0):
            raise ValueError
        return number

    @validator("confidence")
    def _is_a_share(cls, value: float | None) -> float | None:
        if value is not None and value > 1:
            raise ValueError
        return value

    @validator("alternatives", pre=True)
    def _are_texts(cls, value: object) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError
        texts = [a.get("text") if isinstance(a, dict) else a for a in value]
        if not all(isinstance(text, str) for text in texts):
            sentence = 'Each of "alternatives" is a text, or an object with a "text".'
            raise Refused("bad_alternatives", sentence)
        return texts[:MOST_ALTERNATIVES]

    @validator("alternatives")
    def _not_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in map(_clean, value) if text)

    @root_validator(skip_on_failure=True)
    def _is_one_thing(cls, given: dict[str, Any]) -> dict[str, Any]:
        event, text, keys = given["event"], given["text"], given["keys"]
        begin, end = given["begin"], given["end"]
        if begin is not None and end is not None and end < begin:
            sentence = 'A turn cannot end before it begins: see "begin" and "end".'
            raise Refused("bad_times", sentence)
        if event is not None and (text is not None or keys is not None):
            sentence = 'An event has no "text" and no "keys"; send them as a turn.'
            raise Refused("no_text", sentence)
        if event is not None:
            return given
        if given["speaker"] is None and keys is None:
            sentence = 'The field "speaker" must tell who speaks: caller, agent or bot.'
            raise Refused("no_speaker", sentence)
        if (text is None) == (keys is None):
            sentence = 'A turn has either "text" or "keys", and an event has "event".'
            raise Refused("no_text", sentence)
        return given

    def item(self) -> TranscriptItem:
        """Give it as an item of the call."""
        told = {name: getattr(self, name) for name in self.__fields__ if name != "id"}
        ids = (self.id,) if self.id is not None else ()
        return TranscriptItem(**{**told, "ids": ids, "speaker": self.speaker or Speaker.CALLER})


def read_items(body: bytes) -> tuple[list[TranscriptItem], bool]:
    """Read the items of a request, and whether it was an array.

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


def read_item(data: object) -> TranscriptItem:
    """Read one turn or event.

    Raises:
        Refused: it is none; the sentence names the field.
    """
    if not isinstance(data, dict):
        raise Refused("bad_json", "A turn or an event is a JSON object.")
    try:
        return _Body(**{name: value for name, value in data.items() if value is not None}).item()
    except ValidationError as invalid:
        raise _refusal(invalid) from None


def _refusal(invalid: ValidationError) -> Refused:
    """Put the first fault into words; a validator's own sentence stands as it is."""
    first: Any = invalid.raw_errors[0]
    while isinstance(first, list):
        first = first[0]
    if isinstance(first.exc, Refused):
        return first.exc
    fault: Mapping[str, Any] = invalid.errors()[0]
    name = str(fault["loc"][0])
    if fault["type"] == "value_error.any_str.max_length":
        sentence = f'The field "{name}" takes at most {MAX_MESSAGE_CHARACTERS} characters.'
        return Refused("too_long", sentence, 413)
    return Refused(f"bad_{name}", f'The field "{name}" {_FAULTS[name]}')


def _clean(text: str) -> str:
    """Drop halves of surrogate pairs, which JSON can hold, and spaces around."""
    return text.encode("utf-8", "ignore").decode("utf-8").strip()
