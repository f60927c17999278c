"""Many people at once over each messaging webhook; `make load-messaging`.

usage: python -m bench.messaging [--people N] [--seconds S]

Everybody goes through triages, one after the other, pausing as people do who read a question on a
phone. Some updates are delivered twice, as the services do. Checked: each update is answered once.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.play import ANSWERS, COMPLAINT
from bench.report import measured_by
from tests.conftest import PROJECT, start_server
from tests.messaging.conftest import CHANNELS, Services, close, new_services
from tests.messaging.person import Person, outcome_of, slot_of
from tests.messaging.stand_in import Shown

REPORT = PROJECT / "docs" / "performance-messaging.md"
PAUSE_S = (5.0, 15.0)
REPEATED = 0.05
PATIENCE_S = 60.0
SETTLE_S = 5.0


@dataclass
class Load:
    """What came of one channel's run: seconds of each update, and what went wrong."""

    channel: str
    accepted: list[float] = field(default_factory=list)
    replied: list[float] = field(default_factory=list)
    repeated: int = 0
    triages: int = 0
    lost: int = 0
    doubled: int = 0
    refused: int = 0

    def row(self, seconds: float) -> str:
        cuts = statistics.quantiles(self.replied, n=100)
        taken = statistics.quantiles(self.accepted, n=100)
        return (
            f"| {self.channel} | {len(self.accepted)} | {len(self.accepted) / seconds:.1f} "
            f"| {self.repeated} | {self.triages} | {taken[94] * 1000:.0f} ms "
            f"| {cuts[49] * 1000:.0f} ms | {cuts[94] * 1000:.0f} ms | {cuts[98] * 1000:.0f} ms "
            f"| {self.lost} | {self.doubled} | {self.refused} |"
        )


class Patient:
    """One person, who writes the next message when the reply to the last one is there."""

    def __init__(self, person: Person, load: Load, http: aiohttp.ClientSession) -> None:
        self.person = person
        self._load = load
        self._http = http
        self._loop = asyncio.get_running_loop()
        self._said: asyncio.Queue[Shown] = asyncio.Queue()
        self.updates = 0
        self.replies = 0

    def show(self, message: Shown) -> None:
        """Called from the stand-in's thread."""
        self._loop.call_soon_threadsafe(self._said.put_nowait, message)

    async def live(self, until: float) -> None:
        text = COMPLAINT
        await asyncio.sleep(random.uniform(0, PAUSE_S[1]))  # noqa: S311
        while time.monotonic() < until:
            text = await self._turn(text)
            await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311

    async def _turn(self, text: str) -> str:
        """Write, and return what to write next."""
        update = self.person.write(text)
        began = time.monotonic()
        await self._deliver(update, began)
        if random.random() < REPEATED:  # noqa: S311
            self._load.repeated += 1
            await self._deliver(update, None)
        while True:
            try:
                shown = await asyncio.wait_for(self._said.get(), PATIENCE_S)
            except asyncio.TimeoutError:
                self._load.lost += 1
                return text
            outcome, slot = outcome_of(shown.text), slot_of(shown.text)
            if outcome is None and slot is None:
                continue
            self.replies += 1
            self._load.replied.append(shown.at - began)
            if outcome is not None:
                self._load.triages += 1
                return "start over"
            return ANSWERS.get(slot or "", "yes")

    async def _deliver(self, update: Any, began: float | None) -> None:
        call = self.person.call(update)
        async with self._http.post(
            self.person.server + call.path, data=call.body, headers=call.headers
        ) as answer:
            if answer.status != 200:
                self._load.refused += 1
        if began is not None:
            self.updates += 1
            self._load.accepted.append(time.monotonic() - began)


async def run(services: Services, channel: str, server: str, people: int, seconds: float) -> Load:
    """People who use one channel for so many seconds."""
    load = Load(channel)
    # Given up before the server does: it would close one that is about to be used.
    connections = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    async with aiohttp.ClientSession(connector=connections) as http:
        patients = [Patient(services.someone(channel, server), load, http) for _ in range(people)]
        by_address = {patient.person.address: patient for patient in patients}
        service = patients[0].person.service
        service.on_show = lambda address, message: by_address[address].show(message)
        until = time.monotonic() + seconds
        await asyncio.gather(*(patient.live(until) for patient in patients))
        await asyncio.sleep(SETTLE_S)
        service.on_show = None
    for patient in patients:
        told = sum(
            outcome_of(shown.text) is not None or slot_of(shown.text) is not None
            for shown in patient.person.screen
        )
        load.doubled += max(0, told - patient.updates)
    return load


def main() -> None:
    """Run, print, write the report; exit code 1 if an update was lost or answered twice."""
    parser = argparse.ArgumentParser(prog="python -m bench.messaging")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120)
    options = parser.parse_args()
    services = new_services()
    loads = []
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(
            f"sqlite:///{folder}/backline.db", Path(folder) / "log", **services.environment
        )
        try:
            for channel in CHANNELS:
                print(f"{options.people} people on {channel} ...", file=sys.stderr, flush=True)
                loads.append(
                    asyncio.run(run(services, channel, server.url, options.people, options.seconds))
                )
        finally:
            server.stop()
            close(services)
    table = [
        "| channel | updates | a second | delivered twice | triages | webhook answered, 95 % "
        "| reply sent, median | 95 % | 99 % | lost | answered twice | refused |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(load.row(options.seconds) for load in loads),
    ]
    print("\n".join(table))
    wrong = any(load.lost or load.doubled or load.refused for load in loads)
    if (options.people, options.seconds) == (200, 120):
        _write(table, wrong)
    sys.exit(1 if wrong else 0)


def _write(table: list[str], wrong: bool) -> None:
    verdict = (
        "**Updates were lost or answered twice.**"
        if wrong
        else ("No update was lost, none was answered twice.")
    )
    REPORT.write_text(
        "# Messaging under load\n\n"
        f"{measured_by('make load-messaging')}\n\n"
        "200 people at once for two minutes over each webhook, one server on SQLite. They and\n"
        "the stand-ins of the services run on the same machine. Everybody goes through triages\n"
        f"and pauses {PAUSE_S[0]:.0f} to {PAUSE_S[1]:.0f} seconds before each message; "
        f"{REPEATED:.0%} of the updates are delivered\ntwice. "
        "A reply counts as sent when the service has taken its last message.\n\n"
        + "\n".join(table)
        + f"\n\n{verdict}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
