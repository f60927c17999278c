"""The faults of `make faults` that matter most, shorter and with fewer people."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.faults.checks import Undisturbed
from bench.faults.faults import Times, faults
from bench.faults.parts import Missing
from bench.faults.patients import Crowd
from bench.faults.run import Figures, calm, run
from bench.faults.system import System
from tests.services import FAKETIME_HOW, faketime, require_or_skip

SHORT = Times(postgres_away=3, redis_away=4, clock=2, disk_full=4)
CROWD = Crowd(visitors=6, sockets=2, telegram=2)
BEFORE_S, AFTERWARDS_S = 1.0, 2.0

pytestmark = [pytest.mark.postgresql, pytest.mark.redis, pytest.mark.rabbitmq]


@dataclass(frozen=True)
class Clinic:
    """A whole system with people who talk to it, and what their triages lead to."""

    system: System
    undisturbed: Undisturbed

    def suffers(self, name: str) -> Figures:
        """Break that part of it while people talk."""
        (fault,) = (fault for fault in faults(SHORT) if fault.name == name)
        return asyncio.run(run(self.system, fault, CROWD, self.undisturbed, BEFORE_S, AFTERWARDS_S))


@pytest.fixture(scope="module")
def clinic() -> Iterator[Clinic]:
    # Not in pytest's own folder: PostgreSQL's user could not get there.
    with tempfile.TemporaryDirectory(prefix="backline-faults-") as folder, ExitStack() as stack:
        try:
            system = System(Path(folder))
            stack.callback(system.stop)
            system.start()
        except Missing as missing:
            require_or_skip(False, str(missing))
        undisturbed, _ = asyncio.run(calm(system, CROWD, BEFORE_S))
        yield Clinic(system, undisturbed)


def nothing_is_lost(figures: Figures) -> None:
    """Nor doubled, nor ended otherwise; every server was ready again, by itself.

    And every emergency was told at the first try.
    """
    assert figures.wrong == []
    assert figures.triages > 0
    assert figures.emergencies_told == figures.emergencies > 0, figures.emergency_troubles


def test_a_server_is_killed(clinic: Clinic) -> None:
    nothing_is_lost(clinic.suffers("kill"))


@pytest.mark.parametrize("name", ["postgres-away", "redis-away", "disk-full"])
def test_what_servers_need_is_lost_and_comes_back(clinic: Clinic, name: str) -> None:
    nothing_is_lost(clinic.suffers(name))


def test_a_clock_is_set_an_hour_forward_and_back(clinic: Clinic) -> None:
    require_or_skip(faketime() is not None, FAKETIME_HOW)
    nothing_is_lost(clinic.suffers("clock"))
