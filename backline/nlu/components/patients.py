"""Who the patient is whom somebody writes for, by `persons.yml`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from backline.facts import PERSON, Finding
from backline.nlu.lexicon import read_yaml
from backline.persons import Person, Pronoun

OWNERS = frozenset({"my", "our"})


@lru_cache(maxsize=1)
def _called() -> dict[str, Pronoun]:
    return _by_word("called")


@lru_cache(maxsize=1)
def _pronouns() -> dict[str, Pronoun]:
    return _by_word("pronouns")


def _by_word(name: str) -> dict[str, Pronoun]:
    groups = read_yaml("persons.yml")[name]
    return {str(word): Pronoun(pronoun) for pronoun, words in groups.items() for word in words}


def read_patient(line: str) -> Iterator[Finding]:
    """Tell who the patient is in a message about somebody else; nothing where it does not say.

    Args:
        line: the message as words between single spaces.
    """
    words = line.replace(" in law ", "-in-law ").split()
    noun = next((_noun(b) for a, b in pairwise(words) if a in OWNERS and _noun(b)), None)
    told = next((_pronouns()[word] for word in words if word in _pronouns()), None)
    pronoun = _called()[noun] if noun is not None else told
    if pronoun is Pronoun.THEY:
        pronoun = told or Pronoun.THEY
    if pronoun is not None:
        yield Finding(PERSON, Person(pronoun, noun).to_json(), source="persons")


def _noun(word: str) -> str | None:
    """The word that somebody is called by: of "wifes", as "wife's" is written here, "wife"."""
    return next((w for w in (word, word.removesuffix("s")) if w in _called()), None)
