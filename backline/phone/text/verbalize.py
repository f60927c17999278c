"""Turn written text into spoken text: no markup, no links, numbers and times as words."""

from __future__ import annotations

import re

import inflect

_LINKS = re.compile(r"\s*\b(?:https?://|www\.)\S+")
_MARKUP = re.compile(r"[*_~`#|]+")
_LIST_MARKS = re.compile(r"^\s*(?:\d+[.)]|[-•])\s+", re.MULTILINE)
_TELEPHONE = re.compile(r"\+?\(?\d[\d ()-]{4,}\d|\b(?:000|111|112|911|999|988)\b")
_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})\b")
_MONEY = re.compile(r"([$£€])\s?(\d+(?:[.,]\d{2})?)")
_RANGE = re.compile(r"(?<=\d)\s?[-–]\s?(?=\d)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SPACES = re.compile(r"\s+")
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_WORDS = inflect.engine()
_SPELT = {r"\bGP\b": "G P", r"\bOK\b": "okay", "&": " and "}


def spoken(text: str) -> str:
    """Write a text as words that a voice can say."""
    plain = _MARKUP.sub("", _LIST_MARKS.sub("", _LINKS.sub("", text)))
    for written, said in _SPELT.items():
        plain = re.sub(written, said, plain)
    plain = _TELEPHONE.sub(lambda m: digits(m[0]), plain)
    plain = _CLOCK.sub(_clock, plain)
    plain = _MONEY.sub(lambda m: f"{number(m[2])} {_CURRENCIES[m[1]]}", plain)
    plain = _RANGE.sub(" to ", plain)
    plain = _NUMBER.sub(lambda m: number(m[0]), plain)
    return _SPACES.sub(" ", plain).strip()


def digits(telephone: str) -> str:
    """Write a telephone number digit by digit, with a pause where it is written apart."""
    parts = re.findall(r"\d+", telephone)
    said = [" ".join(number(digit) for digit in part) for part in parts]
    plus = "plus " if telephone.startswith("+") else ""
    return plus + ", ".join(said)


def number(written: str) -> str:
    """Write a number in words: "42" is "forty-two", "7.5" is "seven point five"."""
    return str(_WORDS.number_to_words(written.replace(",", "."), andword=""))


def listed(parts: list[str], last: str = "or") -> str:
    """List parts as one sentence says them, with a pause between."""
    return parts[0] if len(parts) == 1 else "; ".join(parts[:-1]) + f"; {last} {parts[-1]}"


def _clock(match: re.Match[str]) -> str:
    minutes = int(match[2])
    hour = number(match[1])
    if minutes == 0:
        return hour
    return f"{hour} {'oh ' if minutes < 10 else ''}{number(str(minutes))}"
