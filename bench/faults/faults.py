"""The faults themselves."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.faults.parts import Part, PostgreSQL
from bench.faults.proxy import SlowProxy
from bench.faults.run import Fault
from bench.faults.system import LOCK_LIFE_S, System, environment_with_clock

Mended = Callable[[], None]
Inject = Callable[[System, Any, Mended], Awaitable[None]]

POSTGRES_AWAY_S = 15.0
REDIS_AWAY_S = 20.0
RABBITMQ_AWAY_S = 15.0
PAUSED_S = LOCK_LIFE_S + 10.0
HOUR = 3600
CLOCK_S = 6.0
SLOW_QUERY_S = 0.5
SLOW_FOR_S = 30.0


async def _kill(system: System, _: Any, mended: Mended) -> None:
    process = system.servers[1].process
    process.kill()
    await asyncio.to_thread(process.wait)
    mended()
    await system.restart_server(1)


def _away(part: Callable[[System], Part], how: signal.Signals, seconds: float) -> Inject:
    """A part is ended by that signal and started again so many seconds later."""

    async def inject(system: System, _: Any, mended: Mended) -> None:
        await asyncio.to_thread(part(system).stop, how)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(part(system).start)
        mended()

    return inject


async def _hang_redis(system: System, _: Any, mended: Mended) -> None:
    assert system.redis.process is not None
    system.redis.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(REDIS_AWAY_S)
    system.redis.process.send_signal(signal.SIGCONT)
    mended()


async def _fill_rabbitmq(system: System, _: Any, mended: Mended) -> None:
    await asyncio.to_thread(system.rabbitmq.block_publishers)
    await asyncio.sleep(RABBITMQ_AWAY_S)
    await asyncio.to_thread(system.rabbitmq.let_publish)
    mended()


async def _pause(system: System, _: Any, mended: Mended) -> None:
    process = system.servers[0].process
    process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(PAUSED_S)
    process.send_signal(signal.SIGCONT)
    mended()


@asynccontextmanager
async def _clock_of_one(system: System) -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        clock = Path(folder) / "clock"
        clock.write_text("+0", encoding="utf-8")
        await system.restart_server(1, **environment_with_clock(clock))
        yield clock
    await system.restart_server(1)


async def _set_clock(_: System, clock: Path, mended: Mended) -> None:
    for offset in (HOUR, 0, -HOUR, 0):
        await asyncio.to_thread(clock.write_text, f"{offset:+d}", encoding="utf-8")
        await asyncio.sleep(CLOCK_S)
    mended()


@asynccontextmanager
async def _behind_proxy(system: System) -> AsyncIterator[SlowProxy]:
    proxy = SlowProxy(system.postgres.port)
    await proxy.start()
    for number in range(2):
        await system.restart_server(number, DATABASE_URL=PostgreSQL.url_at(proxy.port))
    yield proxy
    for number in range(2):
        await system.restart_server(number)
    proxy.stop()


async def _slow_queries(_: System, proxy: SlowProxy, mended: Mended) -> None:
    proxy.delay_s = SLOW_QUERY_S
    await asyncio.sleep(SLOW_FOR_S)
    proxy.delay_s = 0.0
    mended()


async def _roll(system: System, _: Any, mended: Mended) -> None:
    for number in range(2):
        await system.restart_server(number)
    mended()


FAULTS = (
    Fault("kill", "One server is ended by `kill -9` and started again.", _kill),
    Fault("roll", "One server after the other is stopped (SIGTERM) and started again.", _roll),
    Fault(
        "postgres-restart",
        "PostgreSQL is restarted.",
        _away(lambda system: system.postgres, signal.SIGINT, 0),
    ),
    Fault(
        "postgres-away",
        f"PostgreSQL crashes and is away for {POSTGRES_AWAY_S:.0f} s.",
        _away(lambda system: system.postgres, signal.SIGQUIT, POSTGRES_AWAY_S),
    ),
    Fault(
        "redis-away",
        f"Redis is killed and away for {REDIS_AWAY_S:.0f} s; it comes back empty.",
        _away(lambda system: system.redis, signal.SIGKILL, REDIS_AWAY_S),
    ),
    Fault(
        "redis-hangs",
        f"Redis takes connections and answers nothing for {REDIS_AWAY_S:.0f} s.",
        _hang_redis,
    ),
    Fault(
        "rabbitmq-away",
        f"RabbitMQ is killed and away for {RABBITMQ_AWAY_S:.0f} s.",
        _away(lambda system: system.rabbitmq, signal.SIGKILL, RABBITMQ_AWAY_S),
        all_told=True,
    ),
    Fault(
        "rabbitmq-full",
        f"RabbitMQ's disk is full for {RABBITMQ_AWAY_S:.0f} s: it takes no message.",
        _fill_rabbitmq,
        all_told=True,
    ),
    Fault(
        "paused",
        f"One server stands still (SIGSTOP) for {PAUSED_S:.0f} s, longer than a lock lives.",
        _pause,
    ),
    Fault(
        "clock",
        "The clock of one server goes an hour forward and back, then an hour back and forward.",
        _set_clock,
        _clock_of_one,
    ),
    Fault(
        "slow-database",
        f"Each round trip to PostgreSQL takes {SLOW_QUERY_S * 1000:.0f} ms, "
        f"for {SLOW_FOR_S:.0f} s.",
        _slow_queries,
        _behind_proxy,
    ),
)
