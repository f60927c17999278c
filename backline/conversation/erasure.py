"""Erasing a conversation: one way, whoever asks for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from backline.store import Store

if TYPE_CHECKING:
    # Commands erase without Rasa, which takes seconds to load.
    from backline.runtime.agent import BacklineAgent


class Eraser:
    """Deletes a conversation everywhere it is kept: for its owner's word, the widget, a command.

    Args:
        agent: of the server that this runs in, if it runs in one.
    """

    def __init__(self, store: Store, agent: BacklineAgent | None = None) -> None:
        self._store = store
        self._agent = agent

    async def erase(self, conversation: str, *, in_turn: bool = False) -> bool:
        """Delete it, after the turn that is under way, if one is; False if there was none.

        Args:
            in_turn: it is that turn which asks for it. What waits to be read was written after
                it and stays; what the turn itself would store, the tracker store drops.

        Raises:
            backline.store.StoreUnavailable: the database does not answer; nothing was deleted.
        """
        if in_turn or self._agent is None:
            return await self._delete(conversation, unread=not in_turn)
        async with self._agent.lock_store.lock(conversation):
            self._agent.forget(conversation)
            return await self._delete(conversation, unread=True)

    async def _delete(self, conversation: str, *, unread: bool) -> bool:
        return await asyncio.to_thread(self._store.erase, conversation, unread=unread)
