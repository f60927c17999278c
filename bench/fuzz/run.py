"""Runs so many cases of each input against a server of its own."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage

from backline.runtime.agent import load_agent
from backline.settings import load_settings
from bench.fuzz import inputs, reading
from bench.fuzz.target import Target
from tests.messaging.conftest import Services, close, new_services
from tests.phone.streams import stream_server

SETTLES_S = 0.5
MOST_OF_A_JOB = 6000
SEEDS_OF_A_JOB = 100
SHOWN = 4000
AT_ONCE = 2000
"""Cases of one seed: Hypothesis remembers each of them."""


@dataclass(frozen=True)
class Input:
    """A way into the server.

    Attributes:
        share: of a hundred cases, how many are of this input.
        send: sends one of its cases.
    """

    name: str
    share: int
    cases: st.SearchStrategy[Any]
    send: Callable[[Target, Any], str]


@dataclass
class Tally:
    """What came of an input's cases: how often which status, and what was wrong."""

    name: str
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    wrong: str = ""

    @property
    def cases(self) -> int:
        return sum(self.statuses.values())


def ways_in(services: Services) -> list[Input]:
    """All inputs; their shares add up to 100."""
    return [
        Input("REST: JSON and what is none", 20, inputs.rest, Target.request),
        Input("REST: any text in a triage", 4, inputs.talk, Target.request),
        Input("/widget/erase", 5, inputs.erase, Target.request),
        Input("/widget/news", 4, inputs.news, Target.request),
        Input("every route, any header", 13, inputs.routes, Target.request),
        Input("what is no HTTP", 11, inputs.raw, Target.raw),
        Input("Telegram's webhook", 6, inputs.telegram_cases(services.telegram), Target.request),
        Input("Meta's webhook", 6, inputs.whatsapp_cases(), Target.request),
        Input("Twilio's webhook", 6, inputs.twilio_cases(), Target.request),
        Input("Socket.IO by polling", 3, inputs.polling, Target.polling),
        Input("Socket.IO by WebSocket, frames", 9, inputs.websocket, Target.websocket),
        Input("Twilio Voice's webhooks", 5, inputs.voice_cases(), Target.request),
        Input("turns of a transcription service", 5, inputs.transcript_cases(), Target.request),
        Input("the audio stream, frames", 3, inputs.audio, Target.stream),
    ]


@contextmanager
def target() -> Iterator[tuple[Target, Services]]:
    """A server with all channels and the phone line, on stand-ins and a database of its own."""
    with closing_services() as services, tempfile.TemporaryDirectory() as name:
        server = stream_server(Path(name), BACKLINE_LOG_FORMAT="json", **services.environment)
        try:
            yield Target(server), services
        finally:
            if server.process.poll() is None:
                server.stop()


def read_long(count: int, first_seed: int) -> list[Tally]:
    """Search for texts that take long to understand, and send a server the slowest of them."""
    agent = load_agent(load_settings())

    def understand(text: str) -> None:
        agent.processor._parse_message_with_graph(UserMessage(text), None)

    # The first one loads what is loaded once.
    understand("My back hurts.")
    begun = time.monotonic()
    found = reading.search(understand, count, first_seed)
    slowest = found.slowest[0][0]
    search = Tally(
        f"texts of {reading.LENGTH:,} characters, understood",
        Counter({f"at most {slowest * 1000:.0f} ms": found.tried}),
        time.monotonic() - begun,
        found.wrong,
    )
    begun = time.monotonic()
    some = [text for _, text in found.slowest]
    with target() as (to, _):
        waited = reading.longest_wait(to, some)
    told = f"/health/live within {waited * 1000:.0f} ms"
    wrong = f"/health/live waited {waited:.3f} s" if waited > reading.MOST_WAIT_S else ""
    sent = Tally(
        "the slowest of them, sent", Counter({told: len(some)}), time.monotonic() - begun, wrong
    )
    return [search, sent]


def fuzz(to: Target, way: Input, cases: int, first_seed: int = 0) -> Tally:
    """Send so many cases of an input; ends with the first that is wrong, shrunk."""
    tally, begun, number = Tally(way.name), time.monotonic(), first_seed
    while tally.cases < cases and not tally.wrong:
        tally.wrong = _some(to, way, min(AT_ONCE, cases - tally.cases), number, tally.statuses)
        number += 1
    tally.seconds = time.monotonic() - begun
    return tally


def run_all(cases: int, first_seed: int, word: str, workers: int) -> list[Tally]:
    """All inputs whose name has the word, several at a time, each against a server of its own."""
    with closing_services() as services:
        ways = ways_in(services)
    chosen = [n for n, way in enumerate(ways) if word.lower() in way.name.lower()]
    jobs = []
    for number in chosen:
        left, part = max(1, cases * ways[number].share // 100), 0
        while left > 0:
            jobs.append((number, min(left, MOST_OF_A_JOB), first_seed + part * SEEDS_OF_A_JOB))
            left, part = left - MOST_OF_A_JOB, part + 1
    tallies = {number: Tally(ways[number].name) for number in chosen}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        done = [pool.submit(_job, *job) for job in jobs]
        for (number, _, _), result in zip(jobs, done, strict=True):
            tally, part_of_it = tallies[number], result.result()
            tally.statuses += part_of_it.statuses
            tally.seconds += part_of_it.seconds
            tally.wrong = tally.wrong or part_of_it.wrong
            print(f"{tally.name}: {tally.cases:,} cases", file=sys.stderr, flush=True)
    return list(tallies.values())


def _job(number: int, cases: int, first_seed: int) -> Tally:
    with target() as (to, services):
        return fuzz(to, ways_in(services)[number], cases, first_seed)


@contextmanager
def closing_services() -> Iterator[Services]:
    """Stand-ins of the messaging services."""
    services = new_services()
    try:
        yield services
    finally:
        close(services)


def _some(to: Target, way: Input, cases: int, number: int, statuses: Counter[str]) -> str:
    @seed(number)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(way.cases)
    def one(case: Any) -> None:
        try:
            statuses[way.send(to, case)] += 1
        except Exception as error:
            found.append(f"{repr(case)[:SHOWN]}\n{type(error).__name__}: {error}")
            raise

    found: list[str] = []
    try:
        one()
        # What it logged a moment later.
        time.sleep(SETTLES_S)
        to.check()
    except Exception as error:  # noqa: BLE001 - Hypothesis raises what it found, in several forms
        # The last one that was tried is the smallest.
        return found[-1] if found else f"after all of them: {error}"
    return ""
