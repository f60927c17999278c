"""A whole system on this machine: two servers behind nginx, and what they share."""

from __future__ import annotations

import asyncio
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from bench.faults.parts import Missing, Nginx, PostgreSQL, RabbitMQ, Redis, free_port
from tests.conftest import Server, start_server
from tests.messaging.conftest import Services, close, new_services
from tests.services import faketime

LOCK_LIFE_S = 10
"""Shorter than Rasa's 60 s, so that a server need not be paused for longer than a minute."""


class System:
    """Started as a whole; its parts can be broken one by one."""

    def __init__(self, folder: Path) -> None:
        # PostgreSQL's own user must get through.
        folder.chmod(0o755)
        self._folder = folder
        self.postgres = PostgreSQL(folder)
        self.redis = Redis(folder)
        self.rabbitmq = RabbitMQ(folder)
        self._ports = [free_port(), free_port()]
        self.nginx = Nginx(folder, self._ports)
        self.services: Services = new_services()
        self.servers: list[Server] = []
        self.database_url = self.postgres.url

    @property
    def url(self) -> str:
        """Where patients find it."""
        return self.nginx.url

    def start(self) -> None:
        """Start everything."""
        with ThreadPoolExecutor() as together:
            for started in [
                together.submit(part.start) for part in (self.postgres, self.redis, self.rabbitmq)
            ]:
                started.result()
            self.servers = list(together.map(self.start_server, range(2)))
        self.nginx.start()

    def stop(self) -> None:
        """Stop everything, whatever state it is in."""
        for server in self.servers:
            if server.process.poll() is None:
                server.process.send_signal(signal.SIGCONT)
                server.process.kill()
                server.process.wait()
        for part in (self.nginx, self.rabbitmq, self.redis):
            part.stop()
        self.postgres.stop(signal.SIGQUIT)
        close(self.services)

    def start_server(self, number: int, **environment: str) -> Server:
        """Start the first (0) or the second (1) server, and wait until it is ready."""
        return start_server(
            environment.pop("DATABASE_URL", self.database_url),
            self._folder / f"server-{number}.log",
            port=self._ports[number],
            REDIS_URL=self.redis.url,
            RABBITMQ_URL=self.rabbitmq.url,
            TICKET_LOCK_LIFETIME=str(LOCK_LIFE_S),
            BACKLINE_LOG_LEVEL="warning",
            **self.services.environment,
            **environment,
        )

    async def restart_server(self, number: int, **environment: str) -> None:
        """Stop a server as an operator does and start it again, perhaps with other settings."""
        await self._stop_server(self.servers[number])
        self.servers[number] = await asyncio.to_thread(self.start_server, number, **environment)

    @staticmethod
    async def _stop_server(server: Server) -> None:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.process.wait, 30)

    @asynccontextmanager
    async def alone_on(self, database_url: str) -> AsyncIterator[None]:
        """One server on that database in place of the two."""
        await self._stop_server(self.servers.pop())
        self.database_url = database_url
        await self.restart_server(0)
        try:
            yield
        finally:
            self.database_url = self.postgres.url
            await self.restart_server(0)
            self.servers.append(await asyncio.to_thread(self.start_server, 1))

    def all_ready(self) -> bool:
        """Whether every server says that it is."""
        return all(_says_ready(server.url) for server in self.servers)


def _says_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=3) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def environment_with_clock(offset_file: Path) -> dict[str, str]:
    """The environment of a process whose clock is off by what the file says, such as `+3600`.

    The time since its start goes on as it does: that is how a clock that is set looks to it.
    """
    library = faketime()
    if library is None:
        raise Missing("libfaketime is not installed; apt-get install faketime")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(offset_file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
