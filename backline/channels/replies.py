"""A message that is sent again is heard once, and gets the reply that it had."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import BotUttered, UserUttered

from backline.channels.handling import WholeMessages, is_apology

KEPT = 5000
Reply = list[dict[str, Any]]


class Replies:
    """The latest reply of each conversation.

    A person whose connection broke does not know whether the message arrived. Sent again under the
    same `message_id` it gets the same reply; without this, "None of these" could answer the next
    checklist unread. Kept in this process for the 5,000 conversations that spoke last; after a
    restart, or on another server, the reply is read from what Rasa stored of the conversation.
    """

    def __init__(self) -> None:
        self._latest: OrderedDict[str, tuple[str, asyncio.Future[Reply]]] = OrderedDict()

    async def once(
        self,
        sender: str,
        message_id: str | None,
        handle: Callable[[], Awaitable[Reply]],
        stored: TrackerStore,
        again: bool = False,
    ) -> Reply:
        """The reply to this message, by handling it unless that was done or is being done.

        Args:
            message_id: the sender's own id of the message; without one it is always handled.
            stored: where Rasa keeps the conversations.
            again: the sender knows that it sent this message before.
        """
        if message_id is None:
            return await handle()
        known = self._latest.get(sender)
        if known is not None and known[0] == message_id:
            return await asyncio.shield(known[1])

        async def reply_of() -> Reply:
            told = await stored_reply(stored, sender, message_id) if again or not known else None
            return told if told is not None else await handle()

        future = asyncio.ensure_future(reply_of())
        self._latest[sender] = (message_id, future)
        self._latest.move_to_end(sender)
        if len(self._latest) > KEPT:
            self._latest.popitem(last=False)
        try:
            reply = await asyncio.shield(future)
        except Exception:
            self.forget(sender)
            raise
        if is_apology(reply):
            self.forget(sender)
        return reply

    def forget(self, sender: str) -> None:
        """Drop what is kept of a conversation, as when it is erased."""
        self._latest.pop(sender, None)


async def stored_reply(stored: TrackerStore, sender: str, message_id: str) -> Reply | None:
    """What was answered to a message, from the stored conversation; None if it was not heard."""
    tracker = await stored.retrieve_full_tracker(sender)
    if tracker is None:
        return None
    collector = WholeMessages()
    heard = False
    for event in tracker.events:
        if isinstance(event, UserUttered):
            if heard:
                break
            heard = event.message_id == message_id
        elif heard and isinstance(event, BotUttered):
            said = {name: value for name, value in event.data.items() if value}
            await collector.send_response(sender, {"text": event.text, **said})
    return collector.messages or None
