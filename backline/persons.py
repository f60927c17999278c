"""Of whom a text speaks: the one who writes ("you"), or the patient they write for ("your gran").

Texts name the patient in braces: `{you}`, `{your}`, `{them}`, the verbs `{are}`, `{have}`, `{do}`,
and `{s}` behind any other verb; `{You}` begins a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Pronoun(str, Enum):
    """How the patient is spoken of, who is not the one who writes."""

    SHE = "she"
    HE = "he"
    THEY = "they"


@dataclass(frozen=True)
class ThirdPerson:
    """The patient, where somebody writes for them.

    Attributes:
        noun: what they are to the one who writes, such as "gran"; None where that was not told.
    """

    pronoun: Pronoun
    noun: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON-ready data."""
        return {"pronoun": self.pronoun.value, "noun": self.noun}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ThirdPerson:
        """Read what `to_json` gave."""
        return cls(Pronoun(data["pronoun"]), data.get("noun"))


_SINGULAR = {"are": "is", "have": "has", "do": "does", "s": "s"}
_PLURAL = {"are": "are", "have": "have", "do": "do", "s": ""}
_FORMS: Mapping[Pronoun | None, dict[str, str]] = {
    None: {"you": "you", "your": "your", "them": "you", **_PLURAL},
    Pronoun.SHE: {"you": "she", "your": "her", "them": "her", **_SINGULAR},
    Pronoun.HE: {"you": "he", "your": "his", "them": "him", **_SINGULAR},
    Pronoun.THEY: {"you": "they", "your": "their", "them": "them", **_PLURAL},
}
_NAMED = re.compile(r"\{(you|your)\}")


def person_words(person: ThirdPerson | None) -> dict[str, str]:
    """Give the words for the patient by their names in braces, with and without a capital."""
    forms = _FORMS[person.pronoun if person is not None else None]
    return {**forms, **{name.capitalize(): form.capitalize() for name, form in forms.items()}}


def named_first(text: str, person: ThirdPerson | None) -> str:
    """Name the patient where a text speaks of them first: "your gran has ..., she ...".

    What else stands in braces is left for `person_words`.
    """
    if person is None or person.noun is None:
        return text
    found = _NAMED.search(text)
    if found is None:
        return text
    named = f"your {person.noun}" + ("'s" if found[1] == "your" else "")
    behind = text[found.end() :]
    if person.pronoun is Pronoun.THEY and found[1] == "you":
        # "Your partner has", though it goes on with "they have".
        behind = re.sub(r"\{(are|have|do|s)\}", lambda m: _SINGULAR[m[1]], behind, count=1)
    return text[: found.start()] + named + behind
