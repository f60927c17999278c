"""Read a birth date as people say it: "the fourth of May 57", "oh four oh five 57". Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backline.facts import MAX_AGE_YEARS
from backline.nlu.lexicon import read_yaml
from backline.nlu.quantity_words import VAGUE, vocabulary

MONTH_FIRST = frozenset({"US"})
"""Countries in which 4/5 is the fifth of April."""
LIKELY_YEARS = 100
"""Of two centuries that two digits can mean, the one in which nobody is older than that."""
_WORD = re.compile(r"\d+|[a-z]+|[/.,-]")
_SENTENCE_END = re.compile(r"[.!?;]\s")
_ENDING = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")


@dataclass(frozen=True)
class Calendar:
    """What dates are read by.

    Attributes:
        today: the clinic's date.
        month_first: 4/5 is the fifth of April.
    """

    today: dt.date
    month_first: bool = False


def calendar_of(country: str, today: dt.date) -> Calendar:
    """Return the calendar of a clinic's country."""
    return Calendar(today, country in MONTH_FIRST)


def age_by_birth_date(text: str, calendar: Calendar) -> int | None:
    """Tell how old somebody is by the birth date in a text, in years; None without exactly one."""
    born = birth_date_in(text, calendar)
    if born is None:
        return None
    today = calendar.today
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def with_age(text: str, calendar: Calendar) -> str:
    """Return the age in years in the place of a text that tells a birth date; else the text."""
    years = age_by_birth_date(text, calendar)
    return text if years is None else str(years)


def birth_date_in(text: str, calendar: Calendar) -> dt.date | None:
    """Read a birth date; None where there is none, or where it can be several."""
    plain = _ENDING.sub("", text.lower().replace("'", " ").replace("’", " "))
    runs = (run for sentence in _SENTENCE_END.split(plain) for run in _runs(sentence))
    found = (_date_of(run, calendar) for run in runs)
    dates = [date for date in found if date is not None]
    # Who says it again says it better.
    return dates[-1] if dates else None


@dataclass(frozen=True)
class _Part:
    """A number as it was said, or the name of a month.

    Attributes:
        digits: how many digits were said one by one; 0 where it was said as a number.
        scaled: it was said in hundreds or thousands, so that more may follow.
    """

    value: int
    digits: int = 0
    ordinal: bool = False
    month: bool = False
    scaled: bool = False


def _runs(text: str) -> Iterator[list[_Part]]:
    """Split a text into stretches of numbers and months with nothing else between."""
    words = _words()
    run: list[_Part] = []
    times = 1
    for word in _WORD.findall(text):
        part = words.part(word)
        if part is not None:
            run.append(_Part(int(str(part.value) * times), times) if times > 1 else part)
            times = 1
        elif word in words.repeated:
            times = words.repeated[word]
        elif word.isalpha() and word not in words.between:
            yield run
            run, times = [], 1
    yield run


def _date_of(run: Sequence[_Part], calendar: Calendar) -> dt.date | None:
    parts = _joined(run)
    named = [i for i, part in enumerate(parts) if part.month]
    if len(named) == 1:
        return _with_month(parts, named[0], calendar)
    return None if named else _in_numbers(parts, calendar)


def _with_month(parts: list[_Part], place: int, calendar: Calendar) -> dt.date | None:
    before, after = parts[:place], parts[place + 1 :]
    if len(before) == 2 and after and not before[-1].ordinal:
        # "Nineteen fifty-seven, May the fourth".
        day, years = after[0], before
    elif before:
        day, years = before[-1], after
    elif after:
        day, years = after[0], after[1:]
    else:
        return None
    return _day(_year(years, calendar), parts[place].value, day.value, calendar)


def _in_numbers(parts: list[_Part], calendar: Calendar) -> dt.date | None:
    if len(parts) < 3:
        return None
    if parts[0].value > 1000:
        year, month, day = _year(parts[:1], calendar), parts[1].value, parts[2].value
        return _day(year, month, day, calendar)
    one, other, year = parts[0].value, parts[1].value, _year(parts[2:], calendar)
    ordered = (one, other) if calendar.month_first else (other, one)
    if parts[0].ordinal:
        # "The fourth of the fifth" begins with the day wherever it is said.
        ordered = (other, one)
    # Where the month cannot be one it is the day.
    return _day(year, *ordered, calendar) or _day(year, ordered[1], ordered[0], calendar)


