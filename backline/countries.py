"""The numbers that help by country, and in which country somebody says that they are.

All of it is in `data/countries.yml`: a few big cities and what people call a country, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from backline.yaml_text import read_words

FILE = Path(__file__).resolve().parents[1] / "data" / "countries.yml"
SETTINGS: Mapping[str, str] = {
    "emergency": "emergency_number",
    "health": "health_line",
    "crisis": "crisis_line",
    "poisons": "poisons_line",
    "violence": "violence_line",
    "child": "child_line",
}
"""The numbers of a country, and under which name texts and `clinic.yml` have them."""
ELSEWHERE = "elsewhere"
"""Stands for the country of whoever says that they are in another one, and not in which."""
MOST_CHARACTERS = 600
"""Of a longer message the beginning is read."""
_SENTENCE = re.compile(r"[^.!?;\n]+")
_WORD = re.compile(r"[^\W_]+")
_DIALLED = re.compile(r"\d[\d -]*")


@dataclass(frozen=True)
class Country:
    """A country, or `ELSEWHERE`.

    Attributes:
        code: ISO 3166.
        name: as it stands behind "in".
        numbers: by the names of `SETTINGS`; some countries have a few of them only.
    """

    code: str
    name: str
    numbers: Mapping[str, str]

    @property
    def emergency(self) -> str:
        """The emergency number alone, to be dialled."""
        return dialled(self.numbers[SETTINGS["emergency"]])


@dataclass(frozen=True)
class Whereabouts:
    """Where somebody says that they are.

    Attributes:
        code: of the country.
        sure: they are there; else it may be where they come from.
        named: the place was named, and not a number alone.
    """

    code: str
    sure: bool = True
    named: bool = True

    def to_json(self) -> dict[str, Any]:
        """The same as JSON-ready data."""
        return {"code": self.code, "sure": self.sure, "named": self.named}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Whereabouts | None:
        """Read what `to_json` gave; None for None."""
        return None if data is None else cls(data["code"], data["sure"], data["named"])

    @property
    def country(self) -> Country:
        """The country with all that is known of it."""
        return countries()[self.code]


def dialled(text: str) -> str:
    """Give the first number of a text; all of it where it has none."""
    found = _DIALLED.search(text)
    return found[0].strip() if found else text


def clinics_numbers() -> dict[str, dict[str, str]]:
    """Give the numbers of the countries that have all of them, in which a clinic may be."""
    return {
        code: dict(country.numbers)
        for code, country in countries().items()
        if code != ELSEWHERE and country.numbers.keys() == set(SETTINGS.values())
    }


def numbers_there(where: Whereabouts, home: str, own: Mapping[str, str]) -> dict[str, str]:
    """Give the numbers that help somebody who is elsewhere than their clinic.

    Args:
        home: the clinic's country.
        own: the clinic's numbers, by the names of `SETTINGS`.
    """
    there = {**countries()[ELSEWHERE].numbers, **where.country.numbers}
    if where.sure:
        return there
    # Who comes from there, or names a number of there, may well be here: nobody gets one number
    # alone that may be wrong, and the clinic's own comes first.
    both = (SETTINGS["emergency"], SETTINGS["crisis"])
    return {key: f"{own[key]} (in {where.country.name} {dialled(there[key])})" for key in both}


def common_numbers(home: str) -> list[str]:
    """Say of a few countries, but not of the clinic's own, which number is theirs."""
    codes = (code for code in read_words(FILE)["common"] if code != home)
    return [f"{countries()[code].emergency} in {countries()[code].name}" for code in codes]


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """Read all countries by their codes, once, and `ELSEWHERE` beside them."""
    data = read_words(FILE)
    items = {**data["countries"], ELSEWHERE: data["elsewhere"]}
    return {
        code: Country(
            code, item.get("name", ""), {SETTINGS[k]: item[k] for k in SETTINGS if k in item}
        )
        for code, item in items.items()
    }


