"""Messages whose emergency was told before they could be stored: they are stored when they can be.

Nobody is going to send such a message once more, since it was answered.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import UserMessage

from backline.dialogue import NO_ANSWER

logger = logging.getLogger(__name__)

KEPT_AGAIN_S, KEPT_FOR_S = 3.0, 300.0
"""Seconds between tries to store what an emergency was told to, and after which it is given up."""


def beside(message: UserMessage) -> UserMessage:
    """Give the same message, with a place of its own for what is said to it."""
    other = copy.copy(message)
    other.output_channel = copy.copy(message.output_channel)
    other.output_channel.messages = []
    return other


@dataclass(eq=False)
class _Late:
    """A message whose emergency was told and that is not stored yet.

    Attributes:
        went_on: whether its sender has said something else since.
        task: stores it.
    """

    message: UserMessage
    went_on: bool = False
    task: asyncio.Task[None] = field(init=False)

    def again(self) -> UserMessage:
        """Give the same message once more: if it was stored after all, it is heard once.

        Nobody gets what is said to it. Once its sender went on, another question may be open.
        """
        other = beside(self.message)
        if self.went_on:
            other.metadata = {**(self.message.metadata or {}), **NO_ANSWER.to_metadata()}
        return other


class LateEmergencies:
    """Takes turns again until they are stored.

    Args:
        take_turn: raises whatever broke.
    """

    def __init__(self, take_turn: Callable[[UserMessage], Awaitable[Any]]) -> None:
        self._take_turn = take_turn
        self._late: dict[str, list[_Late]] = {}

    def remember(self, turn: Awaitable[Any], message: UserMessage) -> None:
        """Let a turn end, and take it again until it is stored or `KEPT_FOR_S` are over."""
        late = _Late(message)
        late.task = asyncio.create_task(self._store(turn, late))
        self._late.setdefault(message.sender_id, []).append(late)
        late.task.add_done_callback(lambda _: self._drop(late))

    def sender_went_on(self, message: UserMessage) -> None:
        """Note that a message came; what its sender said before answers no open question then."""
        for late in self._late.get(message.sender_id, ()):
            late.went_on = late.went_on or late.message.message_id != message.message_id

    def forget(self, conversation: str) -> None:
        """Store nothing more of what was said in a conversation: it is erased."""
        for late in self._late.pop(conversation, ()):
            late.task.cancel()

    async def stored(self, conversation: str) -> None:
        """Wait until nothing of a conversation is left to be stored."""
        await asyncio.gather(*(late.task for late in self._late.get(conversation, ())))

    def __bool__(self) -> bool:
        return bool(self._late)

    def _drop(self, late: _Late) -> None:
        left = [other for other in self._late.pop(late.message.sender_id, ()) if other is not late]
        if left:
            self._late[late.message.sender_id] = left

    async def _store(self, turn: Awaitable[Any], late: _Late) -> None:
        until = asyncio.get_running_loop().time() + KEPT_FOR_S
        while True:
            try:
                await turn
                return
            except Exception as error:  # noqa: BLE001 - whatever broke, it may be mended
                failed = type(error).__name__
            if asyncio.get_running_loop().time() > until:
                logger.error("An emergency was told and not stored: %s", failed)
                return
            await asyncio.sleep(KEPT_AGAIN_S)
            turn = self._take_turn(late.again())
