"""Brings what staff write to open pages. The database carries it: staff write elsewhere."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import Any

from backline.conversation.staff_news import StaffNews
from backline.failures import describe

logger = logging.getLogger(__name__)

EVENT = "news"
LOOK_S = 1.0
LATELY = dt.timedelta(minutes=10)
"""How far back is looked: longer than any trouble with the database that a connection outlives."""
HIGHEST = 2**53
"""The highest whole number that a browser can tell from its neighbours."""


class NewsPush:
    """Follows the conversations of the connections of this server.

    Args:
        sockets: the Socket.IO server that they are at.
    """

    def __init__(self, sockets: Any, news: StaffNews) -> None:
        self._sockets = sockets
        self._news = news
        self._followed: dict[str, tuple[str, int]] = {}
        self._busy: set[str] = set()

    async def follow(self, sid: str, conversation: str, known: object) -> None:
        """Send now what a page does not have yet, and from now on what comes.

        Args:
            known: the number of the latest that it has; nothing is sent to one that tells none.
        """
        if isinstance(known, int) and not isinstance(known, bool) and 0 <= known < HIGHEST:
            self._followed[sid] = (conversation, known)
            await self._send(sid)

    def leave(self, sid: str) -> None:
        """Forget a connection."""
        self._followed.pop(sid, None)

    async def run(self) -> None:
        """Look for news as long as the server runs."""
        while True:
            await asyncio.sleep(LOOK_S)
            if not self._followed:
                continue
            try:
                latest = await self._news.latest(LATELY)
            except Exception as error:  # noqa: BLE001 - it must look again, whatever broke
                logger.warning("What staff wrote waits: %s", describe(error))
                continue
            for sid, (conversation, number) in list(self._followed.items()):
                if latest.get(conversation, 0) > number:
                    await self._send(sid)

    async def _send(self, sid: str) -> None:
        if sid in self._busy:
            return
        self._busy.add(sid)
        try:
            if sid not in self._followed:
                return
            conversation, number = self._followed[sid]
            news = await self._news.since(conversation, number)
            # It may be gone meanwhile, or follow another conversation.
            if news.messages and self._followed.get(sid) == (conversation, number):
                self._followed[sid] = (conversation, news.number)
                told = {"messages": list(news.messages), "number": news.number}
                await self._sockets.emit(EVENT, told, to=sid)
        except Exception as error:  # noqa: BLE001 - it is looked for again; others wait as well
            logger.warning("What staff wrote waits: %s", describe(error))
        finally:
            self._busy.discard(sid)
