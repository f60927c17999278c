"""One fault from beginning to end: what patients saw, what is stored, how long healing took."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from bench.faults.checks import Undisturbed, broken, stored, undisturbed
from bench.faults.events import listening, untold
from bench.faults.patients import Attempt, Crowd, Diary, talking
from bench.faults.system import System

HEALED_WITHIN_S = 60.0
STORED_WITHIN_S, LOOK_AGAIN_S = 30.0, 5.0


@dataclass(frozen=True)
class Fault:
    """Something that breaks and is mended.

    Attributes:
        inject: breaks it, waits, and mends it; it calls `mended` once that is done. That the system
            heals from there on is not its business.
        setting: what has to be prepared while nobody talks, and undone after; what it gives is
            handed to `inject`.
        all_told: whether everything that was said must have come out of RabbitMQ.
    """

    name: str
    what: str
    inject: Callable[[System, Any, Callable[[], None]], Awaitable[None]]
    setting: Callable[[System], AbstractAsyncContextManager[Any]] = lambda _: nullcontext()
    all_told: bool = False


@dataclass
class Figures:
    """What came of a fault.

    Attributes:
        troubles: how many tries ended in what.
        healed_s: from the mending until every answer was normal and every server ready.
        wrong: what had to hold and did not.
    """

    fault: Fault
    turns: int
    troubles: Counter[str]
    longest_wait_s: float
    triages: int
    emergencies: int
    emergencies_told: int
    emergency_troubles: Counter[str]
    said_twice: int
    healed_s: float
    wrong: list[str]

    @property
    def row(self) -> str:
        apologies = self.troubles["apology"]
        others = sum(self.troubles.values()) - apologies
        return (
            f"| {self.fault.name} | {self.turns} | {apologies} | {others} "
            f"| {self.longest_wait_s:.1f} s | {self.emergencies_told} of {self.emergencies} "
            f"| {self.triages} | {self.said_twice} | {self.healed_s:.1f} s "
            f"| {'yes' if not self.wrong else '**no**'} |"
        )


async def calm(system: System, crowd: Crowd, seconds: float) -> tuple[Undisturbed, Diary]:
    """Let the crowd talk without any fault; returns what the scripts lead to."""
    diary = Diary()
    async with talking(crowd, system.url, system.services, diary):
        await asyncio.sleep(seconds)
    kept = await asyncio.to_thread(stored, system.database_url)
    return undisturbed(diary.triages, kept), diary


async def run(
    system: System,
    fault: Fault,
    crowd: Crowd,
    expected: Undisturbed,
    before_s: float = 3.0,
    afterwards_s: float = 5.0,
) -> Figures:
    """Break something under load, wait until it has healed, and look at what is stored.

    Args:
        before_s, afterwards_s: how long the crowd talks while nothing is broken.
    """
    diary = Diary()
    moments: list[float] = []
    ready = 0.0
    never = ""
    async with fault.setting(system) as thing, listening(system.rabbitmq) as heard:
        async with talking(crowd, system.url, system.services, diary):
            await asyncio.sleep(before_s)
            await fault.inject(system, thing, lambda: moments.append(time.monotonic()))
            mended = moments[-1]
            while not await asyncio.to_thread(system.all_ready):
                if time.monotonic() - mended > HEALED_WITHIN_S:
                    never = f"a server was not ready {HEALED_WITHIN_S:.0f} s after the mending"
                    break
                await asyncio.sleep(0.1)
            ready = time.monotonic()
            await asyncio.sleep(afterwards_s)
        wrong = await _left_broken(system, diary, expected)
        if fault.all_told:
            wrong += await untold(diary.triages, heard)
    if never:
        wrong.append(never)
    return _figures(fault, diary, mended, ready, wrong)


async def _left_broken(system: System, diary: Diary, expected: Undisturbed) -> list[str]:
    """What does not hold, once what was told at once is stored too, or should be."""
    until = time.monotonic() + STORED_WITHIN_S
    while True:
        kept = await asyncio.to_thread(stored, system.database_url)
        wrong = broken(diary.triages, kept, expected)
        if not wrong or time.monotonic() > until:
            return wrong
        await asyncio.sleep(LOOK_AGAIN_S)


def _figures(fault: Fault, diary: Diary, mended: float, ready: float, wrong: list[str]) -> Figures:
    return Figures(
        fault=fault,
        turns=len(diary.waits),
        troubles=Counter(a.trouble for a in diary.attempts if a.trouble),
        longest_wait_s=max(diary.waits, default=0.0),
        triages=sum(triage.finished for triage in diary.triages),
        emergencies=len(diary.emergencies),
        emergencies_told=sum(a.trouble is None for a in diary.emergencies),
        emergency_troubles=Counter(a.trouble for a in diary.emergencies if a.trouble),
        said_twice=sum(triage.doubled for triage in diary.triages),
        healed_s=_healed(diary.attempts, mended, ready),
        wrong=wrong,
    )


def _healed(attempts: list[Attempt], mended: float, ready: float) -> float:
    late = [a.ended for a in attempts if not a.normal and a.ended > mended]
    return max(0.0, max([ready, *late]) - mended)
