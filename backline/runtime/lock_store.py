"""Whose turn it is in a conversation, when several servers share them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockError, LockStore
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError as NotHeld
from redis.exceptions import RedisError

from backline.observability import metrics
from backline.observability.instrumentation import timed

logger = logging.getLogger(__name__)

KEY = "backline:turn:"
ANSWERS_WITHIN_S = 2.0
"""After that Redis is taken as gone."""
PATIENCE_S = 6.0
"""How long a turn waits for Redis to come back: less than people wait for an answer."""
LIFE_S = float(os.environ.get("TICKET_LOCK_LIFETIME") or 6.0)
"""How long the lock of a server that is gone keeps its conversation; Rasa's variable sets it."""
PAUSE_S = 0.25
LOOK_AGAIN_S = 0.05


class BacklineLockStore(LockStore):
    """Rasa's lock store on the lock of Redis's own client.

    Rasa's `RedisLockStore` reads a lock, changes it and writes it back, so two servers can take the
    same ticket; and it asks Redis on the event loop, so that a Redis that stands still holds up
    everybody. This one takes a lock in one step and waits beside the loop. A lock lives for seconds
    and is renewed while its turn lasts, so that a person whose server died waits no minute for
    another. Within one server the turns of a conversation come in the order of their messages.

    Args:
        url: of Redis.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis: Redis[Any] = Redis.from_url(
            url,
            socket_timeout=ANSWERS_WITHIN_S,
            socket_connect_timeout=ANSWERS_WITHIN_S,
        )
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LIFE_S,
        wait_time_in_seconds: float = LOOK_AGAIN_S,
    ) -> AsyncIterator[Any]:
        """Hold a conversation.

        Args:
            lock_lifetime: seconds after which another server may go on, if this one is gone or
                stands still.
            wait_time_in_seconds: how often to look whether another server is done.

        Raises:
            LockError: Redis does not answer, or another server held it all the time.
        """
        here = self._here.setdefault(conversation_id, asyncio.Lock())
        async with here:
            held = self._redis.lock(
                KEY + conversation_id, timeout=lock_lifetime, sleep=wait_time_in_seconds
            )
            await self._take(held, lock_lifetime)
            keeping = asyncio.create_task(self._keep(held, lock_lifetime / 3))
            try:
                yield held
            finally:
                keeping.cancel()
                await self._give_back(held)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.close()

    @staticmethod
    @timed(metrics.LOCK)
    async def _take(held: Lock, lock_lifetime: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while True:
            try:
                if await held.acquire(blocking_timeout=lock_lifetime + PATIENCE_S):
                    return
                raise LockError("another server holds the conversation")
            except (RedisError, OSError) as error:
                if loop.time() > until:
                    raise LockError(f"Redis does not answer: {type(error).__name__}") from error
                await asyncio.sleep(PAUSE_S)

    @staticmethod
    async def _keep(held: Lock, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await held.reacquire()
            except NotHeld:
                # The turn is not ended for it: what it would store is refused, if another went on.
                return
            except (RedisError, OSError):
                continue

    @staticmethod
    async def _give_back(held: Lock) -> None:
        try:
            await held.release()
        except NotHeld:
            logger.warning("A turn took longer than its lock lived.")
        except (RedisError, OSError) as error:
            # It ends by itself.
            logger.warning("A lock could not be given back: %s", type(error).__name__)
