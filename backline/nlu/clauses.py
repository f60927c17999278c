"""Which words stand near a number, to tell what it is about."""

from __future__ import annotations

import re

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
