"""How long callers wait for the first sound of a reply, on a running server, in real time."""

from __future__ import annotations

import asyncio
import audioop
import statistics
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.phone.gateway import ring
from tests.phone.speakers import SPEAKERS
from tests.phone.streams import TOKEN, said, stream_server

ANSWERS = ("yes", "no", "no", "no", "no", "no, I did not hurt myself")
"""To consent, four groups of danger signs, and the next question."""
AUDIBLE = 300


@dataclass(frozen=True)
class Replies:
    """The waits of some calls, in seconds."""

    waits: tuple[float, ...]

    @property
    def count(self) -> int:
        return len(self.waits)

    @property
    def median(self) -> float:
        return statistics.median(self.waits)

    @property
    def most(self) -> float:
        """What 95 of 100 waits are not longer than."""
        return statistics.quantiles(self.waits, n=20, method="inclusive")[-1]


def measure(calls: int, rounds: int = 1) -> Replies:
    """The waits of so many calls at once, so many times after each other."""
    with tempfile.TemporaryDirectory() as folder:
        server = stream_server(Path(folder))
        try:
            waits = asyncio.run(_all(server.url, calls, rounds))
        finally:
            server.stop()
    return Replies(tuple(waits))


async def _all(url: str, calls: int, rounds: int) -> list[float]:
    found: list[float] = []
    for turn in range(rounds):
        speakers = range(turn * calls, (turn + 1) * calls)
        waits = await asyncio.gather(*(_one(url, speaker) for speaker in speakers))
        found += [wait for one in waits for wait in one]
    return found


async def _one(url: str, speaker: int) -> list[float]:
    waits = []
    voice = (speaker * 2 + 1) % len(SPEAKERS)
    async with ring(url, f"CA{uuid.uuid4().hex}", TOKEN) as line:
        for place, answer in enumerate(ANSWERS, start=1):
            await line.listen(place)
            if line.closed is not None:
                break
            await asyncio.sleep(0.3)
            await line.say(_without_end(said(answer, voice)))
            waits.append(await line.listen_for_sound())
    return waits


def _without_end(audio: bytes) -> bytes:
    """The speech without the silence that the engine adds to it."""
    pcm = audioop.ulaw2lin(audio, 2)
    end = len(audio)
    while end > 160 and audioop.max(pcm[2 * (end - 160) : 2 * end], 2) < AUDIBLE:
        end -= 160
    return audio[:end]