def _day(year: int | None, month: int, day: int, calendar: Calendar) -> dt.date | None:
    try:
        born = dt.date(year or 0, month, day)
    except ValueError:
        return None
    return born if born <= calendar.today else None


def _year(parts: Sequence[_Part], calendar: Calendar) -> int | None:
    """Read a year: "57", "19 57", "20 04", "2004"."""
    values = [part.value for part in parts]
    this = calendar.today.year
    if len(values) == 2 and values[0] in (19, 20) and values[1] < 100:
        values = [values[0] * 100 + values[1]]
    if len(values) != 1:
        return None
    year = values[0]
    if year < 100:
        both = [y for y in (1900 + year, 2000 + year) if 0 <= this - y <= LIKELY_YEARS]
        return both[0] if len(both) == 1 else None
    return year if 0 <= this - year <= MAX_AGE_YEARS else None


def _joined(run: Sequence[_Part]) -> list[_Part]:
    """Join what is one number: "twenty first", "fifty seven", "oh four", and "five seven"."""
    parts: list[_Part] = []
    for part in run:
        last = parts[-1] if parts else None
        if last is not None and _continues(last, part):
            digits = 2 if last.digits else 0
            value = last.value * 10 + part.value if digits else last.value + part.value
            parts[-1] = _Part(value, digits, part.ordinal)
        elif last is not None and not part.month and part.value in _words().scales:
            parts[-1] = _Part(last.value * part.value, scaled=True)
        elif last is not None and last.scaled and part.value < 100:
            parts[-1] = _Part(last.value + part.value, scaled=last.scaled and part.value % 10 == 0)
        else:
            parts.append(part)
    return _in_pairs(parts)


def _continues(last: _Part, part: _Part) -> bool:
    if last.month or part.month:
        return False
    if last.digits == 1 and last.value == 0:
        return part.digits == 1
    tens = not last.ordinal and last.digits == 0 and last.value in range(20, 100, 10)
    return tens and 0 < part.value < 10


def _in_pairs(parts: list[_Part]) -> list[_Part]:
    """Join the last two lone digits to a year, "oh four oh five five seven", and split 040557."""
    if len(parts) == 1 and parts[0].digits in (6, 8):
        whole = str(parts[0].value).zfill(parts[0].digits)
        return [_Part(int(whole[:2]), 2), _Part(int(whole[2:4]), 2), _Part(int(whole[4:]), 2)]
    lone = [part for part in parts[-2:] if part.digits == 1 and not part.ordinal]
    if len(parts) >= 3 and len(lone) == 2:
        return [*parts[:-2], _Part(lone[0].value * 10 + lone[1].value, 2)]
    return parts


def _counts(words: Mapping[str, str]) -> dict[str, int]:
    return {word: int(number) for word, number in words.items()}


class _BirthDateWords:
    """What `speech.yml` has of it, and the numbers of all."""

    def __init__(self) -> None:
        data = read_yaml("speech.yml")["birth_dates"]
        vocab = vocabulary()
        numbers = {w: int(n) for w, n in vocab.numbers.items() if n == int(n) and w not in VAGUE}
        self._numbers = {**numbers, **dict.fromkeys(data["nothing"], 0)}
        self._ordinals = {**vocab.ordinals, **_counts(data["ordinals"])}
        self._months = vocab.months
        self.scales = frozenset({numbers["hundred"], numbers["thousand"]})
        self.repeated = _counts(data["repeated"])
        self.between = frozenset(data["between"])

    def part(self, word: str) -> _Part | None:
        """Read one word of a date; None if it is none."""
        if word.isdigit():
            return _Part(int(word), len(word)) if len(word) <= 8 else None
        if word in self._months:
            return _Part(self._months[word], month=True)
        if word in self._ordinals:
            return _Part(self._ordinals[word], ordinal=True)
        number = self._numbers.get(word)
        if number is None:
            return None
        return _Part(number, 1 if number < 10 else 0)


@lru_cache(maxsize=1)
def _words() -> _BirthDateWords:
    return _BirthDateWords()
