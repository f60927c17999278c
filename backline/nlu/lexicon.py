"""The clinical vocabulary of `data/lexicon/`, loaded and compiled once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from backline.nlu.composition import Composition, Part, PartsTold, part_of
from backline.nlu.patterns import forget
from backline.nlu.phrases import Phrases, Span, WordLine, phrases_of
from backline.yaml_text import read_placed_words

FOLDER = Path(__file__).resolve().parents[2] / "data" / "lexicon"
CLINICAL = (
    "emergency_signs.yml",
    "health_conditions.yml",
    "medicines.yml",
    "complaint.yml",
    "massage.yml",
)
COMPOSED = "composed.yml"


@dataclass(frozen=True)
class Entry:
    """One code and the words for it.

    Attributes:
        words: patterns, or parts that must stand together.
        history: having had it counts as having it.
        hypothetical_counts: a thought of it counts as having it.
        tells_absence: its words say that it is not there ("I sleep well" of pain at night).
        not_when: harmless uses; one in the same sentence sets the entry aside.
    """

    kind: str
    code: str
    source: str
    words: Phrases | Composition
    not_when: Phrases | None
    history: bool
    hypothetical_counts: bool
    tells_absence: bool = False

    @property
    def beginnings(self) -> frozenset[str]:
        """How words that it needs can begin, by `patterns.beginnings`."""
        if isinstance(self.words, Composition):
            return self.words.parts[0].words.beginnings
        return self.words.beginnings

    def place(self, told: PartsTold, begin: int) -> Span | None:
        """Find the first place in a line that tells it, from an offset on; None without one."""
        if isinstance(self.words, Composition):
            return self.words.place(told, begin)
        return self.words.first(told.line, begin)


class EntryIndex:
    """Entries by how their words begin: of a thousand, a line may tell a few.

    Args:
        numbered: each with its number, in their order.
    """

    def __init__(self, numbered: Iterable[tuple[int, Entry]]) -> None:
        self._by_beginning: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
        for number, entry in numbered:
            for beginning in entry.beginnings:
                self._by_beginning[beginning].append((number, entry))

    def may_be_told(self, line: WordLine) -> list[tuple[int, Entry]]:
        """Give the entries that a word of a line can begin, in their order."""
        found: dict[int, Entry] = {}
        for beginning in line.starts.keys() & self._by_beginning.keys():
            found.update(self._by_beginning[beginning])
        return sorted(found.items())


@dataclass(frozen=True)
class Combination:
    """Codes that together make another one."""

    kind: str
    code: str
    needs: frozenset[str]


def read_yaml(name: str) -> Any:
    """A file of the lexicon; its patterns know where they stand."""
    return read_placed_words(FOLDER / name)


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Load all entries of the clinical files, those made of parts last."""
    found = tuple(
        entry for file in (*map(_entries_of, CLINICAL), _composed_entries()) for entry in file
    )
    forget()
    return found


@lru_cache(maxsize=1)
def counted_though_past() -> frozenset[str]:
    """List the illnesses of which having had one counts as having it, at least in some words."""
    found = (e.code for e in entries() if e.history and e.kind == "health_condition")
    return frozenset(found)


@lru_cache(maxsize=1)
def combinations() -> tuple[Combination, ...]:
    """Load all combinations of the clinical files."""
    out = []
    for name in CLINICAL:
        data = _read_once(FOLDER / name)
        for item in data.get("combinations", []):
            out.append(Combination(data["kind"], item["code"], frozenset(item["all"])))
    _read_once.cache_clear()
    return tuple(out)


@lru_cache(maxsize=len(CLINICAL) + 1)
def _read_once(path: Path) -> Any:
    """A file that the entries and the combinations are made of."""
    return read_placed_words(path)


def _entries_of(name: str) -> Iterator[Entry]:
    data = _read_once(FOLDER / name)
    sets = _read_once(FOLDER / "sets.yml")
    for group in data.get("groups", [data]):
        for item in group["entries"]:
            words = phrases_of(item["patterns"], sets)
            if words is None:
                raise ValueError(f"{name}: {item['code']} has no patterns")
            yield Entry(
                kind=group["kind"],
                code=item["code"],
                source=f"{name}:{item['code']}",
                words=words,
                not_when=phrases_of(item.get("not_when", []), sets),
                history=item.get("history") == "true",
                hypothetical_counts=item.get("hypothetical_counts") == "true",
                tells_absence=item.get("tells_absence") == "true",
            )


def _composed_entries() -> Iterator[Entry]:
    data = read_yaml(COMPOSED)
    sets = _read_once(FOLDER / "sets.yml")
    parts: dict[str, Part] = {
        name: part_of(name, part, sets) for name, part in data["parts"].items()
    }
    for item in data["findings"]:
        needed = tuple(parts[name] for name in item["parts"])
        yield Entry(
            kind=item["kind"],
            code=item["code"],
            source=f"{COMPOSED}:{item['code']}",
            words=Composition(needed, item.get("apart") == "true"),
            not_when=phrases_of(item.get("not_when", []), sets),
            history=item.get("history") == "true",
            hypothetical_counts=item.get("hypothetical_counts") == "true",
        )
