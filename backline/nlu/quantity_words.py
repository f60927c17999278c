"""The words of `data/lexicon/quantities.yml`, compiled once."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache, reduce
from typing import Any

from backline.facts import QUANTITIES, Finding, Status
from backline.nlu.digits import LARGEST, number_of
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.tokenizer import Words

_NEVER = re.compile(r"(?!)")
_TENS = range(20, 100, 10)
_MULTIPLES = (100, 1000)
_DOZEN = 12
_TAKEN_BACK = re.compile(
    r" (?:not|isnt|wasnt|rather than|instead of)(?: (?:an?|the|about|for|like))* $"
)
VAGUE = frozenset({"couple", "few", "several", "pair", "dozen"})


def any_of(words: Any) -> str:
    """Write a regular expression for one of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _pattern(patterns: list[str]) -> re.Pattern[str]:
    return compile_all(patterns, {}) or _NEVER


class Times:
    """What a length of time may be about."""

    def __init__(self, data: dict[str, list[str]]) -> None:
        self.pain = _pattern(data["pain"])
        self.other = _pattern(data["other"])
        self.dated_by = _pattern(data["dated_by"])
        self.not_before = _pattern(data["not_before"])
        self.not_after = _pattern(data["not_after"])
        self.over = _pattern(data["over"])
        self.earlier_bout = _pattern(data["earlier_bout"])
        self.planned = _pattern(data["planned"])


class Strengths:
    """Words for how bad it is, with their value on the scale of 0 to 10."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.adjectives = {int(n): _pattern(p) for n, p in data["adjectives"].items()}
        self.functions = {int(n): _pattern(p) for n, p in data["functions"].items()}
        self.not_when = _pattern(data["not_when"])
        self.rated = _pattern(data["rated"])
        self.pain = _pattern(data["pain"])
        self.was = _pattern(data["was"])
        self.usual = _pattern(data["usual"])
        self.peak = _pattern(data["peak"])
        self.rest = _pattern(data["rest"])
        self.now = _pattern(data["now"])
        self.wrong_line = _pattern(data["wrong_line"])


def _joined(so_far: float, following: float, dozens: bool) -> float:
    """Join two number words: "two hundred", "twenty one"; of a choice the higher counts."""
    if following in _MULTIPLES or (following == _DOZEN and dozens):
        return so_far * following
    if following < 1 or (so_far in _TENS and following < 10) or so_far >= 100:
        return so_far + following
    return max(so_far, following)


class Vocabulary:
    """Numbers, units, dates and strengths.

    Attributes:
        number: a regular expression for one number: "7", "2.5", "twenty five", "a couple of".
        amount: the same, and "a", "half a", "two and a half".
    """

    def __init__(self) -> None:
        data = read_yaml("quantities.yml")
        self.numbers = {word: float(n) for word, n in data["numbers"].items()}
        self.homophones = {word: float(n) for word, n in data["homophones"].items()}
        self.units = {word: float(days) for days, words in data["units"].items() for word in words}
        self.phrases = {float(days): _pattern(p) for days, p in data["phrases"].items()}
        self.ordinals = {word: int(n) for word, n in data["ordinals"].items()}
        self.dates: dict[str, str] = data["dates"]
        self.events = {name: dt.date.fromisoformat(day) for name, day in data["events"].items()}
        self.weekdays = {word: int(n) for word, n in data["weekdays"].items()}
        self.months = {word: int(n) for word, n in data["months"].items()}
        self.times = Times(data["times"])
        self.strengths = Strengths(data["severities"])
        self.counted = _pattern(data["counted"])
        self.relatives: list[str] = data["relatives"]
        self.ages: dict[str, list[str]] = data["ages"]
        word = any_of(self.numbers)
        digits = r"\d+(?:[.,]\d+)?"
        self.number = rf"(?:{digits}|{word})(?: (?:and )?(?:{word}))?"
        self.amount = (
            rf"(?:half an?|half|(?:a )?(?:good |solid )?(?:{self.number})(?: of)?"
            r"(?: and (?:an? )?(?:half|quarter|bit)| half)?|an?)"
        )
        self.spoken_plain = rf"{digits}|{word}"
        self.spoken = rf"(?:{digits}|{any_of({**self.numbers, **self.homophones})})"

    def value(self, words: str) -> float:
        """Read the number that these words say; "a" is one, "half a" a half, of a choice the higher."""
        parts = [p for p in words.split() if p not in ("and", "of", "good", "solid")]
        if not parts:
            return 0.0
        if parts[0] == "half":
            return 0.5
        extra = {"half": 0.5, "quarter": 0.25, "bit": 0.0}.get(parts[-1], 0.0)
        values = [v for v in map(self._one, parts) if v is not None]
        if not values:
            return 1.0 + extra
        dozens = "dozen" in parts
        total = reduce(lambda so_far, following: _joined(so_far, following, dozens), values)
        return min(total + extra, LARGEST)

    def _one(self, word: str) -> float | None:
        number = number_of(word)
        return self.numbers.get(word, self.homophones.get(word)) if number is None else number


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Load the vocabulary, once."""
    return Vocabulary()


def finding(words: Words, kind: str, value: Any, start: int, end: int, source: str) -> Finding:
    """Make a finding for a stretch of the word line; one behind "not" is put aside."""
    first, last = words.span(start, end)
    return Finding(
        kind,
        value,
        Status.ABSENT if _TAKEN_BACK.search(words.line[:start]) else Status.PRESENT,
        start=first,
        end=last,
        text=words.text[first:last],
        source=f"{QUANTITIES}:{source}",
    )


def whole(value: float) -> float:
    """Drop the decimals of a number that has none but zeros."""
    return int(value) if value == int(value) else value
