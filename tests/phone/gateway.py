"""A telephone gateway that speaks Twilio Media Streams, and the caller at its other end.

As strict as Twilio: a frame that Twilio would not take fails the call. Sound is played to the
caller in its own time, marks are told when it was played, and `clear` throws it away.
https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

FRAME = 160
"""Bytes of mu-law in a frame: 20 ms."""
FRAME_S = FRAME / 8000
QUIET = b"\xff"


@dataclass
class Played:
    """A piece of sound on its way to the caller's ear, or a mark."""

    audio: bytes = b""
    mark: str | None = None


@dataclass
class Line:
    """A call in progress, seen from the caller's end.

    Attributes:
        speed: how many times faster than the clock sound passes; the server goes by the sound.
        heard: all that was played to the caller.
        turns: how often the other side finished saying something, or was interrupted.
        cleared: how often what was being said was thrown away.
        first_sound_at: when (of the loop's time) something was played after `say` was over.
        closed: the code and the reason with which the other side ended the stream.
    """

    socket: aiohttp.ClientWebSocketResponse
    speed: float = 1.0
    stream: str = "MZ" + "0" * 32
    heard: bytearray = field(default_factory=bytearray)
    turns: int = 0
    cleared: int = 0
    first_sound_at: float | None = None
    silent_since: float | None = None
    closed: tuple[int, str] | None = None
    _to_say: bytearray = field(default_factory=bytearray)
    _to_play: list[Played] = field(default_factory=list)
    _sequence: int = 1
    _chunk: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _over: bool = False

    # ---- What the caller does

    async def say(self, audio: bytes) -> None:
        """Speak mu-law; returns when it is said."""
        self._to_say += audio
        await self._until(lambda: not self._to_say or self.closed is not None)
        self.silent_since = asyncio.get_running_loop().time()
        self.first_sound_at = None

    async def press(self, digits: str) -> None:
        """Press keys."""
        for digit in digits:
            await self.send("dtmf", {"track": "inbound_track", "digit": digit})

    async def listen(self, turns: int, within_s: float = 60) -> None:
        """Until the other side has said so many things since the call began, or ended it."""
        await self._until(lambda: self.turns >= turns or self.closed is not None, within_s)

    async def listen_for_sound(self, within_s: float = 30) -> float:
        """How long it took from the end of `say` to the first sound of the answer, in seconds."""
        await self._until(lambda: self.first_sound_at is not None, within_s)
        assert self.first_sound_at is not None and self.silent_since is not None
        return self.first_sound_at - self.silent_since

    async def until_closed(self, within_s: float = 60) -> tuple[int, str]:
        await self._until(lambda: self.closed is not None, within_s)
        assert self.closed is not None
        return self.closed

    async def hang_up(self) -> None:
        """The caller puts the phone down."""
        await self.send("stop", {"accountSid": "AC1", "callSid": "CA1"})

    async def send(self, event: str, part: Mapping[str, Any], **more: Any) -> None:
        self._sequence += 1
        frame = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self.stream}
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.socket.send_str(json.dumps({**frame, event: part, **more}))

    async def send_sound(self, audio: bytes, chunk: int | None = None) -> None:
        """One frame of what the line carries."""
        self._chunk = self._chunk + 1 if chunk is None else chunk
        await self.send(
            "media",
            {
                "track": "inbound",
                "chunk": str(self._chunk),
                "timestamp": str(round(self._chunk * 20)),
                "payload": base64.b64encode(audio).decode(),
            },
        )

    async def _until(self, true: Any, within_s: float = 60) -> None:
        async def wait() -> None:
            while not true():
                assert not self._over or self.closed is not None, "the line is dead"
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), within_s)

    # ---- What the gateway does

    async def carry(self) -> None:
        """Carry sound in both directions, a frame at a time."""
        due = asyncio.get_running_loop().time()
        while self.closed is None:
            said = bytes(self._to_say[:FRAME])
            del self._to_say[:FRAME]
            await self.send_sound(said.ljust(FRAME, QUIET))
            await self._play(FRAME)
            self._changed.set()
            due += FRAME_S / self.speed
            await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0))

    async def _play(self, most: int) -> None:
        while self._to_play:
            first = self._to_play[0]
            if first.mark is not None:
                self._to_play.pop(0)
                self.turns += 1
                await self.send("mark", {"name": first.mark})
                continue
            if most == 0:
                return
            if self.first_sound_at is None:
                self.first_sound_at = asyncio.get_running_loop().time()
            now, first.audio = first.audio[:most], first.audio[most:]
            self.heard += now
            most -= len(now)
            if not first.audio:
                self._to_play.pop(0)

    async def take(self) -> None:
        """Take in the frames of the other side."""
        try:
            async for message in self.socket:
                assert message.type is aiohttp.WSMsgType.TEXT, message.type
                await self._take(json.loads(message.data))
        finally:
            # The reason is not kept by the client library once the socket is closed.
            self.closed = (self.socket.close_code or 1006, "")
            self._over = True
            self._changed.set()

    async def _take(self, frame: dict[str, Any]) -> None:
        assert frame["streamSid"] == self.stream
        event = frame["event"]
        if event == "media":
            assert set(frame) == {"event", "streamSid", "media"}
            audio = base64.b64decode(frame["media"]["payload"], validate=True)
            assert audio, "Twilio takes no empty frame"
            self._to_play.append(Played(audio))
        elif event == "mark":
            assert isinstance(frame["mark"]["name"], str)
            self._to_play.append(Played(mark=frame["mark"]["name"]))
        elif event == "clear":
            self.cleared += 1
            marks = [piece.mark for piece in self._to_play if piece.mark is not None]
            self._to_play.clear()
            for mark in marks:
                await self.send("mark", {"name": mark})
        else:
            raise AssertionError(f"Twilio takes no {event}")


def start_frame(call: str, token: str | None, stream: str, **changes: Any) -> dict[str, Any]:
    """What Twilio sends first, with changes to what it tells of the stream."""
    start: dict[str, Any] = {
        "streamSid": stream,
        "accountSid": "AC" + "0" * 32,
        "callSid": call,
        "tracks": ["inbound"],
        "customParameters": {"from": "+61400000001", **({"token": token} if token else {})},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }
    return {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": stream,
        "start": {**start, **changes},
    }


@asynccontextmanager
async def ring(
    url: str,
    call: str,
    token: str | None,
    *,
    speed: float = 1.0,
    carry: bool = True,
    headers: Mapping[str, str] | None = None,
    **changes: Any,
) -> AsyncIterator[Line]:
    """Ring the clinic: opens a stream, and ends it.

    Args:
        url: of the server, with http.
        carry: whether sound passes by itself; else the test sends the frames.
        changes: of the `start` frame.
    """
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(f"{url}/webhooks/phone/stream", headers=headers)
        line = Line(socket, speed)
        await socket.send_json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await socket.send_json(start_frame(call, token, line.stream, **changes))
        tasks = [asyncio.create_task(line.take())]
        if carry:
            tasks.append(asyncio.create_task(line.carry()))
        try:
            yield line
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await socket.close()
            for result in results:
                if isinstance(result, AssertionError):
                    raise result
