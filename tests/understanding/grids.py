"""Ordinary ways to tell each code, put together from the parts of `grids.yml`."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from tests.understanding.labels import FOLDER, understander

_PART = re.compile(r"{(\w+)}")
_CODES = ("emergency_sign", "health_condition")


@dataclass(frozen=True)
class Told:
    """A sentence of a grid, and what it must be read as: one of `codes`."""

    text: str
    codes: frozenset[str]


@dataclass
class Reached:
    """How many sentences of a code were read, of how many, and those that were not."""

    read: int = 0
    total: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """1 where nothing was told."""
        return self.read / self.total if self.total else 1.0


@lru_cache(maxsize=1)
def grids() -> dict[str, tuple[Told, ...]]:
    """Give every combination of every grid, by code; those of two grids once."""
    data = yaml.safe_load((FOLDER / "grids.yml").read_text(encoding="utf-8"))
    return {
        code: tuple({t.text: t for grid in of_code for t in _combined(code, grid)}.values())
        for code, of_code in data.items()
    }


def sampled(most: int) -> dict[str, Sequence[Told]]:
    """At most so many sentences of each code, the same ones each time."""
    chance = random.Random(4)  # noqa: S311 - the same texts each time
    return {
        code: told if len(told) <= most else chance.sample(told, most)
        for code, told in grids().items()
    }


def reached(told: Mapping[str, Sequence[Told]]) -> dict[str, Reached]:
    """Read sentences of grids and count, by code."""
    out = {}
    for code, sentences in told.items():
        counts = out[code] = Reached()
        for sentence in sentences:
            held = {
                str(f.value)
                for f in understander().read(sentence.text)
                if f.holds and f.kind in _CODES
            }
            counts.total += 1
            if held & sentence.codes:
                counts.read += 1
            else:
                counts.missed.append(sentence.text)
    return out


def _combined(code: str, grid: Mapping[str, Any]) -> Iterator[Told]:
    codes = frozenset({code, *grid.get("or", ())})
    for frame in grid["frames"]:
        names = _PART.findall(frame)
        for words in itertools.product(*(grid[name] for name in names)):
            text = frame
            for name, word in zip(names, words, strict=True):
                text = text.replace(f"{{{name}}}", str(word), 1)
            yield Told(text, codes)
