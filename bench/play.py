"""Patients who play one scripted triage, alone or many at once, and how long each turn took."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.talking import asked_in

GREETING, COMPLAINT = "hello", "my lower back has been sore"
ANSWERS = {
    "consent": "yes",
    "age": "40",
    "emergency_signs": "none of these",
    "danger_signs": "none of these",
    "safety": "none of these",
    "pain_duration": "3 weeks",
    # With a digression: it is answered, and the 4 is kept.
    "pain_severity": "it's a 4, how many massages would I need?",
    "health_conditions": "none of these",
    "back_signs": "none of these",
    "massage_response": "not yet",
}
"""What is said to each question, by the name of its list or its slot."""
CORRECTION = "sorry, I meant 5 out of 10"
OUTCOME = "massage"
TURNS = 2 + len(ANSWERS) + 1
"""Turns of one triage: the greeting, the complaint, an answer to each question, the correction."""
MOST_TURNS = 20
PAUSE_S = (4.0, 12.0)
"""How long people read and type before they write, where they do."""


class Failed(RuntimeError):
    """A turn that was not answered as it should; the text says what came."""


@dataclass
class Times:
    """Seconds of each turn, and how long all of it took."""

    turns: list[float] = field(default_factory=list)
    triages: int = 0
    seconds: float = 0.0

    def ms(self, percentile: int) -> float:
        """A percentile of the turns, in milliseconds."""
        return statistics.quantiles(self.turns, n=100, method="inclusive")[percentile - 1] * 1000

    @property
    def per_second(self) -> float:
        return len(self.turns) / self.seconds


async def play(url: str, patients: int, triages: int) -> Times:
    """So many patients at once play so many triages altogether."""
    times = Times()
    left = iter(range(triages))
    begun = time.perf_counter()
    connector = aiohttp.TCPConnector(limit=patients)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def patient() -> None:
            for _ in left:
                await _triage(session, url, times)

        await asyncio.gather(*(patient() for _ in range(patients)))
    times.seconds = time.perf_counter() - begun
    return times


async def long_talk(url: str, turns: int) -> list[tuple[str, float]]:
    """What was said in each turn of one conversation that goes on and on, and its seconds."""
    times = Times()
    said: list[str] = []
    async with aiohttp.ClientSession() as session:
        sender = _sender()
        text = COMPLAINT
        while len(said) < turns:
            said.append(text)
            asked = await _say(session, url, sender, text, times)
            text = "yes" if asked == "check" else ANSWERS.get(asked or "", "start over")
    return list(zip(said, times.turns, strict=True))


async def _triage(session: aiohttp.ClientSession, url: str, times: Times) -> None:
    sender = _sender()
    await _say(session, url, sender, GREETING, times)
    asked = await _say(session, url, sender, COMPLAINT, times)
    corrected = False
    for _ in range(MOST_TURNS):
        if asked is None:
            break
        text = ANSWERS[asked]
        if asked == "health_conditions" and not corrected:
            corrected, text = True, CORRECTION
        asked = await _say(session, url, sender, text, times)
    times.triages += 1


async def _say(
    session: aiohttp.ClientSession, url: str, sender: str, text: str, times: Times
) -> str | None:
    """Say it, note how long the answer took, and return the question that is asked, if one is."""
    begun = time.perf_counter()
    body = {"sender": sender, "message": text}
    async with session.post(f"{url}/webhooks/rest/webhook", json=body) as response:
        messages: list[dict[str, Any]] = await response.json()
        if response.status != 200 or not messages:
            raise Failed(f"HTTP {response.status} with {len(messages)} messages to {text!r}")
    times.turns.append(time.perf_counter() - begun)
    customs = [message.get("custom") or {} for message in messages]
    if any(custom.get("type") == "error" for custom in customs):
        raise Failed(f"an apology to {text!r}")
    return asked_in(messages)


def _sender() -> str:
    return f"bench-{uuid.uuid4().hex}"
