"""Read the files by which speech recognition is scored: CTM, a word a line, and STM, a turn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backline.phone.review.formats.turns import (
    TranscriptError,
    WrittenTurn,
    in_order,
    seconds_of,
    share_of,
)
from backline.phone.review.formats.words import Word, joined, merged

LOOKED_AT = 3
"""Lines by which a form is told."""
_N = r"-?\d+(?:\.\d+)?"
_CTM = re.compile(
    rf"^\s*\S+\s+(?P<side>\S+)\s+(?P<begin>{_N})\s+(?P<lasts>{_N})\s+(?P<word>\S+)"
    rf"(?:\s+(?P<sure>{_N}|NA))?"
    r"(?:\s+(?P<kind>lex|un-lex|for-lex|non-lex|frag|fp|misc|noise|non-speech|other)"
    r"(?:\s+(?P<speaker>\S+))?)?\s*$"
)
_STM = re.compile(
    rf"^\s*\S+\s+(?P<side>\S+)\s+(?P<speaker>\S+)\s+(?P<begin>{_N})\s+(?P<end>{_N})"
    r"(?:\s+<[^>]*>)?(?:\s+(?P<text>.*))?$"
)
UNSCORED = frozenset({"inter_segment_gap", "excluded_region"})
NO_WORDS = frozenset({"ignore_time_segment_in_scoring"})
SOUNDS = frozenset({"non-lex", "noise", "non-speech"})


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith(";;"):
            yield number, line


def _begins(text: str, form: re.Pattern[str]) -> bool:
    # Enough for the lines looked at, and a long file is not split for it.
    first = [line for _, line in _lines(text[:4000])][:LOOKED_AT]
    return bool(first) and all(form.match(line) for line in first)


def is_stm(text: str) -> bool:
    """Return whether the first lines are of STM."""
    return _begins(text, _STM)


def is_ctm(text: str) -> bool:
    """Return whether the first lines are of CTM."""
    return _begins(text, _CTM)


def read_stm(text: str) -> list[WrittenTurn]:
    """Read turns.

    Raises:
        TranscriptError: a line is none.
    """
    turns = []
    for row in _rows(text, _STM, "STM"):
        words = (row["text"] or "").strip()
        if row["speaker"].lower() in UNSCORED or words.lower() in NO_WORDS:
            continue
        begin, end = seconds_of(row["begin"]), seconds_of(row["end"])
        turns.append(WrittenTurn(row["speaker"], words, begin, end))
    return in_order(turns)


def read_ctm(text: str) -> list[WrittenTurn]:
    """Read words, by their speakers where these are told, else by their channels.

    Raises:
        TranscriptError: a line is none.
    """
    sides: dict[str, list[Word]] = {}
    for row in _rows(text, _CTM, "CTM"):
        if row["kind"] in SOUNDS:
            continue
        begin = seconds_of(row["begin"]) or 0.0
        end = begin + (seconds_of(row["lasts"]) or 0.0)
        label = row["speaker"] or f"channel {row['side']}"
        word = Word(label, row["word"], begin, end, share_of(row["sure"]))
        sides.setdefault(row["side"], []).append(word)
    return list(joined(merged(list(sides.values()))))


def _rows(text: str, form: re.Pattern[str], name: str) -> Iterator[re.Match[str]]:
    for number, line in _lines(text):
        row = form.match(line)
        if row is None:
            raise TranscriptError(f"line {number} of it is none of {name}")
        yield row
