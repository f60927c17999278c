"""Some thousand malformed inputs; `make fuzz` sends a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.fuzz.run import Input, fuzz, target, ways_in
from bench.fuzz.target import Target
from tests.messaging.conftest import Services
from tests.phone.streams import require_voices

CASES = 1500


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Target, Services]]:
    require_voices()
    with target() as both:
        yield both


@pytest.mark.parametrize("number", range(13))
def test_whatever_is_sent_is_refused_and_the_server_goes_on(
    running: tuple[Target, Services], number: int
) -> None:
    to, services = running
    way: Input = ways_in(services)[number]
    tally = fuzz(to, way, CASES * way.share // 100)
    assert not tally.wrong, f"{way.name}: {tally.wrong}"
    assert tally.cases >= CASES * way.share // 100
    assert len(tally.statuses) >= 1


def test_every_way_in_is_tried(running: tuple[Target, Services]) -> None:
    ways = ways_in(running[1])
    assert sum(way.share for way in ways) == 100
    assert len(ways) == 14
