"""Who the patient is whom somebody writes for, by `persons.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from backline.facts import PERSON, Finding
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.whole_clauses import NEVER
from backline.persons import Pronoun, ThirdPerson

OWNERS = frozenset({"my", "our"})
WRITER = frozenset({"me", "us", "i", "im", "my", "ive"})
ONESELF: dict[str, str] = {}
"""The value of a finding that the writer is the patient."""


@lru_cache(maxsize=1)
def _called() -> dict[str, Pronoun]:
    return _by_word("called")


@lru_cache(maxsize=1)
def _pronouns() -> dict[str, Pronoun]:
    return _by_word("pronouns")


def _by_word(name: str) -> dict[str, Pronoun]:
    groups = read_yaml("persons.yml")[name]
    return {str(word): Pronoun(pronoun) for pronoun, words in groups.items() for word in words}


@lru_cache(maxsize=1)
def _senders() -> frozenset[str]:
    return frozenset(read_yaml("persons.yml")["senders"])


@lru_cache(maxsize=1)
def _oneself() -> re.Pattern[str]:
    return compile_all(read_yaml("persons.yml")["self"], {}) or NEVER


def read_patient(line: str, *, proxy: bool) -> Iterator[Finding]:
    """Tell who the patient is; nothing where a message does not say.

    Args:
        line: the message as words between single spaces.
        proxy: the message is about somebody else.
    """
    if _oneself().search(line):
        yield Finding(PERSON, ONESELF, source="persons")
    elif proxy:
        yield from _another(line)


def _another(line: str) -> Iterator[Finding]:
    words = line.replace(" in law ", "-in-law ").split()
    noun = next((found for n in range(len(words)) if (found := _named_at(words, n))), None)
    # "Mum, 68, a sore back": who opens the message needs no "my".
    noun = noun or _noun(words[0])
    told = next((_pronouns()[word] for word in words if word in _pronouns()), None)
    pronoun = _called()[noun] if noun is not None else told
    if pronoun is Pronoun.THEY:
        pronoun = told or Pronoun.THEY
    if pronoun is not None:
        yield Finding(PERSON, ThirdPerson(pronoun, noun).to_json(), source="persons")


def _named_at(words: Sequence[str], place: int) -> str | None:
    """The word for somebody of the writer's that stands there, but for who only sent the writer."""
    owner, word, *behind = [*words[place : place + 4], "", ""][:4]
    sends = bool(behind) and behind[0] in _senders() and behind[1:2] != [""] and behind[1] in WRITER
    return _noun(word) if owner in OWNERS and not sends else None


def _noun(word: str) -> str | None:
    """The word that somebody is called by: of "wifes", as "wife's" is written here, "wife"."""
    return next((w for w in (word, word.removesuffix("s")) if w in _called()), None)
