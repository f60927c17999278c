"""The languages besides English: what is said in each, and its words for what cannot wait.

All of it is in `data/lexicon/other_languages.yml`; `backline.nlu.language` tells which of
them a message is written in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from backline.yaml_text import read_words

FILE = Path(__file__).resolve().parents[1] / "data" / "lexicon" / "other_languages.yml"
BY_WORD = frozenset({"LATIN", "GREEK", "CYRILLIC"})
"""Scripts whose words are matched from their beginning; in others prefixes are joined to them."""
VOWELLESS_MARKS = 9
"""Combining class of the sign that takes a vowel away; it changes the word, as no accent does."""
_LETTERS = {"đ": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ي": "ی", "ك": "ک"}
_TO_LETTERS = str.maketrans(_LETTERS)
_CLAUSE = re.compile(r"[^.,;:!?…،؛؟。,、;:!?।۔]+")


@dataclass(frozen=True)
class Danger:
    """One way to tell a sign: a word of each group, and none of those that set it aside."""

    sign: str
    groups: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]

    def worded_in(self, text: str) -> bool:
        """Whether a folded text has a word of each group, wherever they stand."""
        return all(any(word in text for word in group) for group in self.groups)

    def told_in(self, clause: str) -> bool:
        """Whether a folded clause tells it."""
        return self.worded_in(clause) and not any(word in clause for word in self.unless)


@dataclass(frozen=True)
class OtherLanguage:
    """A language in which Backline can say that it understands English only.

    Attributes:
        code: ISO 639, with the script where there are two.
        script: what Unicode calls its letters; Japanese is told by `KANA`.
        spaced: whether spaces stand between its words.
        common: folded words by which it is known where no frequencies of its words are.
        only, emergency, person, warning: the sentences, with names of clinic settings in braces.
    """

    code: str
    script: str
    spaced: bool
    common: frozenset[str]
    only: str
    emergency: str
    person: str
    warning: str
    danger: tuple[Danger, ...]

    def reply(self, *, danger: bool) -> str:
        """What is said to somebody who writes in it; with `danger` the call to make comes first."""
        if danger:
            return f"{self.warning} {self.only}"
        return f"{self.only} {self.emergency} {self.person}"

    def dangers_in(self, clauses: Sequence[str]) -> Iterator[tuple[int, str]]:
        """The signs told in clauses of `clauses_of`, each with the clause's place among them."""
        if not self.spaced:
            clauses = [clause.replace(" ", "") for clause in clauses]
        whole = "".join(clauses)
        # Most texts have none of the words, however many clauses they have.
        worded = [danger for danger in self.danger if danger.worded_in(whole)]
        for place, clause in enumerate(clauses if worded else ()):
            for sign in sorted({danger.sign for danger in worded if danger.told_in(clause)}):
                yield place, sign


@lru_cache(maxsize=1)
def other_languages() -> dict[str, OtherLanguage]:
    """All of them by code, loaded once.

    Raises:
        KeyError: a sentence is missing.
    """
    return {code: _language(code, item) for code, item in read_words(FILE)["languages"].items()}


@lru_cache(maxsize=1)
def agreements() -> frozenset[str]:
    """Whole messages, folded, that agree to go on in a language of their own."""
    lines = read_words(FILE)["agreements"]
    return frozenset(folded(phrase) for line in lines for phrase in line.split("|"))


def clauses_of(text: str) -> list[tuple[str, int, int]]:
    """The clauses of a text, folded, each with where it begins and ends."""
    return [(folded(match[0]), match.start(), match.end()) for match in _CLAUSE.finditer(text)]


def folded(text: str) -> str:
    """Letters alone, in lower case and without accents, words between single spaces."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_TO_LETTERS))
    plain = "".join(c for c in parts if unicodedata.combining(c) in (0, VOWELLESS_MARKS))
    plain = unicodedata.normalize("NFC", plain).translate(_TO_LETTERS)
    words = "".join(c if _in_a_word(c) else " " for c in plain).split()
    return f" {' '.join(words)} "


def _in_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def _language(code: str, item: dict[str, Any]) -> OtherLanguage:
    script, spaced = str(item["script"]), item.get("spaced") != "false"
    form = " {} " if item.get("words") == "whole" else " {}" if script in BY_WORD else "{}"
    return OtherLanguage(
        code=code,
        script=script,
        spaced=spaced,
        common=frozenset(folded(item.get("common", "")).split()),
        only=item["only"],
        emergency=item["emergency"],
        person=item["person"],
        warning=item["warning"],
        danger=tuple(
            _danger(sign, line, form)
            for sign, lines in item.get("danger", {}).items()
            for line in lines
        ),
    )


def _danger(sign: str, line: str, form: str) -> Danger:
    told, _, unless = line.partition(" - ")
    return Danger(
        sign,
        tuple(_group(group, form) for group in told.split(" + ")),
        _group(unless, form) if unless else (),
    )


def _group(words: str, form: str) -> tuple[str, ...]:
    return tuple(form.format(folded(word).strip()) for word in words.split("|"))
