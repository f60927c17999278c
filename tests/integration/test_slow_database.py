"""PostgreSQL at the end of a slow line: what a turn costs, and who is not kept waiting for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from bench.faults.patients import EMERGENCY, Diary, Visitor, post
from bench.faults.proxy import SlowProxy
from tests.conftest import Server, start_server
from tests.plain import PLAIN

MOST_A_TURN = 3
"""To read the conversation, to look whether the message was heard before, and to write the turn."""
MOST_TO_STORE_A_RESULT = 8
TOLD_WITHIN_S = 7.0

pytestmark = pytest.mark.postgresql


@pytest.fixture
async def proxy(postgres_url: str) -> AsyncIterator[SlowProxy]:
    proxy = SlowProxy(sa.engine.make_url(postgres_url).port or 5432)
    await proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture
async def server(proxy: SlowProxy, postgres_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    through = sa.engine.make_url(postgres_url).set(host="127.0.0.1", port=proxy.port)
    url = through.render_as_string(hide_password=False)
    server = await asyncio.to_thread(start_server, url, tmp_path / "log")
    yield server
    server.process.kill()
    await asyncio.to_thread(server.process.wait)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def triage(visitor: Visitor, proxy: SlowProxy) -> list[int]:
    """The round trips of each turn of a triage; the last one gives the result."""
    visitor.begin()
    costs, text = [], "sore back"
    for number in range(20):
        before = proxy.round_trips
        outcome, asked = await visitor.say(text, f"message-{number}", again=False)
        costs.append(proxy.round_trips - before)
        if outcome is not None:
            return costs
        text = PLAIN[str(asked)]
    raise AssertionError("no result")


async def test_a_turn_costs_few_round_trips_to_the_database(
    server: Server, proxy: SlowProxy, http: aiohttp.ClientSession
) -> None:
    visitor = Visitor(server.url, Diary(), http)
    # Connections are made at their first use.
    await triage(visitor, proxy)
    *turns, result = await triage(visitor, proxy)
    assert max(turns) <= MOST_A_TURN, turns
    assert result <= MOST_A_TURN + MOST_TO_STORE_A_RESULT


async def test_an_emergency_is_told_in_time_however_slow_the_database_is(
    server: Server, proxy: SlowProxy, http: aiohttp.ClientSession
) -> None:
    proxy.delay_s = 1.5
    began = time.monotonic()
    messages = await post(http, server.url, {"sender": "slow-line-1", "message": EMERGENCY})
    assert time.monotonic() - began < TOLD_WITHIN_S
    results = [m["custom"] for m in messages if m.get("custom", {}).get("type") == "triage_result"]
    assert [r["urgency"] for r in results] == ["emergency"]


async def test_what_was_told_in_time_is_stored_once_the_database_has_taken_it(
    server: Server, proxy: SlowProxy, http: aiohttp.ClientSession, postgres_url: str
) -> None:
    proxy.delay_s = 1.0
    body = {"sender": "slow-line-2", "message": EMERGENCY, "message_id": "one"}
    told = await post(http, server.url, body)
    assert told
    proxy.delay_s = 0.0
    # The same message again waits for the turn that is under way, and gets what it said.
    again = await post(http, server.url, body)
    assert [m.get("text") for m in again] == [m.get("text") for m in told]
    engine = sa.create_engine(postgres_url, future=True)
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT urgency FROM assessments")).scalars().all()
    engine.dispose()
    assert kept == ["emergency"]
