"""Visitors who send more than anybody types, as seen from another machine."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import socketio

from backline.http_server.limits import PER_ADDRESS, PER_PERSON, SOCKETS_PER_ADDRESS, WINDOW_S
from tests.conftest import Server, start_server
from tests.talking import Patient

TALK = "/webhooks/rest/webhook"
places = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that believes the proxy in front of it, as these tests are."""
    folder = tmp_path_factory.mktemp("limits")
    server = start_server(
        f"sqlite:///{folder / 'backline.db'}", folder / "log", BACKLINE_PROXIES="1"
    )
    yield server
    assert server.stop() == 0


@pytest.fixture
def place() -> dict[str, str]:
    """The header of somebody at an address of their own."""
    return {"X-Forwarded-For": f"198.51.100.{next(places)}"}


def conversation() -> str:
    return f"test-{uuid.uuid4().hex}"


def say(server: Server, place: dict[str, str], sender: str, text: str = "hm") -> requests.Response:
    body = {"sender": sender, "message": text}
    return requests.post(f"{server.url}{TALK}", json=body, headers=place, timeout=30)


def most(a_minute: int, since: float) -> float:
    """How many are taken since then: so many at once, and as many a minute."""
    return a_minute * (1 + (time.monotonic() - since) / WINDOW_S) + 1


def use_up(server: Server, place: dict[str, str], sender: str) -> requests.Response:
    """Say something until it is refused, and give the refusal."""
    begun, taken = time.monotonic(), 0
    while (answer := say(server, place, sender)).status_code == 200:
        taken += 1
        assert taken <= most(PER_PERSON, begun)
    assert taken >= PER_PERSON
    return answer


def test_above_the_rate_a_conversation_is_asked_for_patience(
    server: Server, place: dict[str, str]
) -> None:
    answer = use_up(server, place, conversation())
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.json()["error"] == "too_fast"
    assert "Please wait a minute" in answer.json()["message"]
    assert "In an emergency call 000" in answer.json()["message"]


@pytest.mark.parametrize("text", ["both my legs are numb", "delete my data"])
def test_what_must_be_heard_is_heard_above_the_rate(
    server: Server, place: dict[str, str], text: str
) -> None:
    sender = conversation()
    assert use_up(server, place, sender).status_code == 429
    answer = say(server, place, sender, text)
    assert answer.status_code == 200
    assert "delete" in answer.text or '"urgency":"emergency"' in answer.text


def test_a_line_of_a_checklist_is_heard_above_the_rate(
    server: Server, place: dict[str, str]
) -> None:
    sender = conversation()
    use_up(server, place, sender)
    say(server, place, sender, "yes")
    assert say(server, place, sender, "1").status_code == 200


def test_the_other_people_at_an_address_are_not_hindered(
    server: Server, place: dict[str, str]
) -> None:
    use_up(server, place, conversation())
    assert say(server, place, conversation()).status_code == 200


def test_above_the_rate_of_an_address_its_requests_are_refused_and_an_emergency_is_heard(
    server: Server, place: dict[str, str]
) -> None:
    begun, taken = time.monotonic(), 0
    with requests.Session() as session:
        session.headers.update(place)

        def until_refused(method: str, path: str, body: Any = None) -> requests.Response:
            # Each moment gives back a little of the rate, and a busy machine takes many.
            nonlocal taken
            while True:
                answer = session.request(method, f"{server.url}{path}", json=body, timeout=10)
                if answer.status_code != 200:
                    return answer
                taken += 1
                assert taken <= most(PER_ADDRESS, begun)

        answer = until_refused("GET", "/health/live")
        assert answer.status_code == 429
        assert taken >= PER_ADDRESS
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["message"].endswith(".")
        assert until_refused("POST", "/widget/erase", {"sender": "x"}).status_code == 429
    heard = say(server, place, conversation(), "I can't control my bladder any more")
    assert heard.status_code == 200
    assert '"urgency":"emergency"' in heard.text


def test_this_machines_own_programs_are_not_limited(server: Server) -> None:
    patient = Patient(server.url)
    for _ in range(PER_PERSON + 5):
        patient.say("hm")


async def test_over_a_socket_the_answer_says_when_to_try_again(
    server: Server, place: dict[str, str]
) -> None:
    client = socketio.AsyncClient()
    await client.connect(server.url, headers=place, transports=["websocket"])
    await client.call("session_request", {}, timeout=10)

    async def tell(text: str) -> Any:
        event = {"message": text, "message_id": uuid.uuid4().hex}
        return await client.call("user_uttered", event, timeout=30)

    begun, taken = time.monotonic(), 0
    while "messages" in (refusal := await tell("hm")):
        taken += 1
        assert taken <= most(PER_PERSON, begun)
    assert taken >= PER_PERSON
    assert refusal["error"] == "too_fast"
    assert refusal["retry_after"] >= 1
    assert "emergency" in json.dumps(await tell("both my legs are numb"))
    await client.disconnect()


async def test_one_address_holds_so_many_connections_and_no_more(
    server: Server, place: dict[str, str]
) -> None:
    url = f"{server.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        held = [await session.ws_connect(url, headers=place) for _ in range(SOCKETS_PER_ADDRESS)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url, headers=place)
        assert refused.value.status == 429
        other = {"X-Forwarded-For": "203.0.113.5"}
        held.append(await session.ws_connect(url, headers=other))
        await asyncio.gather(*(one.close() for one in held))
        await asyncio.sleep(1)
        again = await session.ws_connect(url, headers=place)
        await again.close()


def test_a_request_that_dawdles_is_ended(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=40) as slow:
        slow.sendall(b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n")
        begun = time.monotonic()
        said = slow.recv(4096)
        assert time.monotonic() - begun < 30
    assert b"408" in said.split(b"\r\n")[0]


def test_headers_that_are_too_large_are_refused(server: Server) -> None:
    answer = requests.get(f"{server.url}/health/live", headers={"X-Long": "x" * 20_000}, timeout=10)
    assert answer.status_code == 413
    assert answer.json()["message"] == "That is too large."


async def test_an_event_that_is_too_large_ends_its_connection_alone(server: Server) -> None:
    url = f"{server.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        await ws.receive(timeout=10)
        await ws.send_str("4" + "x" * 70_000)
        said = await ws.receive(timeout=10)
        assert said.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        async with session.get(f"{server.url}/health/live") as alive:
            assert alive.status == 200


def test_a_proxy_that_no_setting_tells_of_is_warned_of_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = start_server(f"sqlite:///{tmp_path / 'backline.db'}", log)
    for _ in range(3):
        requests.get(server.url, headers={"X-Forwarded-For": "198.51.100.1"}, timeout=10)
    server.stop()
    assert log.read_text(encoding="utf-8").count("BACKLINE_PROXIES is not set") == 1
