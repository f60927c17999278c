"""What is worked out for a call is worked out once, and none of it is waited for too long."""

from __future__ import annotations

import asyncio

import pytest

from backline.phone.events import BotTurn
from backline.phone.gateways import inflight
from backline.phone.gateways.inflight import InFlight

TURN = BotTurn(1, ())


class Work:
    """Takes a while, and counts."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        self.done = 0
        self._seconds = seconds
        self._error = error

    async def __call__(self) -> BotTurn:
        await asyncio.sleep(self._seconds)
        self.done += 1
        if self._error is not None:
            raise self._error
        return TURN


async def test_what_is_ready_in_time_is_given() -> None:
    assert await InFlight().result("CA1", 1, Work(), 1.0) is TURN


async def test_what_takes_longer_goes_on_and_is_given_when_asked_again() -> None:
    calls, work, other = InFlight(), Work(0.05), Work()
    assert await calls.result("CA1", 1, work, 0.01) is None
    assert await calls.result("CA1", 1, other, 1.0) is TURN
    assert (work.done, other.done) == (1, 0)


async def test_what_became_ready_meanwhile_waits_to_be_taken_and_is_taken_once() -> None:
    calls, work = InFlight(), Work(0.02)
    assert await calls.result("CA1", 1, work, 0.0) is None
    await asyncio.sleep(0.05)
    assert await calls.result("CA1", 1, work, 0.0) is TURN
    await calls.result("CA1", 1, work, 1.0)
    assert work.done == 2


async def test_calls_and_turns_do_not_mix() -> None:
    calls, first, second, third = InFlight(), Work(), Work(), Work()
    await asyncio.gather(
        calls.result("CA1", 1, first, 1.0),
        calls.result("CA1", 2, second, 1.0),
        calls.result("CA2", 1, third, 1.0),
    )
    assert [first.done, second.done, third.done] == [1, 1, 1]


async def test_what_was_raised_is_raised_to_who_asks() -> None:
    with pytest.raises(RuntimeError):
        await InFlight().result("CA1", 1, Work(error=RuntimeError()), 1.0)


async def test_giving_up_waiting_does_not_stop_the_work() -> None:
    calls, work = InFlight(), Work(0.03)
    asking = asyncio.ensure_future(calls.result("CA1", 1, work, 1.0))
    await asyncio.sleep(0.01)
    asking.cancel()
    await calls.finish("CA1")
    assert work.done == 1


async def test_an_end_waits_for_what_is_under_way_also_if_it_breaks() -> None:
    calls, work = InFlight(), Work(0.03, RuntimeError())
    assert await calls.result("CA1", 1, work, 0.0) is None
    await calls.finish("CA1")
    assert work.done == 1


async def test_what_nobody_came_back_for_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflight, "KEPT_S", 0.0)
    calls, work = InFlight(), Work(0.01)
    assert await calls.result("CA1", 1, work, 0.0) is None
    await asyncio.sleep(0.03)
    await calls.result("CA2", 1, Work(), 1.0)
    await calls.result("CA1", 1, work, 1.0)
    assert work.done == 2
