"""The faults themselves."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults.disk import Disk, disk
from bench.faults.parts import Part, PostgreSQL
from bench.faults.proxy import SlowProxy
from bench.faults.run import Fault
from bench.faults.system import LOCK_LIFE_S, System, environment_with_clock

Mended = Callable[[], None]
Inject = Callable[[System, Any, Mended], Awaitable[None]]

HOUR = 3600
SLOW_QUERY_S = 0.5


@dataclass(frozen=True)
class Times:
    """For how many seconds something is broken."""

    postgres_away: float = 15.0
    redis_away: float = 20.0
    rabbitmq_away: float = 15.0
    paused: float = LOCK_LIFE_S + 10.0
    clock: float = 6.0
    slow: float = 30.0
    disk_full: float = 15.0


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


def _hang_redis(seconds: float) -> Inject:
    async def inject(system: System, _: Any, mended: Mended) -> None:
        assert system.redis.process is not None
        system.redis.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        system.redis.process.send_signal(signal.SIGCONT)
        mended()

    return inject


def _fill_rabbitmq(seconds: float) -> Inject:
    async def inject(system: System, _: Any, mended: Mended) -> None:
        await asyncio.to_thread(system.rabbitmq.block_publishers)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(system.rabbitmq.let_publish)
        mended()

    return inject


def _pause(seconds: float) -> Inject:
    async def inject(system: System, _: Any, mended: Mended) -> None:
        process = system.servers[0].process
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        mended()

    return inject


@asynccontextmanager
async def _clock_of_one(system: System) -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        clock = Path(folder) / "clock"
        clock.write_text("+0", encoding="utf-8")
        await system.restart_server(1, **environment_with_clock(clock))
        yield clock
    await system.restart_server(1)


def _set_clock(seconds: float) -> Inject:
    async def inject(_: System, clock: Path, mended: Mended) -> None:
        for offset in (HOUR, 0, -HOUR, 0):
            await asyncio.to_thread(clock.write_text, f"{offset:+d}", encoding="utf-8")
            await asyncio.sleep(seconds)
        mended()

    return inject


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


def _slow_queries(seconds: float) -> Inject:
    async def inject(_: System, proxy: SlowProxy, mended: Mended) -> None:
        proxy.delay_s = SLOW_QUERY_S
        await asyncio.sleep(seconds)
        proxy.delay_s = 0.0
        mended()

    return inject


@asynccontextmanager
async def _on_sqlite(system: System) -> AsyncIterator[Disk]:
    with tempfile.TemporaryDirectory() as folder:
        small = disk(Path(folder) / "disk")
        try:
            async with system.alone_on(f"sqlite:///{small.folder / 'backline.db'}"):
                yield small
        finally:
            small.remove()


def _fill_disk(seconds: float) -> Inject:
    async def inject(system: System, small: Disk, mended: Mended) -> None:
        user = system.servers[0].process.pid
        await asyncio.to_thread(small.fill, user)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(small.make_room, user)
        mended()

    return inject


async def _roll(system: System, _: Any, mended: Mended) -> None:
    for number in range(2):
        await system.restart_server(number)
    mended()


def faults(times: Times) -> tuple[Fault, ...]:
    """All of them, in the order in which they are tried."""
    return (
        Fault("kill", "One server is ended by `kill -9` and started again.", _kill),
        Fault("roll", "One server after the other is stopped (SIGTERM) and started again.", _roll),
        Fault(
            "postgres-restart",
            "PostgreSQL is restarted.",
            _away(lambda system: system.postgres, signal.SIGINT, 0),
        ),
        Fault(
            "postgres-away",
            f"PostgreSQL crashes and is away for {times.postgres_away:.0f} s.",
            _away(lambda system: system.postgres, signal.SIGQUIT, times.postgres_away),
        ),
        Fault(
            "redis-away",
            f"Redis is killed and away for {times.redis_away:.0f} s; it comes back empty.",
            _away(lambda system: system.redis, signal.SIGKILL, times.redis_away),
        ),
        Fault(
            "redis-hangs",
            f"Redis takes connections and answers nothing for {times.redis_away:.0f} s.",
            _hang_redis(times.redis_away),
        ),
        Fault(
            "rabbitmq-away",
            f"RabbitMQ is killed and away for {times.rabbitmq_away:.0f} s.",
            _away(lambda system: system.rabbitmq, signal.SIGKILL, times.rabbitmq_away),
            all_told=True,
        ),
        Fault(
            "rabbitmq-full",
            f"RabbitMQ's disk is full for {times.rabbitmq_away:.0f} s: it takes no message.",
            _fill_rabbitmq(times.rabbitmq_away),
            all_told=True,
        ),
        Fault(
            "paused",
            f"One server stands still (SIGSTOP) for {times.paused:.0f} s, "
            "longer than a lock lives.",
            _pause(times.paused),
        ),
        Fault(
            "clock",
            "The clock of one server goes an hour forward and back, then an hour back and forward.",
            _set_clock(times.clock),
            _clock_of_one,
        ),
        Fault(
            "slow-database",
            f"Each round trip to PostgreSQL takes {SLOW_QUERY_S * 1000:.0f} ms, "
            f"for {times.slow:.0f} s.",
            _slow_queries(times.slow),
            _behind_proxy,
        ),
        Fault(
            "disk-full",
            f"The disk of one server on SQLite is full for {times.disk_full:.0f} s.",
            _fill_disk(times.disk_full),
            _on_sqlite,
        ),
    )


FAULTS = faults(Times())
