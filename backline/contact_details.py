"""The name and the number that somebody gives to be called, by the words of data/call_back.yml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from phonenumbers import (
    Leniency,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    country_code_for_region,
    format_number,
    number_type,
    parse,
)
from phonenumbers.phonenumberutil import NumberParseException

from backline.yaml_text import read_words

FILE = Path(__file__).resolve().parents[1] / "data" / "call_back.yml"
MOST_CHARACTERS = 600
"""Of a longer message the beginning is read."""
LONGEST_NAME = 60
MOST_NAMES = 3
"""Words of a name."""
MOST_DIGITS = 100
"""In a text with more of them each one is hidden: looking for numbers would take too long."""
HIDDEN = "•"
"""What stands for a digit of a number that is not shown."""
_PERSONS = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
"""Kinds of numbers that are somebody's; a crisis line is none."""
_TRIED = re.compile(r"(?<![/.-])\d(?:[ ()]{0,2}\d){5,}(?![/.-]\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_ENDS = re.compile(r"[.!?;\n]")
_ENDS = re.compile(r"[.,;:!?\n\d(+]")


@dataclass(frozen=True)
class ContactDetails:
    """What a message gives.

    Attributes:
        number: in the form of E.164, such as +61400123456; None without one that there can be.
        name: None without one.
        introduces: whether it says of the name that it is one ("my name is").
        tried: whether digits stand in it that may be meant as a number.
        wishes: whether it asks for a call, or says whose the number is.
        spans: where the digits stand that are a number, or may be meant as one.
    """

    number: str | None
    name: str | None
    introduces: bool
    tried: bool
    wishes: bool
    spans: tuple[tuple[int, int], ...]


def read_details(text: str, country: str, own: Sequence[str] = ()) -> ContactDetails:
    """Read the name and the number of a message.

    Args:
        country: of the clinic, whose numbers are written without a code of a country.
        own: numbers of the clinic, which are nobody else's.
    """
    text = text[:MOST_CHARACTERS]
    ours = {e164_of(number, country) for number in own}
    found = list(PhoneNumberMatcher(text, country, leniency=Leniency.VALID))
    theirs = [m for m in found if _is_a_persons(m.number) and _e164(m.number) not in ours]
    words = _words()
    number = _e164(theirs[0].number) if theirs else None
    spans = [(m.start, m.end) for m in theirs] or [m.span() for m in _TRIED.finditer(text)]
    plain = f" {_plain(text)} "
    wishes = any(f" {phrase} " in plain for phrase in words.wishes)
    introduced = _introduced(text, words)
    name = introduced or (_beside(text, spans[0], words) if spans else None)
    return ContactDetails(number, name, introduced is not None, bool(spans), wishes, tuple(spans))


def e164_of(number: str, country: str) -> str | None:
    """Write a number in the form of E.164; None if it is none."""
    try:
        return _e164(parse(number, country))
    except NumberParseException:
        return None


def as_dialled(number: str, country: str) -> str:
    """Write a number as it is dialled from a country; one that is none stays as it is."""
    try:
        known = parse(number, country)
    except NumberParseException:
        return number
    at_home = known.country_code == country_code_for_region(country)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return str(format_number(known, form))


def hide_numbers(text: str, country: str) -> str:
    """Put dots in the place of the digits of phone numbers; the text keeps its length."""
    if len(re.findall(r"\d", text)) > MOST_DIGITS:
        return re.sub(r"\d", HIDDEN, text)
    for match in PhoneNumberMatcher(text, country, leniency=Leniency.POSSIBLE):
        hidden = re.sub(r"\d", HIDDEN, text[match.start : match.end])
        text = text[: match.start] + hidden + text[match.end :]
    return text


@dataclass(frozen=True)
class _Words:
    wishes: tuple[str, ...]
    names: re.Pattern[str]
    maybe: re.Pattern[str]
    no_names: frozenset[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = read_words(FILE)
    return _Words(
        tuple(data["wishes"]),
        _introducing(data["names"]),
        _introducing(data["maybe_names"]),
        frozenset(data["not_names"]),
    )


def _introducing(phrases: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    # "My name's": an apostrophe may stand before any s or m.
    spelled = "|".join(re.sub("([sm])", r"['’]?\1", phrase) for phrase in longest_first)
    return re.compile(rf"\b(?:{spelled})\b[ :,-]*", re.IGNORECASE)


def _introduced(text: str, words: _Words) -> str | None:
    """The name behind "my name is", or one with a capital letter behind "I am"."""
    for pattern, capital in ((words.names, False), (words.maybe, True)):
        for match in pattern.finditer(text):
            name = _name_at(text[match.end() :], words, capital=capital)
            if name is not None:
                return name
    return None


def _name_at(text: str, words: _Words, *, capital: bool) -> str | None:
    stop = _ENDS.search(text)
    first = text[: stop.start()] if stop else text
    named: list[str] = []
    for word in _WORD.findall(first)[:MOST_NAMES]:
        if word.casefold() in words.no_names or (capital and not word[0].isupper()):
            break
        named.append(word)
    return _as_name(named)


def _beside(text: str, span: tuple[int, int], words: _Words) -> str | None:
    """The few words beside a number, where there are no others: "Tom Smith 0400 123 456"."""
    before, behind = text[: span[0]], text[span[1] :]
    for part in (_SENTENCE_ENDS.split(before)[-1], _SENTENCE_ENDS.split(behind)[0]):
        if words.maybe.search(part):
            # "I am worried, 0400 ..." has no name in it.
            continue
        named = [word for word in _WORD.findall(part) if word.casefold() not in words.no_names]
        if 1 <= len(named) <= MOST_NAMES:
            return _as_name(named)
    return None


def _as_name(words: Sequence[str]) -> str | None:
    return " ".join(words)[:LONGEST_NAME] if words else None


def _plain(text: str) -> str:
    """The words in small letters, without apostrophes, a space between them."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("’", "")))


def _is_a_persons(number: PhoneNumber) -> bool:
    return number_type(number) in _PERSONS


def _e164(number: PhoneNumber) -> str:
    return str(format_number(number, PhoneNumberFormat.E164))
