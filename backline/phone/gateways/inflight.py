"""Keep answers that are being worked out, also while the caller is asked to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from backline.phone.events import BotTurn

KEPT_S = 120.0
"""Longer than anybody is asked to wait. What is older was asked for by a caller who hung up."""


class InFlight:
    """The work on calls that is in flight. Asked for twice, it is done once."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, int], asyncio.Task[BotTurn]] = {}
        self._began: dict[tuple[str, int], float] = {}

    async def result(
        self, call: str, number: int, work: Callable[[], Awaitable[BotTurn]], seconds: float
    ) -> BotTurn | None:
        """Return what `work` gives, or None if that takes longer than `seconds`; it goes on then.

        Asked again for the same call and number, what is under way or waits to be taken is given,
        and no new work begins.

        Raises:
            Exception: whatever the work raised.
        """
        key = call, number
        task = self._tasks.get(key)
        if task is None:
            self._drop_old()
            task = asyncio.ensure_future(_run(work))
            self._tasks[key] = task
            self._began[key] = asyncio.get_running_loop().time()
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            return None
        if self._tasks.get(key) is task:
            del self._tasks[key], self._began[key]
        return task.result()

    async def finish(self, call: str) -> None:
        """Wait for what is in flight for a call, not for ever, and forget what it gave."""
        keys = [key for key in self._tasks if key[0] == call]
        tasks = {self._tasks[key] for key in keys}
        if tasks:
            await asyncio.wait(tasks, timeout=KEPT_S)
        for key in keys:
            self._drop(key)

    def _drop_old(self) -> None:
        now = asyncio.get_running_loop().time()
        old = [k for k, t in self._tasks.items() if t.done() and now - self._began[k] > KEPT_S]
        for key in old:
            self._drop(key)

    def _drop(self, key: tuple[str, int]) -> None:
        self._began.pop(key, None)
        task = self._tasks.pop(key, None)
        if task is not None and task.done() and not task.cancelled():
            # Else Python would complain that nobody looked at it.
            task.exception()


async def _run(work: Callable[[], Awaitable[BotTurn]]) -> BotTurn:
    return await work()
