"""A local stand-in for a messaging service: an HTTP server in a thread of its own.

What it takes and refuses follows the service's documentation, so that what passes here would pass
there.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from aiohttp import web

HELD_BACK_S = 30.0
"""Longer than it takes to kill who waits for the answer."""


@dataclass(frozen=True)
class Call:
    """A request that a service makes of a webhook, as it would be on the wire."""

    path: str
    body: bytes
    headers: dict[str, str]

    def make(self, server: str) -> requests.Response:
        return requests.post(server + self.path, data=self.body, headers=self.headers, timeout=30)


@dataclass
class Shown:
    """A message as it stands on a person's phone.

    Attributes:
        controls: what can be pressed: the title shown and what the service would send for it.
    """

    id: str
    text: str
    controls: list[tuple[str, str]] = field(default_factory=list)
    at: float = field(default_factory=time.monotonic)


class StandIn:
    """Runs an aiohttp application until closed."""

    def __init__(self) -> None:
        self.phones: dict[str, list[Shown]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.on_show: Callable[[str, Shown], None] | None = None
        self.faults: deque[Callable[[], web.Response]] = deque()
        """Answers to give to the next calls that send something, instead of doing it."""
        self.gates: deque[threading.Event] = deque()
        """What the next calls that send something wait for, before they are taken."""
        self.unanswered: set[str] = set()
        """Addresses whose next message is taken, while the answer to it is held back."""
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    @property
    def environment(self) -> dict[str, str]:
        """What a server needs to use it in place of the service."""
        raise NotImplementedError

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._started.set()
        self._loop.run_forever()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=2**22)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        async def stop() -> None:
            await self._runner.cleanup()
            self._loop.stop()

        asyncio.run_coroutine_threadsafe(stop(), self._loop)
        self._thread.join(10)

    def show(self, address: str, message: Shown) -> None:
        self.phones.setdefault(address, []).append(message)
        if self.on_show is not None:
            self.on_show(address, message)

    async def answer(self, address: str, answer: web.Response) -> web.Response:
        """The answer to a call that was done, unless a test wants it held back."""
        if address in self.unanswered:
            self.unanswered.discard(address)
            await asyncio.sleep(HELD_BACK_S)
        return answer

    async def fault(self) -> web.Response | None:
        """The answer that a test wants this call to get, once it lets the call pass."""
        if self.gates:
            await asyncio.to_thread(self.gates.popleft().wait, HELD_BACK_S)
        return self.faults.popleft()() if self.faults else None
