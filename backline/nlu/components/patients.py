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
WRITER_ALONE = frozenset({"me", "mine", "myself", "my back", "my own back", "me myself"})
"""Messages that are nothing but who the patient is."""
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


@lru_cache(maxsize=1)
def _unless_for_another() -> re.Pattern[str]:
    return compile_all(read_yaml("persons.yml")["self_unless_for_another"], {}) or NEVER


@lru_cache(maxsize=1)
def _mine() -> re.Pattern[str]:
    """Of "not my granddaughter's back dear, mine"."""
    return re.compile(
        rf" not (?:my|our) (?:{'|'.join(_called())})s?(?: [a-z0-9,]+){{0,6}} (?:mine|me|myself)(?= (?:[.,!;]|$))"
    )


@lru_cache(maxsize=1)
def _helped() -> re.Pattern[str]:
    helps = (compile_all(read_yaml("persons.yml")["helps"], {}) or NEVER).pattern
    return re.compile(rf" (?:my|our) (?:{'|'.join(_called())}) {helps}")


def without_helpers(line: str) -> str:
    """Leave out who only helps the writer: "my granddaughter put it on the screen for me"."""
    return _helped().sub("", line)


def _is_oneself(line: str, *, proxy: bool) -> bool:
    if line.strip(" .!") in WRITER_ALONE or _mine().search(line) or _oneself().search(line):
        return True
    return not proxy and _unless_for_another().search(line) is not None


def read_patient(line: str, *, proxy: bool) -> Iterator[Finding]:
    """Tell who the patient is; nothing where a message does not say.

    Args:
        line: the message as words between single spaces.
        proxy: the message is about somebody else.
    """
    if _is_oneself(line, proxy=proxy):
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
