"""Read transcripts as tables: CSV, with commas, semicolons or tabs, whose first line has names."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO

from backline.phone.review.formats.turns import (
    TranscriptError,
    WrittenTurn,
    in_order,
    seconds_of,
    share_of,
)

SEPARATORS = (",", ";", "\t", "|")
TEXTS = ("text", "transcript", "transcription", "utterance", "content", "message", "words", "said")
SPEAKERS = (
    "speaker",
    "speakername",
    "speakerlabel",
    "role",
    "participant",
    "who",
    "name",
    "channel",
)
BEGINS = ("start", "begin", "starttime", "begintime", "timestamp", "time", "from", "offset")
ENDS = ("end", "endtime", "to", "stop")
SURE = ("confidence", "score", "probability")


def is_table(text: str) -> bool:
    """Return whether the first line names a speaker and a text among its columns."""
    return _separator(text) is not None


def read_table(text: str) -> list[WrittenTurn]:
    """Read a turn from each row.

    Raises:
        TranscriptError: a row is broken, or shorter than the first.
    """
    rows = csv.reader(StringIO(text, newline=""), delimiter=_separator(text) or ",")
    turns = []
    try:
        names = _names(next(rows))
        texts, speakers, begins, ends, sure = (
            _column(names, wanted) for wanted in (TEXTS, SPEAKERS, BEGINS, ENDS, SURE)
        )
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            said = _cell(row, texts)
            if said is None:
                raise TranscriptError(f"line {rows.line_num} of it has no text in its columns")
            begin, end = seconds_of(_cell(row, begins)), seconds_of(_cell(row, ends))
            speaker = (_cell(row, speakers) or "").strip() or None
            turns.append(WrittenTurn(speaker, said, begin, end, share_of(_cell(row, sure))))
    except csv.Error as error:
        raise TranscriptError(f"line {rows.line_num} of it is not valid CSV: {error}") from None
    return in_order(turns)


def _separator(text: str) -> str | None:
    first = text[:2000].partition("\n")[0]
    for separator in SEPARATORS:
        names = _names([cell.strip('" \r') for cell in first.split(separator)])
        if None not in (_column(names, TEXTS), _column(names, SPEAKERS)):
            return separator
    return None


def _names(row: Sequence[str]) -> list[str]:
    return [re.sub(r"[^a-z]", "", re.sub(r"\(.*\)", "", name.lower())) for name in row]


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(row: Sequence[str], column: int | None) -> str | None:
    return row[column] if column is not None and column < len(row) else None
