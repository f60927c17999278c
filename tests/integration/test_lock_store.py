"""Several servers, one conversation: locks in a real Redis."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest
from rasa.core.lock_store import LockError

from backline.runtime import lock_store
from backline.runtime.lock_store import BacklineLockStore
from tests.conftest import free_port
from tests.services import REDIS_HOW, REDIS_URL, redis_available, require_or_skip

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
def redis_there() -> None:
    require_or_skip(redis_available(), REDIS_HOW)


@pytest.fixture
def conversation() -> str:
    return f"test-{uuid.uuid4().hex}"


async def test_one_conversation_is_held_by_one_server_at_a_time(conversation: str) -> None:
    servers = [BacklineLockStore(REDIS_URL) for _ in range(3)]
    inside, most = 0, 0

    async def turn(server: BacklineLockStore) -> None:
        nonlocal inside, most
        async with server.lock(conversation):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(turn(server) for server in servers * 8))
    assert most == 1


async def test_conversations_do_not_wait_for_each_other(conversation: str) -> None:
    server = BacklineLockStore(REDIS_URL)
    async with server.lock(conversation), server.lock(f"{conversation}-other"):
        pass


async def test_the_turns_of_one_server_come_in_their_order(conversation: str) -> None:
    server = BacklineLockStore(REDIS_URL)
    order: list[int] = []

    async def turn(number: int) -> None:
        async with server.lock(conversation):
            await asyncio.sleep(0.002)
            order.append(number)

    await asyncio.gather(*map(turn, range(20)))
    assert order == list(range(20))


async def test_another_server_goes_on_when_the_lock_of_a_lost_one_has_lived(
    conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stand_still(*_: object) -> None:
        """As a process that was stopped, which renews nothing."""

    lost, other = BacklineLockStore(REDIS_URL), BacklineLockStore(REDIS_URL)
    monkeypatch.setattr(lost, "_keep", stand_still)
    held = lost.lock(conversation, lock_lifetime=0.5)
    await held.__aenter__()
    begun = time.monotonic()
    async with other.lock(conversation, lock_lifetime=5):
        assert 0.3 < time.monotonic() - begun < 2
        # The lost one wakes up, and does not take the lock away from the other.
        await held.__aexit__(None, None, None)
        monkeypatch.setattr(lock_store, "PATIENCE_S", 0.2)
        with pytest.raises(LockError):
            async with BacklineLockStore(REDIS_URL).lock(conversation, lock_lifetime=0.1):
                pass


async def test_a_turn_may_take_longer_than_its_lock_lives(conversation: str) -> None:
    slow, other = BacklineLockStore(REDIS_URL), BacklineLockStore(REDIS_URL)
    done = False

    async def wait() -> None:
        async with other.lock(conversation):
            assert done

    async with slow.lock(conversation, lock_lifetime=0.3):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(1)
        done = True
    await waiting


async def test_a_redis_that_is_gone_is_an_error_after_some_patience(
    conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_store, "PATIENCE_S", 0.5)
    nowhere = BacklineLockStore(f"redis://127.0.0.1:{free_port()}")
    begun = time.monotonic()
    with pytest.raises(LockError, match="Redis does not answer"):
        async with nowhere.lock(conversation):
            pass
    assert 0.4 < time.monotonic() - begun < 3
