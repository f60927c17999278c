"""Simulated people: what they say next follows from who they are and what they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from bench.recordings import texts
from tests.plain import PLAIN

SEED = "2026"
MOST_TURNS = 22
"""Fewer than the messages of a person that are taken in a minute."""
KINDS = (
    *(("answer", 64), ("wrong", 5), ("aside", 9), ("correction", 6), ("command", 4)),
    *(("emergency", 2), ("condition", 3), ("language", 2), ("nonsense", 3), ("opening", 2)),
)
"""Of a hundred things that somebody says to a question, how many are of which kind."""
PLAINLY = 0.6
"""The share of answers that are the plainest."""
T = TypeVar("T", bound=str)


def share(*parts: object) -> float:
    """A number from 0 to 1 that looks like chance and is the same for the same parts."""
    return int.from_bytes(_digest(*parts), "big") / 2**64


def chosen(pool: Sequence[T], *parts: object) -> T:
    """One of a pool by the same kind of chance.

    Another text in the pool changes only the choices that fall on it.

    Raises:
        ValueError: the pool is empty.
    """
    return min(pool, key=lambda one: _digest(*parts, one))


def _digest(*parts: object) -> bytes:
    told = "\x1f".join(map(str, (SEED, *parts))).encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=8).digest()


@dataclass
class Person:
    """Somebody in one conversation.

    Attributes:
        name: tells them from everybody else.
        plain: the plainest answer to each question.
        said: what they said, in order.
    """

    name: str
    plain: dict[str, str] = field(default_factory=lambda: dict(PLAIN))
    said: list[str] = field(default_factory=list)
    _after: int = 0

    def next(self, asked: str | None, outcome: str | None) -> str | None:
        """What they say next; None if they leave.

        Args:
            asked: the question that is open.
            outcome: the latest result that they were told, `outcome/urgency`.
        """
        text = self._next(asked, outcome) if len(self.said) < MOST_TURNS else None
        if text is not None:
            self.said.append(text)
        return text

    def share(self, about: str) -> float:
        """A number from 0 to 1 by chance, for this moment."""
        return share(self.name, len(self.said), about)

    def pick(self, pool: Sequence[str], about: str = "") -> str:
        """One of a pool by chance, for this moment."""
        return chosen(pool, self.name, len(self.said), about)

    def _next(self, asked: str | None, outcome: str | None) -> str | None:
        if not self.said:
            return self.pick(texts.pool(self._opening()))
        if outcome is not None and outcome.endswith("/emergency"):
            self._after += 1
            return self._of("after_emergency") if self._after <= self._most(6) else None
        if asked is None:
            self._after += 1
            kinds = ("aside", "correction", "command", "opening", "emergency", "nonsense")
            return self._of(self.pick(kinds, "kind")) if self._after <= self._most(4) else None
        return self._to_a_question(asked)

    def _opening(self) -> str:
        roll = self.share("opening")
        return "opening" if roll < 0.86 else "emergency" if roll < 0.93 else "language"

    def _most(self, below: int) -> int:
        return int(share(self.name, "patience") * below)

    def _to_a_question(self, asked: str) -> str:
        kind = _kind(self.share("kind"))
        if kind == "wrong":
            return self.pick([text for slot, text in self.plain.items() if slot != asked])
        return self._answer(asked) if kind == "answer" else self._of(kind)

    def _answer(self, asked: str) -> str:
        labelled = texts.answers(asked)
        if not labelled or self.share("plainly") < PLAINLY:
            return self.plain.get(asked, "yes")
        return self.pick(labelled)

    def _of(self, kind: str) -> str:
        return self.pick(texts.pool(kind))


@lru_cache(maxsize=1)
def _scale() -> tuple[tuple[float, str], ...]:
    total, upto = sum(weight for _, weight in KINDS), 0
    scale = []
    for kind, weight in KINDS:
        upto += weight
        scale.append((upto / total, kind))
    return tuple(scale)


def _kind(roll: float) -> str:
    return next(kind for upto, kind in _scale() if roll <= upto)
