"""What other people's APIs answer is read as far as it can be used."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from backline.http_client import LARGEST_ANSWER, HttpReply, call
from tests.conftest import free_port


async def _endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    try:
        while True:
            await answer.write(b" " * 65536)
    except ConnectionError:
        return answer


async def _reply_of(handler: web.Application) -> HttpReply:
    runner, port = web.AppRunner(handler), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with aiohttp.ClientSession() as http:
            return await call(http, "POST", f"http://127.0.0.1:{port}/", data=b"{}")
    finally:
        await runner.cleanup()


def test_an_answer_without_end_is_not_waited_for() -> None:
    app = web.Application()
    app.router.add_post("/", _endless)
    reply = asyncio.run(asyncio.wait_for(_reply_of(app), 8))
    assert (reply.status, reply.data) == (200, {})


def test_an_answer_is_read_whole() -> None:
    async def whole(_: web.Request) -> web.Response:
        return web.json_response({"ok": "x" * (LARGEST_ANSWER // 2)})

    app = web.Application()
    app.router.add_post("/", whole)
    reply = asyncio.run(_reply_of(app))
    assert len(reply.data["ok"]) == LARGEST_ANSWER // 2
