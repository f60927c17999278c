"""What is known and taken back by its name: "remove belly", "bladder is wrong", "legs fine now".

Its words are in `data/lexicon/taken_back.yml`. What it finds is set aside and makes no fact; a
conversation in which the thing is known takes it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backline.dialogue.sources import IS_OVER, NEVER_WAS
from backline.facts import Finding, Status
from backline.nlu.clauses import clauses, sentence
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.tokenizer import Words
from backline.nlu.whole_clauses import NEVER

MOST_CHARACTERS = 1000
"""Nobody takes something back in more."""


@dataclass(frozen=True)
class _Thing:
    kind: str
    code: str
    named: re.Pattern[str]


class _TakenBack:
    """The compiled `taken_back.yml`."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.wrong, self.over, self.unless = (
            compile_all(data[name], {}) or NEVER for name in ("wrong", "over", "unless")
        )
        self.things = [
            _Thing(kind, code, compile_all(named, {}) or NEVER)
            for kind, codes in data["things"].items()
            for code, named in codes.items()
        ]
        self.any = compile_all(
            [p for codes in data["things"].values() for named in codes.values() for p in named], {}
        )


@lru_cache(maxsize=1)
def _taken_back() -> _TakenBack:
    return _TakenBack(read_yaml("taken_back.yml"))


def read_taken_back(words: Words) -> Iterator[Finding]:
    """Find each thing that is named in a clause which says that it never was, or is over."""
    line, known = words.line[:MOST_CHARACTERS], _taken_back()
    for begin, end in clauses(line):
        clause = f" {line[begin:end].strip()} "
        named = known.any.search(clause) if known.any else None
        if named is None or _is_asked(words, begin, end):
            continue
        source = _said_of_it(known, clause, named)
        if source is not None:
            yield from _of_the_clause(words, (begin, end), clause, source)


def _is_asked(words: Words, begin: int, end: int) -> bool:
    """Tell whether a clause is part of a question: "are your legs okay?" takes nothing back."""
    last = words.span(*sentence(words.line, begin, end))[1]
    return words.text[last - 1 : last + 1].strip().endswith("?")


def _said_of_it(known: _TakenBack, clause: str, named: re.Match[str]) -> str | None:
    if known.unless.search(clause):
        return None
    if known.wrong.search(clause):
        return NEVER_WAS
    return IS_OVER if known.over.search(clause, named.end() - 1) else None


def _of_the_clause(
    words: Words, place: tuple[int, int], clause: str, source: str
) -> Iterator[Finding]:
    first, last = words.span(*place)
    text = words.text[first:last]
    for thing in _taken_back().things:
        if thing.named.search(clause):
            yield Finding(thing.kind, thing.code, Status.PAST, first, last, text, source)
