"""Read and write frames of Twilio Media Streams, which Jambonz and Asterisk can speak too.

JSON over a WebSocket: `connected`, `start`, `media`, `dtmf`, `mark` and `stop` come in; `media`,
`mark` and `clear` go out. Audio is mu-law at 8 kHz, one channel, in base64, a byte a sample.
https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SAMPLE_RATE = 8000
"""Samples a second, and bytes, since mu-law takes one for each."""
QUIET = b"\xff"
"""A mu-law sample of no sound."""

MAX_FRAME = 64 * 1024
MAX_PAYLOAD = 4 * SAMPLE_RATE
"""Bytes of audio in one frame. Twilio sends 20 ms at a time, others up to some seconds."""
MAX_NAME = 256
MAX_PARAMETERS = 20

OUT_OF_ORDER = 10
"""How many chunks are held while an earlier one is missing: a fifth of a second of Twilio's."""
MAX_GAP_S = 1.0
"""Seconds of silence at the most that take the place of chunks that never came."""

_ENCODINGS = frozenset({"audio/x-mulaw", "audio/mulaw", "audio/pcmu", "x-mulaw", "mulaw", "pcmu"})


class FrameError(ValueError):
    """This is no frame of the protocol, or it is too large."""


@dataclass(frozen=True)
class Start:
    """A stream begins.

    Attributes:
        stream: its id, which every frame that goes out carries.
        call: what the service calls the call.
        parameters: what the gateway was told to hand on, such as the token and the caller's number.
        wrong_format: a sentence that says what the stream carries, where that is not mu-law at
            8 kHz in one channel.
    """

    stream: str
    call: str
    parameters: Mapping[str, str]
    wrong_format: str | None = None


@dataclass(frozen=True)
class Media:
    """A piece of what the caller's line carries.

    Attributes:
        audio: mu-law.
        chunk: which piece it is, counted up by one; None if the gateway does not tell.
    """

    audio: bytes
    chunk: int | None


@dataclass(frozen=True)
class Key:
    """A key was pressed.

    Attributes:
        sequence: the number of the frame, by which a repeated one is known; None without.
    """

    digit: str
    sequence: int | None


@dataclass(frozen=True)
class Mark:
    """All that was sent before the mark of this name was played, or thrown away by `clear`."""

    name: str


@dataclass(frozen=True)
class Stop:
    """The stream is over: the call has ended, or goes on without it."""


Frame = Start | Media | Key | Mark | Stop


