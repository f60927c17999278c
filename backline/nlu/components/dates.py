"""Which date is meant by words such as "late June" or "the 12th"."""

from __future__ import annotations

import datetime as dt
import re

from backline.nlu.quantity_words import vocabulary

_PARTS = {"end": 28, "late": 25, "middle": 15, "mid": 15}


def date_of(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Find the date meant, the latest such one; None for a day that does not exist.

    Args:
        match: of `durations`' pattern for dates, by its groups.
    """
    if match["day"]:
        back = (today.weekday() - vocabulary().weekdays[match["day"]]) % 7 or 7
        return today - dt.timedelta(days=back)
    if match["period"]:
        return today.replace(day=1) if match["period"] == "month" else today.replace(month=1, day=1)
    if match["named"]:
        return _named_date(match["named"], match["nyear"], today)
    if match["month"]:
        return _date_in_a_month(match, today)
    if match["alone"]:
        day = int(match["alone"])
        this_month = _date(today.year, today.month, day)
        if this_month is None or this_month <= today:
            return this_month
        return _date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, day)
    year = _short_year(match["short"], today) if match["short"] else int(match["year"])
    # The middle of a past year; of this year its beginning, so that it is not too short.
    return dt.date(year, 7, 1) if year < today.year else dt.date(year, 1, 1)


def _named_date(name: str, year: str | None, today: dt.date) -> dt.date | None:
    """ "Christmas", "Easter 2019", or a day that everybody knows of."""
    vocab = vocabulary()
    if name in vocab.events:
        return vocab.events[name]
    if year:
        month, day = month_and_day(vocab.dates[name].split()[0])
        return _date(int(year), month, day)
    return latest_named(name, today)


def month_and_day(written: str) -> tuple[int, int]:
    """Read "12-25"."""
    month, day = written.split("-")
    return int(month), int(day)


def latest_named(name: str, today: dt.date) -> dt.date | None:
    """Find the latest day of a name up to today; a half term comes three times a year."""
    days = (latest(today, *month_and_day(day)) for day in vocabulary().dates[name].split())
    return max((day for day in days if day), default=None)


def _date_in_a_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    """ "2nd of November", "late June last year"."""
    month = vocabulary().months[match["month"]]
    part = next((d for word, d in _PARTS.items() if f" {word} " in f" {match[0]} "), 1)
    day = int(match["dom"] or match["after"] or part)
    if not match["myear"]:
        return latest(today, month, day)
    spoken = {"last year": today.year - 1, "this year": today.year}
    return _date(spoken.get(match["myear"]) or int(match["myear"]), month, day)


def _short_year(digits: str, today: dt.date) -> int:
    """The year that two digits mean, the latest such one."""
    two = int(digits)
    return 1900 + two if two > today.year % 100 else 2000 + two


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def latest(today: dt.date, month: int, day: int) -> dt.date | None:
    """Find the latest such day up to today; None for one that does not exist."""
    this_year = _date(today.year, month, day)
    if this_year is None or this_year <= today:
        return this_year
    return _date(today.year - 1, month, day)
