"""Join the words of a transcript to turns: those of one speaker without a pause between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backline.phone.review.formats.turns import WrittenTurn

PAUSE_S = 1.0
"""Between the words of one speaker, after which another turn begins."""
CLOSING = frozenset(".,!?;:…)]}%’”、。，？！")


@dataclass(frozen=True)
class Word:
    """A word or a mark.

    Attributes:
        speaker, begin, end, confidence: as of a turn.
        joins: it stands next to the word before, as a mark does.
        opens: the word behind stands next to it, as behind a bracket.
    """

    speaker: str | None
    text: str
    begin: float | None = None
    end: float | None = None
    confidence: float | None = None
    joins: bool = False
    opens: bool = False


def is_mark(text: str) -> bool:
    """Return whether a text is nothing but marks that close what stands before."""
    plain = text.strip()
    return bool(plain) and all(c in CLOSING for c in plain)


def joined(words: Iterable[Word]) -> Iterator[WrittenTurn]:
    """Join words to turns, in the order in which they come.

    A word without a speaker is the one's who spoke last, or who speaks first.
    """
    turn: list[Word] = []
    for word in _all_spoken(list(words)):
        if turn and not word.joins and _begins_a_turn(turn[-1], word):
            yield _as_turn(turn)
            turn = []
        turn.append(word)
    if turn:
        yield _as_turn(turn)


def merged(channels: Sequence[Sequence[Word]]) -> list[Word]:
    """Put the words of several channels into one order; marks and words without times stay put."""
    placed = []
    for channel in channels:
        at = 0.0
        for word in channel:
            at = at if word.begin is None or word.joins else word.begin
            placed.append((at, word))
    return [word for _, word in sorted(placed, key=lambda p: p[0])]


def _all_spoken(words: list[Word]) -> Iterator[Word]:
    last = next((w.speaker for w in words if w.speaker is not None), None)
    for word in words:
        # A mark is of whoever said the word before, whatever its own label.
        if word.speaker is not None and not word.joins:
            last = word.speaker
        yield word if word.speaker == last else replace(word, speaker=last)


def _begins_a_turn(last: Word, word: Word) -> bool:
    if word.speaker != last.speaker:
        return True
    return None not in (last.end, word.begin) and (word.begin or 0) - (last.end or 0) > PAUSE_S


def _as_turn(words: list[Word]) -> WrittenTurn:
    text = words[0].text.strip()
    for before, word in pairwise(words):
        text += word.text.strip() if word.joins or before.opens else f" {word.text.strip()}"
    sure = [w.confidence for w in words if w.confidence is not None and not w.joins]
    begins = [w.begin for w in words if w.begin is not None]
    ends = [w.end for w in words if w.end is not None]
    return WrittenTurn(
        words[0].speaker,
        text,
        begins[0] if begins else None,
        ends[-1] if ends else None,
        sum(sure) / len(sure) if sure else None,
        min(sure, default=None),
    )
