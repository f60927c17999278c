"""Two servers behind nginx, with the files that deploy/nginx ships."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import socketio

from tests.conftest import Server, postgres_database, start_server
from tests.deploy.nginx import HOW, Nginx, program
from tests.plain import PLAIN
from tests.services import REDIS_HOW, REDIS_URL, redis_available, require_or_skip
from tests.talking import Patient, asked_in

pytestmark = [pytest.mark.postgresql, pytest.mark.redis]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    require_or_skip(program() is not None, HOW)
    require_or_skip(redis_available(), REDIS_HOW)
    folder = tmp_path_factory.mktemp("behind-nginx")
    with postgres_database() as url:

        def start(number: int) -> Server:
            return start_server(url, folder / f"log{number}", REDIS_URL=REDIS_URL)

        with ThreadPoolExecutor() as together:
            servers = list(together.map(start, range(2)))
        yield servers
        for server in servers:
            if server.process.poll() is None:
                server.stop()


@pytest.fixture
def nginx(servers: list[Server], tmp_path: Path) -> Iterator[Nginx]:
    ports = [int(server.url.rsplit(":", 1)[1]) for server in servers]
    nginx = Nginx(tmp_path / "nginx", ports)
    nginx.start()
    yield nginx
    nginx.stop()


def test_nginx_takes_the_files_without_a_warning(tmp_path: Path) -> None:
    require_or_skip(program() is not None, HOW)
    said = Nginx(tmp_path, [1, 2]).check()
    assert "syntax is ok" in said
    assert "warn" not in said


async def triage(call: Callable[[str, Any], Awaitable[Any]]) -> str:
    """A whole triage by Socket.IO events that are acknowledged; its outcome."""
    await call("session_request", {})
    asked: str | None = "start"
    while asked is not None:
        text = {**PLAIN, "start": "sore back"}[asked]
        answer = await call("user_uttered", {"message": text, "message_id": asked})
        customs = [message.get("custom") or {} for message in answer["messages"]]
        if outcome := next((c["outcome"] for c in customs if "outcome" in c), None):
            return str(outcome)
        asked = asked_in(answer["messages"])
    raise AssertionError("no result")


async def test_a_triage_over_a_websocket(nginx: Nginx) -> None:
    """Spoken as it goes over the wire: Engine.IO 4 with Socket.IO 5 in it."""
    numbers = itertools.count()
    url = f"{nginx.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:

        async def frame(prefix: str) -> str:
            while True:
                text = (await socket.receive(timeout=10)).data
                if text == "2":
                    await socket.send_str("3")
                elif text.startswith(prefix):
                    return str(text.removeprefix(prefix))

        async def call(event: str, data: Any) -> Any:
            number = next(numbers)
            await socket.send_str(f"42{number}{json.dumps([event, data])}")
            return json.loads(await frame(f"43{number}"))[0]

        await frame("0")
        await socket.send_str("40")
        await frame("40")
        assert await triage(call) == "massage"


async def test_a_triage_by_polling(nginx: Nginx) -> None:
    """As where something on the way lets no WebSocket through: each request to the same server."""
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(nginx.url, transports=["polling"])
        assert await triage(client.call) == "massage"
        # Otherwise it waits for the answer to its last poll.
        await client.client.eio.disconnect(abort=True)


def test_metrics_are_not_for_the_outside(nginx: Nginx, servers: list[Server]) -> None:
    assert requests.get(f"{nginx.url}/metrics", timeout=5).status_code == 404
    assert requests.get(f"{servers[0].url}/metrics", timeout=5).status_code == 200


def test_what_is_too_large_does_not_get_through(nginx: Nginx) -> None:
    answer = requests.post(f"{nginx.url}/webhooks/rest/webhook", data=b"x" * 70_000, timeout=5)
    assert answer.status_code == 413


def test_a_flood_from_one_address_is_stopped_and_the_services_are_not(
    nginx: Nginx,
) -> None:
    def codes(path: str) -> set[int]:
        with ThreadPoolExecutor(16) as together:
            calls = together.map(
                lambda _: requests.get(nginx.url + path, timeout=10).status_code, range(150)
            )
            return set(calls)

    assert 429 in codes("/health/live")
    for service in (
        "/webhooks/telegram/webhook",
        "/webhooks/phone/voice",
        "/webhooks/phone/voice/turn",
    ):
        assert 429 not in codes(service)


def test_the_log_names_requests_and_nobody(nginx: Nginx) -> None:
    patient = Patient(nginx.url)
    patient.say("my zebrafish back is sore")
    requests.get(f"{nginx.url}/health/live?sender=somebody", timeout=5)
    lines = [json.loads(line) for line in nginx.log.splitlines() if line.startswith("{")]
    assert {"request_id", "status", "seconds", "path"} <= lines[-1].keys()
    for secret in ("zebrafish", patient.id, "somebody", '127.0.0.1"'):
        assert secret not in nginx.log


# The last one here: a server is missing after it.
def test_a_server_that_is_killed_is_not_noticed(nginx: Nginx, servers: list[Server]) -> None:
    """By twelve people of one address, who type faster than anybody does."""
    turns = itertools.count()

    def talk(_: int) -> str:
        patient = Patient(nginx.url)
        text = "sore back"
        while patient.result is None:
            if next(turns) == 40:
                servers[1].process.kill()
            patient.say(text)
            text = PLAIN[patient.asked] if patient.asked else ""
            time.sleep(0.4)
        return str(patient.result["outcome"])

    with ThreadPoolExecutor(6) as together:
        assert list(together.map(talk, range(12))) == ["massage"] * 12
