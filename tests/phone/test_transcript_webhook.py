"""The webhook for transcripts on a server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from backline.phone.gateways.transcript_webhook import PATH, transcript_blueprint
from tests.conftest import free_port
from tests.phone.scripted import ScriptedLine, turn

TOKEN = "t" * 32
CALL = "CA1"


@pytest.fixture
def line() -> ScriptedLine:
    return ScriptedLine([turn(1, "Shall we go on?"), turn(2, "How bad is it?")])


@pytest.fixture
async def address(line: ScriptedLine) -> AsyncIterator[str]:
    app = Sanic("backline_transcript_test", configure_logging=False, register=False)
    app.blueprint(transcript_blueprint(line, TOKEN))
    port = free_port()
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    yield f"http://127.0.0.1:{port}{PATH}"
    server.close()
    await server.wait_closed()


async def post(address: str, data: Any, token: str = TOKEN) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, json=data, headers=headers) as reply,
    ):
        return reply.status, await reply.json()


async def test_the_service_is_told_what_to_say(address: str) -> None:
    status, reply = await post(address, {"call": CALL, "event": "began"})

    assert status == 200
    assert reply["call"] == CALL
    assert reply["turn"]["number"] == 1
    assert reply["turn"]["say"] == [{"text": "Shall we go on?", "slowly": False}]
    assert reply["turn"]["then"] == "listen"


async def test_an_array_is_answered_by_one_turn_for_each_call(address: str) -> None:
    began = [{"call": "1", "event": "began"}, {"call": "2", "event": "began"}]
    _, reply = await post(address, [*began, {"call": "1", "speaker": "agent", "text": "hello"}])

    assert [(r["call"], r["turn"]["number"]) for r in reply] == [("1", 1), ("2", 1)]


async def test_a_wrong_field_is_told(address: str) -> None:
    status, reply = await post(address, {"call": CALL, "keys": "?"})

    assert (status, reply["error"]) == (400, "bad_keys")


@pytest.mark.parametrize("token", ["", "x" * 32, TOKEN[:-1]])
async def test_without_the_token_nothing_is_heard(
    address: str, line: ScriptedLine, token: str
) -> None:
    status, reply = await post(address, {"call": CALL, "event": "began"}, token)

    assert (status, reply["error"]) == (401, "not_allowed")
    assert line.calls == []