def whereabouts_in(text: str, home: str, *, in_emergency: bool = False) -> Whereabouts | None:
    """Find where somebody says that they are, by a place, or by the number that is called there.

    Args:
        home: the clinic's country, whose number everybody was told.
        in_emergency: they were told to call, so that a number alone may tell it, too.
    """
    words, found = _words(), list[Whereabouts]()
    lines = [_line(sentence) for sentence in _SENTENCE.findall(text[:MOST_CHARACTERS])]
    for line in lines:
        if _has(line, words.then):
            continue
        found += _places_in(line, words, home)
        if _is_elsewhere(line, words, in_emergency):
            found.append(Whereabouts(ELSEWHERE, named=False))
        found += _by_number(line, words, home, in_emergency)
    told = max(found, key=lambda w: (w.sure, w.named, w.code != ELSEWHERE), default=None)
    at_home = any(w.code == home and w.sure for w in found)
    away = next((w for w in found if w.code not in (home, ELSEWHERE) and w.sure), None)
    # "I live in Australia but I'm in Bali now": both numbers.
    return Whereabouts(away.code, sure=False) if at_home and away else told


class _Words:
    """The compiled words of the file."""

    def __init__(self) -> None:
        data = read_words(FILE)
        said = data["words"]
        self.codes = {
            name: code
            for code, item in data["countries"].items()
            for name in (*item["called"], *item.get("cities", ()))
        }
        self.place = _any_of(self.codes)
        self.by_number: Mapping[str, str] = data["by_number"]
        self.number_alone = frozenset(data["by_number_alone"])
        self.number = _any_of(self.by_number)
        self.alone = frozenset(said["alone"])
        between = rf"(?:(?:{'|'.join(said['between'])}) ){{0,2}}$"
        self.leads, self.comes, self.not_in = (
            re.compile(rf" (?:{'|'.join(said[key])}) {between}") for key in ("in", "from", "not_in")
        )
        self.called = frozenset(n for item in data["countries"].values() for n in item["called"])
        who, now, into = ("|".join(said[key]) for key in ("who", "now", "in"))
        self.there = re.compile(rf" (?:{who})(?: (?:{now}))* (?:{into}) {between}")
        self.then, self.whose, self.asks = (_any_of(said[k]) for k in ("then", "whose", "number"))
        self.calls = _any_of(said["calls"])
        self.number_here = re.compile(rf"(?<= )(?:{'|'.join(self.by_number)}) (?:is )?here ")
        self.elsewhere, self.who, self.here = (
            _any_of(said[k]) for k in ("elsewhere", "who", "here")
        )


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<= )(?:{'|'.join(longest_first)})(?= )")


def _has(line: str, pattern: re.Pattern[str]) -> bool:
    return pattern.search(line) is not None


def _line(sentence: str) -> str:
    """The words of a sentence in lower case, each between spaces, "I'm" as "i am"."""
    text = sentence.casefold().replace("’", "'").replace("'m ", " am ").replace("'re ", " are ")
    words = _WORD.findall(text.replace("'", ""))
    return f" {' '.join(words)} "


def _places_in(line: str, words: _Words, home: str) -> Iterator[Whereabouts]:
    """The places of a sentence that tell where somebody is, or may be.

    Only who says of themselves that they are there now is surely there: "I fell in Japan" is not.
    """
    asks, whose = _has(line, words.asks), _has(line, words.whose)
    for match in words.place.finditer(line):
        code, before, behind = words.codes[match[0]], line[: match.start()], line[match.end() :]
        if code != home and words.codes.get(behind.strip().split(" ")[0]) == home:
            # "Wellington NSW".
            continue
        alone = words.alone.issuperset((before + behind).split())
        if words.not_in.search(before):
            if code == home and match[0] in words.called:
                yield Whereabouts(ELSEWHERE, named=False)
        elif alone or asks or words.leads.search(before):
            there = words.there.search(before) is not None
            yield Whereabouts(code, sure=there or ((alone or asks) and not whose))
        elif words.comes.search(before):
            yield Whereabouts(code, sure=False)


def _is_elsewhere(line: str, words: _Words, in_emergency: bool) -> bool:
    found = words.elsewhere.search(line)
    return found is not None and (in_emergency or _has(line[: found.start() + 1], words.who))


def _by_number(line: str, words: _Words, home: str, in_emergency: bool) -> Iterator[Whereabouts]:
    """The countries whose number is said to be the one "here", or, less surely, is named alone.

    "Is it 000 or 911?" names the clinic's own as well, and tells nothing.
    """
    here = _has(line, words.here) and (_has(line, words.calls) or _has(line, words.number_here))
    codes = [(words.by_number[m[0]], m[0]) for m in words.number.finditer(line)]
    if not here and any(code == home for code, _ in codes):
        return
    for code, number in codes:
        if code != home and (here or (in_emergency and number in words.number_alone)):
            yield Whereabouts(code, sure=here, named=False)
