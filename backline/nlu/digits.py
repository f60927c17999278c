"""Digits that somebody wrote, as a number that everything can be done with."""

from __future__ import annotations

import unicodedata

LARGEST = 1_000_000_000
"""What is larger is read as this: no duration, age, strength or count comes near it."""
_MOST_DIGITS = 20
"""More digits than `LARGEST` has, so that those behind them change nothing."""


def number_of(word: str) -> float | None:
    """Read the number, 0 to `LARGEST`, of a word of digits; None for any other word.

    Takes the digits of all scripts, also raised, circled and fullwidth ones, and one decimal comma
    or point between them.
    """
    whole, mark, rest = _plain(word).replace(",", ".").partition(".")
    if not _is_digits(whole) or (mark and not _is_digits(rest)):
        return None
    if len(whole.lstrip("0")) > _MOST_DIGITS:
        return float(LARGEST)
    return min(float(f"{whole.lstrip('0') or '0'}.{rest[:_MOST_DIGITS] or '0'}"), float(LARGEST))


def whole_number_of(word: str) -> int | None:
    """Read the whole number, 0 to `LARGEST`, of a word of digits; None for any other word."""
    number = number_of(word)
    return None if number is None or number != int(number) else int(number)


def _plain(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFKC", word)


def _is_digits(part: str) -> bool:
    # "²" is a digit to `isdigit`, and none to `int`.
    return part.isdecimal()
