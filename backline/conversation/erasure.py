"""Erasing a conversation at its owner's word."""

from __future__ import annotations

import asyncio

from backline.runtime.agent import BacklineAgent
from backline.store import Store


class Eraser:
    """Deletes a conversation everywhere this server keeps it."""

    def __init__(self, agent: BacklineAgent, store: Store) -> None:
        self._agent = agent
        self._store = store

    async def erase(self, conversation: str) -> bool:
        """Delete it, after the turn that is under way, if one is; False if there was none.

        Raises:
            backline.store.StoreUnavailable: the database does not answer; nothing was deleted.
        """
        async with self._agent.lock_store.lock(conversation):
            self._agent.forget(conversation)
            return await asyncio.to_thread(self._store.erase, conversation)
