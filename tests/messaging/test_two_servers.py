"""Several servers behind one address: on PostgreSQL, with Rasa's locks in Redis."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Server, start_server
from tests.integration.test_conversations import PATIENTS, PLAIN
from tests.messaging.conftest import Services
from tests.services import REDIS_HOW, REDIS_URL, redis_available, require_or_skip


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
    people = []
    for name, (opening, answers, expected) in zip(
        itertools.cycle(["telegram", "whatsapp", "twilio"]), PATIENTS[:12]
    ):
        people.append((services.someone(name, pair[0].url), opening, answers, expected))

    def play(patient: tuple) -> tuple[str, str | None]:  # type: ignore[type-arg]
        person, opening, answers, _ = patient
        servers = itertools.cycle(pair)
        text = opening
        for _ in range(25):
            alive = next(s for s in servers if s.process.poll() is None)
            person.server = alive.url
            person.say(text)
            if (asked := person.asked) is None:
                break
            text = {**PLAIN, **answers}[asked]
        return opening, person.outcome

    with ThreadPoolExecutor(6) as together:
        first = list(together.map(play, people[:6]))
    pair[1].process.kill()
    pair[1].process.wait()
    with ThreadPoolExecutor(6) as together:
        second = list(together.map(play, people[6:]))
    assert dict(first + second) == {o: expected for _, o, _, expected in people}
