"""Patterns that are looked for only where a word of a line can begin one.

A long expression that is tried at every character of a long text takes most of the time that
reading takes; nearly all words of a text begin none of its patterns.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from backline.nlu.patterns import BEGINNING, Item, Sets, beginnings, compile_all

Span = tuple[int, int]
_WORD = re.compile(r"(?<= )[^ ]+(?= )")


class WordLine:
    """A line of words, each between spaces, and where its words begin.

    Args:
        text: as `tokenizer.Words.line` has it.

    Attributes:
        starts: offsets in the text, in order, by the first letters of the word there, from one to
            `BEGINNING`, with the space behind it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: dict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(text):
            start, end = match.span()
            for stop in range(start + 1, min(start + BEGINNING, end + 1) + 1):
                self.starts[text[start:stop]].append(start)


@dataclass(frozen=True, eq=False)
class Phrases:
    """What is written in one of several ways.

    Attributes:
        expression: all of them.
        beginnings: how whatever it matches can begin, by `patterns.beginnings`.
    """

    expression: re.Pattern[str]
    beginnings: frozenset[str]

    def first(self, line: WordLine, begin: int = 0, end: int | None = None) -> Span | None:
        """Find the first place in a line that tells it, within two offsets; None without one."""
        return next(self._places(line, begin, len(line.text) if end is None else end), None)

    def all(self, line: WordLine) -> list[Span]:
        """Find each place in a line that tells it, one behind the other."""
        found: list[Span] = []
        for place in self._places(line, 0, len(line.text)):
            if not found or place[0] >= found[-1][1]:
                found.append(place)
        return found

    def _places(self, line: WordLine, begin: int, end: int) -> Iterator[Span]:
        starts = self._starts(line)
        for start in starts[bisect_left(starts, begin) :]:
            if start >= end:
                return
            if match := self.expression.match(line.text, start, end):
                yield match.span()

    def _starts(self, line: WordLine) -> list[int]:
        told = self.beginnings.intersection(line.starts)
        if len(told) == 1:
            return line.starts[next(iter(told))]
        return sorted(set(chain.from_iterable(line.starts[beginning] for beginning in told)))


def phrases_of(patterns: Sequence[Item], sets: Sets) -> Phrases | None:
    """Compile patterns of a file; None if there is none.

    Raises:
        backline.nlu.patterns.PatternError: one is no pattern, or uses a set that there is not.
    """
    expression = compile_all(patterns, sets)
    return Phrases(expression, beginnings(patterns, sets)) if expression else None
