"""Which words stand near a number, to tell what it is about."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

FAR = 1000
"""More words than any message has."""

_SENTENCE_END = re.compile(r" (?:[.!?;\n]|but) (?=\S)")
_CLAUSE_END = re.compile(r" (?:[.!?;,:\n]|but|and|although|though|so|because|then) (?=\S)")


def sentence(line: str, start: int, end: int) -> tuple[int, int]:
    """Find where the sentence around a stretch of a word line begins and ends; "but" ends one."""
    return _around(_SENTENCE_END, line, start, end)


def clause(line: str, start: int, end: int) -> tuple[int, int]:
    """Find where the clause around a stretch begins and ends, at commas and conjunctions."""
    return _around(_CLAUSE_END, line, start, end)


def _around(ends: re.Pattern[str], line: str, start: int, end: int) -> tuple[int, int]:
    begin = 0
    for match in ends.finditer(line, 0, start + 1):
        if match.end() <= start:
            begin = match.end() - 1
    after = ends.search(line, max(end - 1, 0))
    return begin, after.start() + 1 if after else len(line)


def words_between(line: str, one: tuple[int, int], other: tuple[int, int]) -> int:
    """Count the words between two stretches; `FAR` if they overlap."""
    if one[1] <= other[0]:
        return line.count(" ", one[1], other[0])
    if other[1] <= one[0]:
        return line.count(" ", other[1], one[0])
    return FAR


def nearest(
    pattern: re.Pattern[str], line: str, start: int, end: int, span: tuple[int, int]
) -> int:
    """Count the words between a stretch and the nearest match in `span`; `FAR` without one."""
    gaps = (
        words_between(line, match.span(), (start, end)) for match in pattern.finditer(line, *span)
    )
    return min(gaps, default=FAR)


class Stretches:
    """Stretches of a word line that are looked up again and again, however many there are.

    Attributes:
        spans: in the order of their beginnings.
    """

    def __init__(self, line: str, spans: Iterable[tuple[int, int]]) -> None:
        self._line = line
        self.spans = sorted(spans)
        self._starts = [start for start, _ in self.spans]
        self._ends = sorted(end for _, end in self.spans)

    def hold(self, start: int, end: int) -> bool:
        """Tell whether the last one that begins no later holds a stretch whole."""
        before = bisect_right(self._starts, start)
        return before > 0 and end <= self.spans[before - 1][1]

    def nearest(self, start: int, end: int) -> int:
        """Count the words between a stretch and the nearest that it does not overlap, or `FAR`."""
        before, after = bisect_right(self._ends, start), bisect_left(self._starts, end)
        gaps = []
        if before > 0:
            gaps.append(self._line.count(" ", self._ends[before - 1], start))
        if after < len(self._starts):
            gaps.append(self._line.count(" ", end, self._starts[after]))
        return min(gaps, default=FAR)


FEWEST_WORDS, MOST_WORDS = 2, 16
"""Of a clause by itself: a shorter one goes with its neighbour, a longer one is cut."""
SHARED_WORDS = 5
"""Words that both halves of a clause have that was cut."""
LONGEST_SENTENCE, SHARED_OF_SENTENCES = 24, 6
"""The same for sentences, in words."""
_ENDS_SENTENCE = frozenset(".!?;\n")
_SENTENCE_STOP = re.compile(r" [.!?;\n] (?=\S)")


def clauses(line: str) -> list[tuple[int, int]]:
    """Split a word line into its clauses, each a stretch of whole words.

    What is too short to say something by itself stays with its neighbour in the same sentence.
    """
    ends = [0, *(match.end() - 1 for match in _CLAUSE_END.finditer(line)), len(line)]
    parts: list[tuple[int, int]] = []
    for begin, stop in pairwise(ends):
        before = parts[-1] if parts else (0, 0)
        joins = line[slice(*before)].rstrip()[-1:] not in _ENDS_SENTENCE
        short = min(_count(line, begin, stop), _count(line, *before)) < FEWEST_WORDS
        if parts and joins and short:
            parts[-1] = before[0], stop
        else:
            parts.append((begin, stop))
    return [piece for part in parts for piece in _cut(line, *part, MOST_WORDS, SHARED_WORDS)]


def sentences(line: str) -> list[tuple[int, int]]:
    """Split a word line into its sentences, a long one into pieces that overlap."""
    ends = [0, *(match.end() - 1 for match in _SENTENCE_STOP.finditer(line)), len(line)]
    return [
        piece
        for part in pairwise(ends)
        for piece in _cut(line, *part, LONGEST_SENTENCE, SHARED_OF_SENTENCES)
    ]


def _count(line: str, begin: int, stop: int) -> int:
    return sum(word.isalnum() for word in line[begin:stop].split())


def _cut(line: str, begin: int, stop: int, most: int, shared: int) -> list[tuple[int, int]]:
    """Cut what is longer than `most` words into overlapping pieces; without a word none."""
    words = [(begin + m.start(), begin + m.end()) for m in re.finditer(r"\S+", line[begin:stop])]
    if not any(line[first:last].isalnum() for first, last in words):
        return []
    pieces = []
    for first in range(0, len(words), most - shared):
        piece = words[first : first + most]
        pieces.append((piece[0][0], piece[-1][1]))
        if first + most >= len(words):
            break
    return pieces
