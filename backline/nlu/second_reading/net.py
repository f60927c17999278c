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


@dataclass(frozen=True)
class BesideANo:
    """What words beside a "no" have to name, so that they are asked about.

    Attributes:
        functions: what the body does, each with the code that trouble with it would be.
        postures: the same of what any bad back makes hard.
        of_the_back: words by which a clause about these is only of the back.
        well: words by which a clause says that all is well, or is of something else.
    """

    functions: tuple[tuple[str, re.Pattern[str]], ...]
    postures: tuple[tuple[str, re.Pattern[str]], ...]
    of_the_back: re.Pattern[str]
    well: re.Pattern[str]

    @classmethod
    def compiled(cls, data: dict[str, Any], sets: dict[str, list[str]]) -> BesideANo:
        """Compile its part of `net.yml`."""

        def by_code(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
            of_code = ((i["code"], compile_all(i["patterns"], sets) or _NEVER) for i in data[name])
            return tuple(of_code)

        back, well = (compile_all(data[name], sets) or _NEVER for name in ("of_the_back", "well"))
        return cls(by_code("functions"), by_code("postures"), back, well)


class Net:
    """The compiled `net.yml`.

    Attributes:
        small_words: words that tell nothing by themselves.
        harmless: words that sound like a danger and are none.
        beside_a_no: what is asked about beside a "no" to a list of danger signs.
    """

    def __init__(self, data: dict[str, Any], sets: dict[str, list[str]]) -> None:
        self.small_words = frozenset(data["small_words"])
        self.harmless = compile_all(data["harmless"], sets) or _NEVER
        self._symptoms = [
            _Words(
                item["code"],
                compile_all(item["patterns"], sets) or _NEVER,
                compile_all(item.get("not_when", []), sets) or _NEVER,
            )
            for item in data["symptoms"]
        ]
        self.beside_a_no = BesideANo.compiled(data["beside_a_no"], sets)
        self._medicines = _Words(OTHER, compile_all(data["medicines"], sets) or _NEVER, _NEVER)
        self._parts = compile_all(data["parts"], sets) or _NEVER
        self._troubles = compile_all(data["troubles"], sets) or _NEVER

    def lets_pass(self, line: str, start: int, end: int) -> bool:
        """Tell whether a stretch of a word line touches words that sound like a danger only."""
        return any(m.start() < end and start < m.end() for m in self.harmless.finditer(line))

    def caught(self, line: str) -> Iterator[tuple[str, int, int]]:
        """Each word of harm in a word line: the code that it may be of, and its stretch."""
        for words in (*self._symptoms, self._medicines):
            denied = _Beside(words.not_when, line)
            for match in words.words.finditer(line):
                if not denied.of(match):
                    yield words.code, *match.span()
        troubles = _Beside(self._troubles, line)
        for part in self._parts.finditer(line):
            trouble = troubles.of(part)
            if trouble:
                yield OTHER, min(part.start(), trouble.start()), max(part.end(), trouble.end())


class _Beside:
    """Looks in the clauses of one word line, from its beginning on.

    A clause may be as long as the line and have a match for each of its words, so where the next
    one of the pattern begins is kept: until there no clause has one.
    """

    def __init__(self, pattern: re.Pattern[str], line: str) -> None:
        self._pattern = pattern
        self._line = line
        self._next = -1

    def of(self, match: re.Match[str]) -> re.Match[str] | None:
        """The first match of the pattern in the clause of another one."""
        begin, stop = clause(self._line, *match.span())
        begin = max(begin - 1, 0)
        if self._next < begin:
            following = self._pattern.search(self._line, begin)
            self._next = following.start() if following else len(self._line) + 1
        if self._next > stop:
            return None
        return self._pattern.search(self._line, begin, stop + 1)


@lru_cache(maxsize=1)
def net() -> Net:
    """The words of harm, loaded once."""
    return Net(read_yaml("net.yml"), read_yaml("sets.yml"))
