"""A message as plain words, with the way back to where each stands in the text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’`´][^\W\d_]+)*|[.!?;:,/()\-–—%\n+]|\S")


@dataclass(frozen=True)
class Words:
    """The message as lower-case words without apostrophes, each between single spaces.

    Attributes:
        text: the message as it was written.
        line: the words, for patterns to search.
        starts: where in `line` each word begins.
        spans: where in `text` each word stands.
    """

    text: str
    line: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Character offsets in `text` for a stretch of `line`."""
        if not self.starts:
            return 0, 0
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, 0)
        return self.spans[first][0], self.spans[last][1]


def words_of(text: str, correct: dict[str, str]) -> Words:
    """Split a message; `correct` maps a word to the one that is read in its place."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = unicodedata.normalize("NFKC", match[0]).lower()
        word = re.sub(r"['’`´]", "", word)
        for piece in correct.get(word, word).split():
            parts.append(piece)
            spans.append(match.span())
    for i in range(len(parts) - 2, 0, -1):
        # "rear-ended" is two words; the hyphen of "6-8 weeks" stays.
        if parts[i] in "-–" and parts[i - 1].isalpha() and parts[i + 1].isalpha():
            del parts[i], spans[i]
    starts = []
    place = 1
    for part in parts:
        starts.append(place)
        place += len(part) + 1
    return Words(text, f" {' '.join(parts)} ", tuple(starts), tuple(spans))
