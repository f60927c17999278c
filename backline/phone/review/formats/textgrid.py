"""Read Praat's TextGrid: a tier for each speaker, with intervals of words or of whole turns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backline.phone.review.formats.turns import TranscriptError, WrittenTurn, seconds_of
from backline.phone.review.formats.words import Word, joined, merged

_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"|(?<![\w\[<])(?P<number>-?\d+(?:\.\d+)?(?:e-?\d+)?)\b'
)
_BESIDE = re.compile(r"^(?P<speaker>.*?)\s*[-_:]?\s*(?P<kind>words?|phones?|phonemes?)$", re.I)
INTERVALS = "IntervalTier"
KINDS: dict[str | float, int] = {INTERVALS: 3, "TextTier": 2}
"""Kinds of tiers, with the values of each of their intervals or points."""
BROKEN = "it is a TextGrid that breaks off, or of which a tier is broken"
Tier = tuple[str, list[tuple[float, float, str]]]


def is_textgrid(text: str) -> bool:
    """Return whether a text begins as a TextGrid does, the long form or the short one."""
    return text.startswith("File type") and "ooTextFile" in text[:200]


def read_textgrid(text: str) -> Iterator[WrittenTurn]:
    """Read the tiers of words or turns; those of single sounds are left out.

    Raises:
        TranscriptError: it ends in the middle of a tier, or has none.
    """
    tiers = list(_tiers(text))
    if not tiers:
        raise TranscriptError("it is a TextGrid without a tier of intervals")
    named = [(_BESIDE.match(name), name, intervals) for name, intervals in tiers]
    sides = []
    for match, name, intervals in named:
        if match and match["kind"].lower().startswith("phone"):
            continue
        label = (match and match["speaker"]) or name
        sides.append([Word(label, said, a, b) for a, b, said in intervals if said.strip()])
    return joined(merged(sides))


def _tiers(text: str) -> Iterator[Tier]:
    """Read tiers from the texts and numbers alone, which both forms have in the same order."""
    tokens = [
        m["text"].replace('""', '"') if m["number"] is None else float(m["number"])
        for m in _TOKEN.finditer(text)
    ]
    at = next((i for i, t in enumerate(tokens) if t in KINDS), len(tokens))
    while at < len(tokens):
        _, _, count = _numbers(tokens, at + 2, 3)
        kind, name, first, width = tokens[at], tokens[at + 1], at + 5, KINDS.get(tokens[at])
        at = first + int(count) * (width or 0)
        if width is None or not first <= at <= len(tokens):
            raise TranscriptError(BROKEN)
        if kind == INTERVALS:
            yield str(name), [_interval(tokens, i) for i in range(first, at, width)]


def _numbers(tokens: list[str | float], at: int, count: int) -> list[float]:
    found = [seconds_of(token) for token in tokens[at : at + count]]
    if len(found) < count or None in found:
        raise TranscriptError(BROKEN)
    return [n for n in found if n is not None]


def _interval(tokens: list[str | float], at: int) -> tuple[float, float, str]:
    begin, end = _numbers(tokens, at, 2)
    return begin, end, str(tokens[at + 2])
