"""Which paths nginx lets through, and how, in front of a stand-in that tells what came."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.conftest import free_port
from tests.deploy.nginx import HOW, Nginx, program
from tests.services import require_or_skip


async def _answer(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() == "websocket":
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(f"heard {message.data}")
        return socket
    return web.json_response({"path": request.path, "bytes": len(await request.read())})


@pytest.fixture
async def nginx(tmp_path: Path) -> AsyncIterator[Nginx]:
    require_or_skip(program() is not None, HOW)
    app = web.Application(client_max_size=2**21)
    app.router.add_route("*", "/{path:.*}", _answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    nginx = Nginx(tmp_path / "nginx", [port])
    await asyncio.to_thread(nginx.start)
    yield nginx
    await asyncio.to_thread(nginx.stop)
    await runner.cleanup()


def status(nginx: Nginx, path: str) -> int:
    """The answer to a path as it is written here; other clients would tidy it up."""
    host, port = nginx.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    return connection.getresponse().status


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "/metrics/x",
        "/metrics?x=1",
        "/metrics;x=1",
        "/metrics/;x",
        "//metrics",
        "/./metrics/",
        "/%6Detrics",
        "/%6d%65trics/",
        "/metrics%2F",
        "/METRICS",
        "/Metrics/",
        "/health/../metrics",
        "/health/%2e%2e/metrics/",
        "/webhooks/phone/voice/../../../metrics",
    ],
)
async def test_no_spelling_of_metrics_gets_through(nginx: Nginx, path: str) -> None:
    assert await asyncio.to_thread(status, nginx, path) == 404


@pytest.mark.parametrize("path", ["/webhooks/phone/stream", "/webhooks/phone/stream?token=x"])
async def test_the_audio_stream_opens_its_websocket(nginx: Nginx, path: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(nginx.url + path) as call:
        await call.send_str("hello")
        assert (await call.receive(timeout=10)).data == "heard hello"


@pytest.mark.parametrize(
    "path",
    ["/webhooks/phone/transcript", "/webhooks/phone/stream/after", "/webhooks/phone/voice/turn"],
)
async def test_telephone_services_are_not_limited_as_visitors_are(nginx: Nginx, path: str) -> None:
    async with aiohttp.ClientSession() as session:

        async def code() -> int:
            async with session.post(nginx.url + path, data=b"x") as answer:
                return answer.status

        assert set(await asyncio.gather(*(code() for _ in range(150)))) == {200}


async def test_many_turns_of_calls_may_come_in_one_request(nginx: Nginx) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{nginx.url}/webhooks/phone/transcript"
        async with session.post(url, data=b"x" * 500_000) as answer:
            assert (await answer.json())["bytes"] == 500_000
