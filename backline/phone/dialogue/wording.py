"""Load what the phone line says of its own and listens for, from `data/phone/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from backline.facts import Slot
from backline.phone.events import ListenOptions
from backline.phone.text.verbalize import listed
from backline.responses import fill
from backline.yaml_text import read_words

FOLDER = Path(__file__).resolve().parents[3] / "data" / "phone"
LEARNT = "learnt.yml"
"""What was learnt of this clinic's recognisers, in `FOLDER`; none is there at first."""
_PUNCTUATION = re.compile(r"[^\w\s']+")


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of a recogniser's confidence, 0 to 1: see `data/phone/confidence.yml`."""

    floor: float
    fair: float
    sure: float


def read_yaml(name: str) -> Any:
    """Read a file of the phone line's words."""
    return read_words(FOLDER / name)


@lru_cache(maxsize=1)
def thresholds() -> dict[str, Thresholds]:
    """Load the thresholds of each entrance, learnt of its recogniser or the usual ones."""
    usual, least = usual_thresholds()
    learnt = read_yaml(LEARNT) if (FOLDER / LEARNT).exists() else {}
    return {**usual, **{name: _not_below(_row(row), least) for name, row in learnt.items()}}


def usual_thresholds() -> tuple[dict[str, Thresholds], Thresholds]:
    """Load the thresholds that hold without learning, and what none goes below."""
    rows = {name: _row(row) for name, row in read_yaml("confidence.yml").items()}
    least = rows.pop("least")
    return rows, least


def _row(row: Mapping[str, str]) -> Thresholds:
    return Thresholds(*(float(row[name]) for name in ("floor", "fair", "sure")))


def _not_below(learnt: Thresholds, least: Thresholds) -> Thresholds:
    return Thresholds(
        max(learnt.floor, least.floor), max(learnt.fair, least.fair), max(learnt.sure, least.sure)
    )


@lru_cache(maxsize=1)
def groups() -> dict[Slot, tuple[dict[str, str], ...]]:
    """Load each checklist's lines in the groups in which they are read out: words by code."""
    return {Slot(name): tuple(rows) for name, rows in read_yaml("groups.yml").items()}


@lru_cache(maxsize=1)
def lines() -> dict[str, str]:
    """Return the words of every line of a list, and of what is only ever told, by its code."""
    read_out = {c: words for rows in groups().values() for row in rows for c, words in row.items()}
    told: dict[str, str] = read_yaml("talk.yml")["told_alone"]
    return {**told, **read_out}


class PhoneWording:
    """The line's own sentences.

    Args:
        settings: the clinic's names and numbers, by the names that sentences use.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        data = read_yaml("talk.yml")
        self._settings = dict(settings)
        self._sentences: dict[str, str] = data["say"]
        self._facts: dict[str, Any] = data["facts"]
        self._not_any_more = str(data["not_any_more"])
        self._words = {name: frozenset(words) for name, words in data["words"].items()}
        self._denial = _made_of(self._words["denials"])
        self._denial_beside_facts = _made_of(self._words["denials"] | self._words["beside_facts"])
        self._hints: dict[str, list[str]] = data["hints"]
        self._listening: dict[str, dict[str, str]] = data["listening"]

    def say(self, name: str, **values: str) -> str:
        """Return a sentence with its words filled in."""
        return fill(self._sentences[name], {**self._settings, **values})

    def keys(self, kind: str, slot: Slot | None) -> str:
        """Say which keys answer a question of a kind."""
        for name in (f"keys_{slot.value if slot else ''}", f"keys_{kind}"):
            if name in self._sentences:
                return self.say(name)
        return self.say("keys_other")

    def group(self, begun: str, slot: Slot | None, read: str) -> str:
        """Ask for the lines of a group, by the list's own sentence where it has one."""
        own = f"{begun}_{slot.value if slot else ''}"
        return self.say(own if own in self._sentences else f"{begun}_these", lines=read)

    def choices(self, codes: Sequence[str]) -> str:
        """List lines of a checklist, each with its number."""
        parts = [
            self.say("which_choice", number=str(n), line=lines()[code])
            for n, code in enumerate(codes, start=1)
        ]
        return self.say("which", choices=" ".join(parts))

    def fact(self, name: str, value: object) -> str | None:
        """Read back a fact; None for one that decides nothing."""
        form = self._facts.get(name)
        if isinstance(form, dict):
            return form.get({"True": "yes", "False": "no"}.get(str(value), str(value)))
        return None if form is None else fill(form, {"value": str(value)})

    def not_any_more(self, code: str) -> str:
        """Read back that a line of a checklist does not hold after all."""
        return fill(self._not_any_more, {"line": lines().get(code, code.replace("_", " "))})

    def means(self, name: str, text: str) -> bool:
        """Return whether a whole answer is one of the words of that name in `talk.yml`."""
        return _plain(text).removesuffix(" please").strip() in self._words[name]

    def denies(self, text: str, beside_facts: bool = False) -> bool:
        """Return whether a text is made of nothing but the phrases of `denials` in `talk.yml`.

        Args:
            beside_facts: it stood beside facts, whose words were taken out of it.
        """
        denial = self._denial_beside_facts if beside_facts else self._denial
        return denial.fullmatch(_plain(text)) is not None

    def holds(self, name: str, text: str) -> bool:
        """Return whether a text has one of the words of that name in `talk.yml`."""
        return not self._words[name].isdisjoint(_plain(text).split())

    def listening(
        self, kind: str, slot: Slot | None, extra: Iterable[str] = (), keys: str = ""
    ) -> ListenOptions:
        """Return how to listen for an answer to a question of a kind.

        Args:
            keys: the kind by which keys answer it, where that is another one.
        """
        times = self._listening.get(kind, self._listening["other"])
        named = "groups" if kind == "multi_choice" else slot.value if slot else kind
        hints = self._hints.get(named) or self._hints.get(keys or kind) or []
        return ListenOptions(
            hints=(*hints, *self._hints.get(f"also_{kind}", ()), *extra, *self._hints["always"]),
            wait_s=float(times["wait_s"]),
            pause_s=float(times["pause_s"]),
            longest_s=float(times.get("longest_s", ListenOptions.longest_s)),
            keys=3 if "number" in (kind, keys) else 1,
        )


def _made_of(phrases: Iterable[str]) -> re.Pattern[str]:
    one = "|".join(sorted(map(re.escape, phrases), key=len, reverse=True))
    return re.compile(rf"(?:{one})(?: (?:{one}))*")


def _plain(text: str) -> str:
    return " ".join(_PUNCTUATION.sub(" ", text.lower()).split())


def joined(parts: Sequence[str]) -> str:
    """Join things that were heard into one sentence."""
    return listed(list(parts), last="and")
