"""Read plain text that names who speaks: before each line, or above it as Otter and Teams do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from backline.phone.review.formats.turns import CLOCK, TranscriptError, WrittenTurn, seconds_of
from backline.phone.review.speakers import speaker_words

PHONE = r"(?!\d{4}-\d\d-\d\d)[+(]{0,2}\d[\d ().-]{4,22}\d"
"""A speaker who is known by their number alone."""
LABEL = rf"(?:[^\W\d_][\w .'’/&#-]{{0,39}}?|{PHONE})"
MOST_ABOVE = 12
"""Lines above the first speaker: a title, a date, who was there."""
_LINE = re.compile(
    rf"^\s*(?:[\[(]?(?P<before>{CLOCK})(?:\s*(?:-->|-|–)\s*{CLOCK})?[\])]?\s*[-–]?\s*)?"
    rf"(?:(?P<label>{LABEL})\s*(?:[\[(]\s*(?P<after>{CLOCK})\s*[\])])?\s*:(?!\d)\s?)?"
    r"(?P<text>.*)$"
)
_HEAD = re.compile(
    rf"^\s*\**\[?(?P<label>[^\W\d_][^\t:\[\]]{{0,58}}?|{PHONE})\]?\**"
    rf"(?:\s+|\s*\()(?P<time>{CLOCK})\)?\s*\**\s*$"
)
_NOTICE = re.compile(
    r"^\s*(?:transcribed by https?://\S+|.{1,60} (?:started|stopped) transcription)\s*$", re.I
)


def read_text(text: str) -> list[WrittenTurn]:
    """Read plain text.

    Raises:
        TranscriptError: its beginning does not tell who speaks.
    """
    # Without rows of spaces, on which the patterns would take long.
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not _NOTICE.match(line)]
    heads = [_HEAD.match(line) for line in lines]
    rows = [m for m in map(_LINE.match, lines) if m]
    if any(heads) and sum(map(bool, heads)) >= sum(bool(row["label"]) for row in rows):
        return _below_heads(lines, heads)
    return _behind_labels(rows)


def _below_heads(lines: Sequence[str], heads: Sequence[re.Match[str] | None]) -> list[WrittenTurn]:
    first = next(i for i, head in enumerate(heads) if head)
    if first > MOST_ABOVE:
        raise TranscriptError(f"its first {first} lines do not tell who speaks")
    turns: list[WrittenTurn] = []
    for line, head in zip(lines[first:], heads[first:], strict=True):
        if head:
            turns.append(WrittenTurn(head["label"].strip(), "", seconds_of(head["time"])))
        else:
            turns[-1] = _longer(turns[-1], line)
    return turns


def _behind_labels(rows: Sequence[re.Match[str]]) -> list[WrittenTurn]:
    # What the first line begins with cannot go on from another.
    names = names_in(row["label"] for row in rows) | {(row["label"] or "") for row in rows[:1]}
    turns: list[WrittenTurn] = []
    for row in rows:
        label = (row["label"] or "").strip()
        if label and label in names:
            time = seconds_of(row["before"] or row["after"])
            turns.append(WrittenTurn(label, row["text"], time))
            continue
        if not turns:
            raise TranscriptError(
                "its first line does not tell who speaks; write it like `Caller: my back hurts`"
            )
        turns[-1] = _longer(turns[-1], row["text"] if not label else row[0].strip())
    return turns


def _longer(turn: WrittenTurn, words: str) -> WrittenTurn:
    return replace(turn, text=f"{turn.text} {words}")


def names_in(labels: Iterable[str | None]) -> set[str]:
    """Tell labels from the beginnings of lines that go on: "I said: no" names nobody."""
    counts = Counter(label.strip() for label in labels if label)
    few = len(counts) <= 2
    return {name for name, n in counts.items() if few or n > 1 or speaker_words().is_known(name)}


def label_and_words(line: str) -> tuple[str | None, str]:
    """Split a line behind its label, if it begins with one."""
    row = _LINE.match(line)
    if row is None or not row["label"]:
        return None, line
    return row["label"].strip(), row["text"]
