"""The clinical vocabulary of `data/lexicon/`, loaded and compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from backline.nlu.patterns import beginnings, compile_all
from backline.yaml_text import read_words

FOLDER = Path(__file__).resolve().parents[2] / "data" / "lexicon"
CLINICAL = (
    "emergency_signs.yml",
    "health_conditions.yml",
    "medicines.yml",
    "complaint.yml",
    "massage.yml",
)


@dataclass(frozen=True)
class Entry:
    """One code and the words for it.

    Attributes:
        beginnings: how what `words` matches can begin, by `patterns.beginnings_of`.
        history: having had it counts as having it.
        hypothetical_counts: a thought of it counts as having it.
        not_when: harmless uses; one in the same sentence sets the entry aside.
    """

    kind: str
    code: str
    source: str
    words: re.Pattern[str]
    beginnings: frozenset[str]
    not_when: re.Pattern[str] | None
    history: bool
    hypothetical_counts: bool


@dataclass(frozen=True)
class Combination:
    """Codes that together make another one."""

    kind: str
    code: str
    needs: frozenset[str]


def read_yaml(name: str) -> Any:
    """A file of the lexicon."""
    return read_words(FOLDER / name)


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """All entries of the clinical files."""
    return tuple(entry for name in CLINICAL for entry in _entries_of(name))


@lru_cache(maxsize=1)
def combinations() -> tuple[Combination, ...]:
    """All combinations of the clinical files."""
    out = []
    for name in CLINICAL:
        data = read_yaml(name)
        for item in data.get("combinations", []):
            out.append(Combination(data["kind"], item["code"], frozenset(item["all"])))
    return tuple(out)


def _entries_of(name: str) -> Iterator[Entry]:
    data = read_yaml(name)
    sets = read_yaml("sets.yml")
    for group in data.get("groups", [data]):
        for item in group["entries"]:
            words = compile_all(item["patterns"], sets)
            if words is None:
                raise ValueError(f"{name}: {item['code']} has no patterns")
            yield Entry(
                kind=group["kind"],
                code=item["code"],
                source=f"{name}:{item['code']}",
                words=words,
                beginnings=beginnings(item["patterns"], sets),
                not_when=compile_all(item.get("not_when", []), sets),
                history=item.get("history") == "true",
                hypothetical_counts=item.get("hypothetical_counts") == "true",
            )
