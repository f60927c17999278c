"""How much one person, and all together, may send in a minute."""

from __future__ import annotations

from collections import OrderedDict, deque
from enum import Enum
from typing import Any

WINDOW_S = 60.0
PER_PERSON = 30
"""Nobody types that much; a loop of two bots does."""
ALTOGETHER = 6000
"""Far above what one server answers; beyond it, the queue would only grow."""
REMEMBERED = 20_000


class Verdict(Enum):
    """What to do with a message: hear it, ask for patience, or say nothing."""

    HEAR = "hear"
    WARN = "warn"
    DROP = "drop"


class Limits:
    """Counts messages of the last minute, in this process.

    A library for this exists (`limits`), but each of its versions that is kept up needs a later
    `packaging` than Rasa allows.
    """

    def __init__(self, per_person: int = PER_PERSON, altogether: int = ALTOGETHER) -> None:
        self._per_person = per_person
        self._altogether = altogether
        self._all: deque[float] = deque()
        self._people: OrderedDict[str, deque[float]] = OrderedDict()
        self._warned: OrderedDict[str, float] = OrderedDict()

    def judge(self, person: str, now: float) -> Verdict:
        """Count a message of a person at a time in seconds.

        Above a limit a person is warned once; who then goes on without a minute's rest meets
        silence.
        """
        mine = self._people.setdefault(person, deque())
        self._people.move_to_end(person)
        _drop_before(now - WINDOW_S, mine)
        _drop_before(now - WINDOW_S, self._all)
        if len(mine) < self._per_person and len(self._all) < self._altogether:
            mine.append(now)
            self._all.append(now)
            _shorten(self._people)
            return Verdict.HEAR
        warned = self._warned.get(person)
        self._warned[person] = now
        self._warned.move_to_end(person)
        _shorten(self._warned)
        return Verdict.DROP if warned is not None and now - warned < WINDOW_S else Verdict.WARN


def _drop_before(moment: float, times: deque[float]) -> None:
    while times and times[0] <= moment:
        times.popleft()


def _shorten(remembered: OrderedDict[str, Any]) -> None:
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