def read(text: str | bytes) -> Frame | None:
    """Read the frame in a message; None for those that tell nothing here, also of unknown kinds.

    Raises:
        FrameError: it is no frame.
    """
    if len(text) > MAX_FRAME:
        raise FrameError("too long")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise FrameError("no JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        raise FrameError("no event")
    event = data["event"]
    if event == "media":
        return _media(_object(data, "media"))
    if event == "dtmf":
        return Key(_digit(_object(data, "dtmf")), _count(data.get("sequenceNumber")))
    if event == "mark":
        return Mark(_name(_object(data, "mark"), "name"))
    if event == "start":
        return _start(data)
    if event == "stop":
        return Stop()
    return None


def media(stream: str, audio: bytes) -> str:
    """Write a frame that has the caller hear this mu-law audio."""
    payload = base64.b64encode(audio).decode()
    return _frame({"event": "media", "streamSid": stream, "media": {"payload": payload}})


def mark(stream: str, name: str) -> str:
    """Write a frame that is answered by a `Mark` of this name when all before it was played."""
    return _frame({"event": "mark", "streamSid": stream, "mark": {"name": name}})


def clear(stream: str) -> str:
    """Write a frame that throws away what was sent and not played yet."""
    return _frame({"event": "clear", "streamSid": stream})


@dataclass
class Sequence:
    """Puts pieces of audio in their order, whatever order they came in.

    A missing piece is waited for while `OUT_OF_ORDER` later ones come; then silence as long as the
    pieces around takes its place, so that words do not run together.

    Attributes:
        dropped: pieces that came twice or too late.
        missing: pieces that never came.
    """

    dropped: int = 0
    missing: int = 0
    _next: int | None = None
    _held: dict[int, bytes] = field(default_factory=dict)

    def add(self, piece: Media) -> bytes:
        """Return the audio to hear now, in order; empty while an earlier piece is missing."""
        if piece.chunk is None:
            return self._release_all() + piece.audio
        if self._next is None:
            # Chunks are counted from 1, but a gateway may hand a stream on from its middle.
            self._next = min(piece.chunk, 1) if piece.chunk <= OUT_OF_ORDER else piece.chunk
        if piece.chunk < self._next or piece.chunk in self._held:
            self.dropped += 1
            return b""
        self._held[piece.chunk] = piece.audio
        ready = self._release()
        if len(self._held) > OUT_OF_ORDER:
            first = min(self._held)
            gap = first - self._next
            self.missing += gap
            longest = int(MAX_GAP_S * SAMPLE_RATE)
            ready += QUIET * min(gap * len(self._held[first]), longest)
            self._next = first
            ready += self._release()
        return ready

    def _release(self) -> bytes:
        ready = bytearray()
        while self._next is not None and self._next in self._held:
            ready += self._held.pop(self._next)
            self._next += 1
        return bytes(ready)

    def _release_all(self) -> bytes:
        ready = b"".join(self._held[chunk] for chunk in sorted(self._held))
        self._held.clear()
        return ready


@dataclass
class KeyFilter:
    """Knows the frames of keys that came before, so that a repeated one is no second press."""

    _seen: deque[int] = field(default_factory=lambda: deque(maxlen=64))

    def is_new(self, key: Key) -> bool:
        """Return whether this press was not told before."""
        if key.sequence is None:
            return True
        if key.sequence in self._seen:
            return False
        self._seen.append(key.sequence)
        return True


def _start(data: Mapping[str, Any]) -> Start:
    start = _object(data, "start")
    stream = start.get("streamSid", data.get("streamSid"))
    if not _is_name(stream):
        raise FrameError("no streamSid")
    given = start.get("mediaFormat")
    carried = given if isinstance(given, dict) else {}
    encoding = str(carried.get("encoding")).lower()
    rate, channels = _count(carried.get("sampleRate")), _count(carried.get("channels", 1))
    wrong_format = None
    if encoding not in _ENCODINGS or rate != SAMPLE_RATE or channels != 1:
        wrong_format = (
            f"the stream carries {encoding[:40]} at {rate} Hz in {channels} channels; "
            "it must be audio/x-mulaw at 8000 Hz in 1"
        )
    parameters = start.get("customParameters")
    return Start(
        stream=str(stream),
        call=_name(start, "callSid"),
        parameters={
            str(name)[:MAX_NAME]: str(value)[:MAX_NAME]
            for name, value in list((parameters if isinstance(parameters, dict) else {}).items())[
                :MAX_PARAMETERS
            ]
        },
        wrong_format=wrong_format,
    )


def _media(part: Mapping[str, Any]) -> Media | None:
    # Some gateways send what is played to the caller, too.
    if part.get("track", "inbound") not in ("inbound", "inbound_track"):
        return None
    payload = part.get("payload")
    if not isinstance(payload, str):
        raise FrameError("no payload")
    try:
        audio = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise FrameError("no base64") from None
    if len(audio) > MAX_PAYLOAD:
        raise FrameError("too much audio")
    return Media(audio, _count(part.get("chunk")))


def _digit(part: Mapping[str, Any]) -> str:
    digit = str(part.get("digit"))
    if len(digit) != 1 or digit not in "0123456789*#":
        raise FrameError("no key of a telephone")
    return digit


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict):
        raise FrameError(f"no {name}")
    return part


def _name(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not _is_name(value):
        raise FrameError(f"no {name}")
    return str(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME


def _count(value: object) -> int | None:
    """Read a number that Twilio writes as a string and others as a number."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _frame(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))
