"""The open streams of this server: how many there are, and what the database had when one looked.

Nothing of it would be missed by another server: what is told comes from the database.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool

from backline.store.changes import Reading

MOST_OPEN = 100
"""Of all connections that a server takes at once, half are left for pages."""
MOST_OF_ONE = 4
"""Of one browser: without HTTP/2 it opens six connections to a server, and pages need some."""
LOOK_EVERY_S = 1.0


class Streams:
    """Counts streams, and looks at the database once for all of them.

    Attributes:
        look_every: seconds between two looks.
        ended: whether the server stops, so that none may go on.
    """

    def __init__(self, look_every: float = LOOK_EVERY_S) -> None:
        self.look_every = look_every
        self.ended = False
        self._counting = threading.Lock()
        self._open: Counter[str] = Counter()
        self._asking: asyncio.Future[Reading] | None = None
        self._read_at = 0.0

    @contextmanager
    def opened(self, whose: str) -> Iterator[bool]:
        """Count a stream while it is open; gives False where it is one too many.

        Args:
            whose: names the browser.
        """
        with self._counting:
            room = self._has_room(whose)
            if room:
                self._open[whose] += 1
        try:
            yield room
        finally:
            if room:
                with self._counting:
                    self._open[whose] -= 1
                    self._open += Counter()

    def _has_room(self, whose: str) -> bool:
        return sum(self._open.values()) < MOST_OPEN and self._open[whose] < MOST_OF_ONE

    def has_room(self, whose: str) -> bool:
        """Tell whether a browser may open one more."""
        with self._counting:
            return not self.ended and self._has_room(whose)

    async def latest(self, read: Callable[[], Reading]) -> Reading:
        """Read what all streams look at, once in the time between two looks, whoever asks."""
        now = time.monotonic()
        if self._asking is None or now - self._read_at >= self.look_every:
            self._read_at = now
            self._asking = asyncio.ensure_future(run_in_threadpool(read))
        return await asyncio.shield(self._asking)
