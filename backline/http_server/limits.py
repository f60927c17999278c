"""How much one person, one address, and all together, may send in a minute."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum
from typing import Any

WINDOW_S = 60.0
PER_PERSON = 30
"""Nobody types that much; a loop of two bots does."""
PER_ADDRESS = 1200
"""As deploy/nginx has it. A clinic's waiting room, or a whole hospital, may share one address."""
SOCKETS_PER_ADDRESS = 200
"""Connections that one address may hold open."""
ALTOGETHER = 6000
"""Far above what one server answers; beyond it, the queue would only grow."""
REMEMBERED = 20_000


class Decision(Enum):
    """What to do with a message: hear it, ask for patience, or say nothing."""

    HEAR = "hear"
    WARN = "warn"
    DROP = "drop"


class Rate:
    """So many a minute for each of many: as many at once, then evenly. Kept in this process.

    A library for this exists (`limits`), but each of its versions that is kept up needs a later
    `packaging` than Rasa allows.
    """

    def __init__(self, a_minute: int) -> None:
        self._apart = WINDOW_S / a_minute
        self._used_up: OrderedDict[str, float] = OrderedDict()
        """For each, until when what it sent counts; one number, whatever it sends."""

    def wait(self, one: str, now: float) -> float:
        """Tell the seconds until one more is taken of it, 0 if at once. Nothing is counted."""
        return max(0.0, self._used_up.get(one, now) - now - (WINDOW_S - self._apart))

    def count(self, one: str, now: float) -> None:
        """Count one that was taken."""
        self._used_up[one] = max(self._used_up.get(one, now), now) + self._apart
        self._used_up.move_to_end(one)
        _shorten(self._used_up)


class Limits:
    """For messaging services: messages of each person, and of all."""

    def __init__(self, per_person: int = PER_PERSON, altogether: int = ALTOGETHER) -> None:
        self._people = Rate(per_person)
        self._all = Rate(altogether)
        self._warned: OrderedDict[str, float] = OrderedDict()

    def judge(self, person: str, now: float) -> Decision:
        """Count a message of a person at a time in seconds.

        Above a limit a person is warned once; who then goes on without a minute's rest meets
        silence.
        """
        if not (self._people.wait(person, now) or self._all.wait("", now)):
            self._people.count(person, now)
            self._all.count("", now)
            return Decision.HEAR
        warned = self._warned.get(person)
        self._warned[person] = now
        self._warned.move_to_end(person)
        _shorten(self._warned)
        return Decision.DROP if warned is not None and now - warned < WINDOW_S else Decision.WARN


class VisitorLimits:
    """For browsers and programs: requests of each address, and messages of each conversation.

    An address that is None is not limited.
    """

    def __init__(self, per_address: int = PER_ADDRESS, per_person: int = PER_PERSON) -> None:
        self._addresses = Rate(per_address)
        self._people = Rate(per_person)
        self._looked_through = Rate(per_address)

    def request(self, address: str | None, now: float) -> float:
        """Count a request; if it is too much, count nothing and return the seconds to wait."""
        if address is None:
            return 0.0
        wait = self._addresses.wait(address, now)
        if not wait:
            self._addresses.count(address, now)
        return wait

    def message(self, address: str | None, conversation: str, now: float) -> float:
        """Count a message, in the same way: for its address and for its conversation."""
        if address is None:
            return 0.0
        wait = self._people.wait(conversation, now) or self.request(address, now)
        if not wait:
            self._people.count(conversation, now)
        return wait

    def may_look(self, address: str | None, now: float) -> bool:
        """Tell whether a message above the limits is still looked through for an emergency.

        It is, for as many again as are heard: looking costs a part of what a turn costs.
        """
        if address is None:
            return True
        if self._looked_through.wait(address, now):
            return False
        self._looked_through.count(address, now)
        return True


def _shorten(remembered: OrderedDict[str, Any]) -> None:
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
