"""Texts that may take long to read: what people write, a thousand times over and in any order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import yaml

from tests.conftest import PROJECT

Understands = Callable[[str], object]
LEXICON = PROJECT / "data" / "lexicon"
TOKENS = (
    *("3d%", "2w3d ", "2w3d", "3 weeks ", "for 3 weeks ", "half ", "a half ", "and a half "),
    *("days, 3 ", "weeks, ", "months and ", "weeks ago ", "years ago ", "1-", "4-5 ", "1/2 "),
    *("10/10 ", "1:1 ", "out of 10 ", "9", " 1", "1 ", "1,", "1.", "1.1", "-1 ", "12th ", "0"),
    *("0/0 ", "1e999 ", "31/02/", "since ", "since then ", "in 2019 ", "2019 ", "yesterday "),
    *("monday ", "may ", "last week ", "two ", "hundred ", "twenty-", "one and ", "it is 4 "),
    *("i am 40 ", "40 year old ", "from ", "to ", "is ", ",", "+", "-", "–", "!", "?", "."),
    *("...", "…", "\n", "\r\n", "\t", " ", "'", '"', "(", ")", ":", ";", "'s ", "s'", "`", "@"),
    *("#", "$", "%", "^", "&", "*", "=", "|", "/", "\\", "_", "<", "{", "~", "\x00"),
    *("\U0001f600", "\U0001f469\u200d\u2695\ufe0f", "\U0001f642 ", "é", "e\u0301", "\u0301"),
    *("²", "①", "½", "٣", "\uff13", "\ufdfa", "ß", "İ", "א", "\u75db", "\u200b", "\u202e", "a"),
    *("abc", "xqz ", "abcdefgh ", "nnnn", "x' ", "no ", "not ", "not not ", "without "),
    *("except ", "no, ", "never had ", "dont ", "i cant ", "if ", "might ", "used to ", "had "),
    *("it was ", "but ", "and ", "or ", "or anything else ", "other than ", "all no ", ": no "),
    *("? no ", "no nothing ", "she ", "he has ", "my ", "my mum ", "my mum has ", "mum "),
    *("her ", "i ", "the ", "a ", "very ", "really ", "so ", "now ", "pain ", "back pain "),
    *("numb ", "legs ", "my legs ", "no numb legs ", "both legs ", "cant pee ", "pee "),
    *("chest ", "lost weight ", "blood ", "fever ", "fever? no. ", "massage ", "two massages "),
    *("feel ", "bad ", "what ", "what? ", "can i ", "sorry ", "sorry, ", "actually "),
    *("i meant ", "no wait ", "oops, ", "ok ", "the first one ", "number 1 ", "none of these "),
    *("none, ", "undo ", "thanks, ", "oh, ", "um ", "well, "),
)
"""Of every kind that a reader looks for: digits, units, marks, letters of all scripts, words."""


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Every word of the lexicon."""
    words: set[str] = set()
    for path in sorted(LEXICON.glob("*.yml")):
        _collect(yaml.safe_load(path.read_text(encoding="utf-8")), words)
    return tuple(sorted(words))


def _collect(data: object, words: set[str]) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            _collect(key, words)
            _collect(value, words)
    elif isinstance(data, list):
        for value in data:
            _collect(value, words)
    elif isinstance(data, str):
        marks = str.maketrans(dict.fromkeys("|*?<>_~().", " "))
        words |= {w for w in data.translate(marks).split() if w.isalpha()}


def repeated(token: str, length: int) -> str:
    """A token over and over, as long as that."""
    return (token * (length // len(token) + 1))[:length]


def repeats(length: int) -> Iterator[str]:
    """Each token alone, over and over."""
    yield from (repeated(token, length) for token in TOKENS)


def mixtures(length: int, count: int, chance: random.Random) -> Iterator[str]:
    """Few tokens in turn, many in any order, and words of the lexicon with and without spaces."""
    everything = (*TOKENS, *(word + " " for word in vocabulary()))
    for number in range(count):
        kind = number % 4
        if kind == 0:
            few = [chance.choice(everything) for _ in range(chance.randint(2, 5))]
            yield repeated("".join(few), length)
        elif kind == 1:
            yield _filled(TOKENS, length, chance)
        elif kind == 2:
            yield _filled(everything, length, chance)
        else:
            some = [chance.choice(everything) for _ in range(chance.randint(3, 20))]
            yield _filled(some, length, chance)


def _filled(tokens: Sequence[str], length: int, chance: random.Random) -> str:
    out: list[str] = []
    left = length
    while left > 0:
        out.append(chance.choice(tokens))
        left -= len(out[-1])
    return "".join(out)[:length]


def mutated(text: str, chance: random.Random) -> str:
    """The text with a stretch of it replaced, doubled or moved; as long as it was."""
    length = len(text)
    at, size = chance.randrange(length), chance.randint(1, max(1, length // 4))
    stretch = text[at : at + size]
    kind = chance.randrange(3)
    if kind == 0:
        token = chance.choice((*TOKENS, chance.choice(vocabulary()) + " "))
        made = text[:at] + repeated(token, len(stretch)) + text[at + size :]
    elif kind == 1:
        made = repeated(stretch, length)
    else:
        rest, to = text[:at] + text[at + size :], chance.randrange(length)
        made = rest[:to] + stretch + rest[to:]
    return repeated(made, length)
