"""A conversation is erased in one way, whoever asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from backline.conversation.erasure import Eraser
from backline.store import StoreUnavailable


class Kept:
    """A store and an agent, in which one thing happens after the other.

    Attributes:
        happened: what did.
    """

    def __init__(self, *, broken: bool = False) -> None:
        self.happened: list[str] = []
        self.broken = broken
        self.lock_store = self

    @asynccontextmanager
    async def lock(self, conversation: str) -> AsyncIterator[None]:
        self.happened.append("locked")
        yield
        self.happened.append("unlocked")

    def forget(self, conversation: str) -> None:
        self.happened.append(f"nothing more of {conversation} is stored")

    def erase(self, conversation: str, *, unread: bool) -> bool:
        if self.broken:
            raise StoreUnavailable("no answer")
        self.happened.append(f"{conversation} is deleted, {'' if unread else 'not '}what waits")
        return conversation == "ada"


def eraser(kept: Any, *, serving: bool) -> Eraser:
    return Eraser(kept, kept if serving else None)


async def test_a_server_erases_between_two_turns_and_stores_nothing_afterwards() -> None:
    kept = Kept()
    assert await eraser(kept, serving=True).erase("ada")
    assert kept.happened == [
        "locked",
        "nothing more of ada is stored",
        "ada is deleted, what waits",
        "unlocked",
    ]


@pytest.mark.parametrize("serving", [True, False])
async def test_a_turn_that_asks_for_it_leaves_what_was_written_after_it(serving: bool) -> None:
    kept = Kept()
    assert await eraser(kept, serving=serving).erase("ada", in_turn=True)
    assert kept.happened == ["ada is deleted, not what waits"]


async def test_a_command_erases_without_a_server() -> None:
    kept = Kept()
    assert await eraser(kept, serving=False).erase("ada")
    assert kept.happened == ["ada is deleted, what waits"]


async def test_what_is_not_there_is_told() -> None:
    assert not await eraser(Kept(), serving=True).erase("bob")


@pytest.mark.parametrize("in_turn", [True, False])
async def test_a_store_that_does_not_answer_is_an_error(in_turn: bool) -> None:
    with pytest.raises(StoreUnavailable):
        await eraser(Kept(broken=True), serving=True).erase("ada", in_turn=in_turn)
