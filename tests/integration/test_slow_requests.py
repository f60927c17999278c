"""Requests that do not come to their end, byte by byte over real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.http_server.hardening import CarefulProtocol
from tests.conftest import free_port

LIMIT_S = 2.0
BODY = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"
CHUNKED = b"POST /take HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that takes what is sent, slowly answers, and talks over a WebSocket."""
    app = Sanic("slow-requests", configure_logging=False)
    app.config.REQUEST_TIMEOUT = LIMIT_S

    @app.post("/take")
    async def take(request: Request) -> HTTPResponse:
        return response.text(str(len(request.body)))

    @app.get("/wait")
    async def wait(_: Request) -> HTTPResponse:
        await asyncio.sleep(2 * LIMIT_S)
        return response.text("at last")

    @app.websocket("/talk")
    async def talk(_: Request, socket: object) -> None:
        while True:
            await socket.send(await socket.recv())  # type: ignore[attr-defined]

    port = free_port()
    server = await app.create_server(
        "127.0.0.1", port, protocol=CarefulProtocol, return_asyncio_server=True
    )
    assert server is not None
    await server.startup()
    yield port
    server.close()


async def drip(port: int, first: bytes, drops: bytes, apart: float = 0.3) -> tuple[bytes, float]:
    """Send something, then byte after byte; what is answered, and after how many seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = time.monotonic()

    async def send() -> None:
        writer.write(first)
        for drop in drops:
            await asyncio.sleep(apart)
            writer.write(bytes([drop]))
            await writer.drain()

    sending = asyncio.create_task(send())
    try:
        said = await asyncio.wait_for(reader.read(), 8 * LIMIT_S)
    finally:
        sending.cancel()
        writer.close()
    return said, time.monotonic() - begun


@pytest.mark.parametrize(
    ("first", "drops"),
    [
        pytest.param(b"", b"GET /wait HTTP/1.1\r\n" + b"X" * 200, id="header"),
        pytest.param(b"GET /wait HTTP/1.1\r\n", b"", id="half a header"),
        pytest.param(BODY, b"x" * 200, id="body"),
        pytest.param(BODY + b"x" * 3000, b"", id="half a body"),
        pytest.param(CHUNKED, b"1\r\nx\r\n" * 40, id="chunks"),
        pytest.param(CHUNKED + b"ff\r\nxx", b"", id="half a chunk"),
    ],
)
async def test_a_request_that_does_not_end_in_time_is_answered_408_and_closed(
    port: int, first: bytes, drops: bytes
) -> None:
    said, seconds = await drip(port, first, drops)
    assert said.startswith(b"HTTP/1.1 408")
    assert said.count(b"HTTP/1.1") == 1
    assert LIMIT_S * 0.9 <= seconds < LIMIT_S + 3


async def test_a_body_that_nobody_reads_holds_the_connection_no_longer(port: int) -> None:
    """It was answered before its end: there is nothing here that takes it."""
    first = b"GET /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"
    said, seconds = await drip(port, first, b"x" * 200)
    assert said.startswith(b"HTTP/1.1 404")
    assert seconds < LIMIT_S + 3


async def test_what_comes_slowly_and_in_time_is_taken(port: int) -> None:
    first = b"POST /take HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n"
    said, _ = await drip(port, first, b"back", apart=0.2)
    assert said.startswith(b"HTTP/1.1 200")
    assert said.endswith(b"4")


@pytest.mark.parametrize("length", [b"", b"Content-Length: 0\r\n"])
async def test_an_answer_may_take_longer_as_a_long_poll_does(port: int, length: bytes) -> None:
    first = b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + length + b"\r\n"
    said, _ = await drip(port, first, b"")
    assert said.endswith(b"at last")


async def test_each_request_of_a_connection_has_its_own_time(port: int) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        for _ in range(6):
            async with session.post(f"http://127.0.0.1:{port}/take", data=b"back") as answer:
                assert await answer.text() == "4"
            await asyncio.sleep(LIMIT_S / 4)


async def test_a_websocket_lasts(port: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/talk") as socket,
    ):
        for _ in range(3):
            await asyncio.sleep(LIMIT_S * 0.6)
            await socket.send_str("still here")
            assert (await socket.receive(timeout=5)).data == "still here"
