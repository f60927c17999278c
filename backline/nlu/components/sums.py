"""One time that is told in several units: "two years and four months"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backline.facts import MAX_DURATION_DAYS
from backline.nlu.quantity_words import vocabulary

Time = tuple[int, int, float | None, str]
"""Start and end in the word line, days (None if it cannot be), and what it was read by."""
_SUMMED = re.compile(r" (?:, )?(?:(?:and|plus) )?$")


def sums_of(times: Iterator[Time], line: str) -> Iterator[Time]:
    """Put together what is told in several units: "two years and four months", "5 wks 2 days"."""
    before: Time | None = None
    for time in times:
        if before is None:
            before = time
        elif _is_more(before, time, line):
            days = (before[2] or 0) + (time[2] or 0)
            before = before[0], time[1], days if days <= MAX_DURATION_DAYS else None, before[3]
        else:
            yield before
            before = time
    if before is not None:
        yield before


def _is_more(first: Time, second: Time, line: str) -> bool:
    """Whether a time goes on telling the one before it, in a smaller unit."""
    units = vocabulary().units
    if first[2] is None or second[2] is None or first[1] > second[0]:
        return False
    between = " " + line[first[1] : second[0]].strip() + " "
    smaller = units.get(second[3], 0) < units.get(first[3], 0)
    return (
        smaller
        and second[2] < units[first[3]]
        and _SUMMED.match(between.replace("  ", " ")) is not None
    )
