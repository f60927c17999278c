"""Several servers behind one address: on PostgreSQL, with Rasa's locks in Redis."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.faults.system import environment_with_clock
from tests.conftest import Server, start_server
from tests.integration.test_conversations import PATIENTS
from tests.messaging.conftest import CHANNELS, Services
from tests.plain import PLAIN
from tests.services import (
    FAKETIME_HOW,
    REDIS_HOW,
    REDIS_URL,
    faketime,
    redis_available,
    require_or_skip,
)
from tests.talking import MOST_QUESTIONS

CLOCK_IS_READ_EVERY_S = 1.5
READING_S = 0.5
"""Nobody answers what they have not read."""


Patients = Sequence[tuple[str, dict[str, str], str]]


@pytest.fixture
def pair(services: Services, postgres_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    require_or_skip(redis_available(), REDIS_HOW)
    environment = {**services.environment, "REDIS_URL": REDIS_URL}
    servers = [start_server(postgres_url, tmp_path / f"log{n}", **environment) for n in range(2)]
    yield servers
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.mark.redis
@pytest.mark.postgresql
def test_two_servers_share_conversations_and_one_may_die(
    services: Services, pair: list[Server]
) -> None:
    """Each message goes to the next server in turn; halfway one of them is killed."""
    first = play(services, pair, PATIENTS[:6])
    pair[1].process.kill()
    pair[1].process.wait()
    second = play(services, pair, PATIENTS[6:12])
    assert {**first, **second} == outcomes_of(PATIENTS[:12])


@pytest.mark.redis
@pytest.mark.postgresql
def test_an_answer_is_one_to_what_was_asked_whatever_the_servers_clocks_say(
    services: Services, postgres_url: str, tmp_path: Path
) -> None:
    """The clock of the second server is an hour ahead, then an hour behind."""
    require_or_skip(redis_available(), REDIS_HOW)
    require_or_skip(faketime() is not None, FAKETIME_HOW)
    clock = tmp_path / "clock"
    clock.write_text("+3600")
    environment = {**services.environment, "REDIS_URL": REDIS_URL}
    pair = [
        start_server(postgres_url, tmp_path / "log0", **environment),
        start_server(
            postgres_url, tmp_path / "log1", **environment, **environment_with_clock(clock)
        ),
    ]
    try:
        ahead = play(services, pair, PATIENTS[:6])
        clock.write_text("-3600")
        time.sleep(CLOCK_IS_READ_EVERY_S)
        behind = play(services, pair, PATIENTS[6:12])
    finally:
        for server in pair:
            server.process.kill()
            server.process.wait()
    assert {**ahead, **behind} == outcomes_of(PATIENTS[:12])


def play(services: Services, pair: list[Server], patients: Patients) -> dict[str, str | None]:
    """Triages over all services, each message to the next server in turn; outcomes by opening."""

    def triage(
        channel: str, first: int, patient: tuple[str, dict[str, str], str]
    ) -> tuple[str, str | None]:
        opening, answers, _ = patient
        servers = itertools.cycle([*pair[first:], *pair[:first]])
        services.databases[pair[0].url] = pair[0].database_url
        person = services.someone(channel, pair[0].url)
        text = opening
        for _ in range(MOST_QUESTIONS):
            alive = next(s for s in servers if s.process.poll() is None)
            person.server = alive.url
            person.say(text)
            if (asked := person.asked) is None:
                break
            text = {**PLAIN, **answers}[asked]
            time.sleep(READING_S)
        return opening, person.outcome

    channels = itertools.cycle(CHANNELS)
    with ThreadPoolExecutor(6) as together:
        return dict(together.map(triage, channels, itertools.cycle([0, 1]), patients))


def outcomes_of(patients: Patients) -> dict[str, str]:
    return {opening: expected for opening, _, expected in patients}
