"""The turns of a call, as every form of transcript comes to them, and the values in them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from backline.failures import Told

CLOCK = r"(?:(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,9})?)"
"""A time of a call, as 1:02, 00:01:02.5 or 00:01:02,500."""
ANY_CLOCK = r"(?:(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,9})?)"
"""Also 0:0:2.5, as some write it."""


class TranscriptError(Told, ValueError):
    """A file that is no transcript of two speakers; the sentence says what is wrong."""


@dataclass(frozen=True)
class WrittenTurn:
    """A turn as it is written.

    Attributes:
        speaker: the label that the file gives; None if it gives none.
        begin, end: seconds since the call began, if the file tells them.
        confidence: 0 to 1, if the file tells it; the mean of its words, where it tells theirs.
        least: that of its least sure word.
    """

    speaker: str | None
    text: str
    begin: float | None = None
    end: float | None = None
    confidence: float | None = None
    least: float | None = None


def seconds_of(value: object, unit: float = 1.0) -> float | None:
    """Read a time, as a number, as "1.5", "1.5s" or "01:02.5"; None for what is none.

    Args:
        unit: how many seconds one is, for a number.
    """
    number = number_of(value)
    if number is not None:
        # An aligner may set the first word a little before the call.
        return max(number * unit, 0.0)
    return _of_clock(value) if isinstance(value, str) else None


def _of_clock(clock: str) -> float | None:
    if not re.fullmatch(ANY_CLOCK, clock.strip()):
        return None
    total = 0.0
    for part in clock.strip().replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def number_of(value: object) -> float | None:
    """Read a finite number, also from a text, which may end with the s of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(str(value).strip().rstrip("s"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def share_of(value: object) -> float | None:
    """Read how sure something is, as a share or, above one, as a percentage."""
    number = number_of(value)
    if number is None or not 0 <= number <= 100:
        return None
    # Sums of floating numbers come out a little above one.
    return number / 100 if number > 1.01 else min(number, 1.0)


def in_order(turns: Iterable[WrittenTurn]) -> list[WrittenTurn]:
    """Sort turns by their times; where some have none, all stay where they are."""
    listed = list(turns)
    if all(t.begin is not None for t in listed):
        listed.sort(key=lambda t: t.begin or 0.0)
    return listed
