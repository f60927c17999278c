"""The plain net: words of harm that no finding covers. Its words are in `data/lexicon/net.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backline.nlu.clauses import clause
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all

OTHER = "other_symptom"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class _Words:
    code: str
    words: re.Pattern[str]
    not_when: re.Pattern[str]


class Net:
    """The compiled `net.yml`.

    Attributes:
        small_words: words that tell nothing by themselves.
    """

    def __init__(self, data: dict[str, Any], sets: dict[str, list[str]]) -> None:
        self.small_words = frozenset(data["small_words"])
        self._symptoms = [
            _Words(
                item["code"],
                compile_all(item["patterns"], sets) or _NEVER,
                compile_all(item.get("not_when", []), sets) or _NEVER,
            )
            for item in data["symptoms"]
        ]
        self._medicines = _Words(OTHER, compile_all(data["medicines"], sets) or _NEVER, _NEVER)
        self._parts = compile_all(data["parts"], sets) or _NEVER
        self._troubles = compile_all(data["troubles"], sets) or _NEVER

    def caught(self, line: str) -> Iterator[tuple[str, int, int]]:
        """Each word of harm in a word line: the code that it may be of, and its stretch."""
        for words in (*self._symptoms, self._medicines):
            for match in words.words.finditer(line):
                begin, stop = clause(line, *match.span())
                if not words.not_when.search(line, max(begin - 1, 0), stop + 1):
                    yield words.code, *match.span()
        for part in self._parts.finditer(line):
            begin, stop = clause(line, *part.span())
            trouble = self._troubles.search(line, max(begin - 1, 0), stop + 1)
            if trouble:
                yield OTHER, min(part.start(), trouble.start()), max(part.end(), trouble.end())


@lru_cache(maxsize=1)
def net() -> Net:
    """The words of harm, loaded once."""
    return Net(read_yaml("net.yml"), read_yaml("sets.yml"))
