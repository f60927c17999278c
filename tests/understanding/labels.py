"""The labelled utterances: how they are written is told in README.md of this folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EmergencySign, Facts, HealthCondition, Slot
from backline.nlu import Understander
from backline.nlu.intents import is_correction

FOLDER = Path(__file__).resolve().parent
HALVES = ("dev", "test")
STRANGERS = "strangers"
"""What two people wrote who had not seen the program, with its intents; to measure with."""
TODAY = dt.date(2026, 11, 23)
"""The Monday on which all of it is said."""

CODE_SETS = {"emergency_signs": EmergencySign, "health_conditions": HealthCondition}
NAMES = tuple(name for name in Facts.__dataclass_fields__ if name not in ("checked", "given_up"))
_KEYS = {"text", "topic", "asked", "known", "facts", "maybe", "answered", "intent", "triage"}


@dataclass(frozen=True)
class Utterance:
    """One labelled utterance.

    Attributes:
        half: `dev` to work with, or `test` to measure with.
        facts: exactly what it establishes; a number may be an accepted range [low, high].
        maybe: facts or codes for which either reading is right.
        asked: the question it answers; None for what is volunteered.
        known: what was known before it.
        answered: whether it settles the checklist asked.
        intent: what the person wants.
        triage: `emergency`, `doctor` or `plain`: where a conversation that it opens must end.
    """

    half: str
    topic: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    maybe: frozenset[str] = frozenset()
    asked: Slot | None = None
    known: Facts = field(default_factory=Facts)
    answered: bool | None = None
    intent: str | None = None
    triage: str | None = None


class LabelError(ValueError):
    """A label that cannot be; the message names the file, the text and the fault."""


@lru_cache(maxsize=1)
def utterances() -> tuple[Utterance, ...]:
    """All labelled utterances.

    Raises:
        LabelError: a label is written wrongly.
    """
    return tuple(u for half in HALVES for u in _half(half))


def half_of(half: str) -> list[Utterance]:
    """The utterances of one half."""
    return [u for u in utterances() if u.half == half]


def strangers() -> list[Utterance]:
    """The messages by strangers that are labelled with an intent."""
    return list(_half(STRANGERS))


def _half(half: str) -> Iterator[Utterance]:
    for path in sorted((FOLDER / half).glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            try:
                yield _utterance(half, item)
            except (ValueError, KeyError, TypeError) as error:
                raise LabelError(f"{path.name}: {item.get('text', item)!r}: {error}") from error


def _utterance(half: str, item: Mapping[str, Any]) -> Utterance:
    unknown = set(item) - _KEYS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    facts = dict(item.get("facts") or {})
    for name, value in facts.items():
        if name not in NAMES:
            raise ValueError(f"unknown fact {name!r}")
        if name in CODE_SETS:
            facts[name] = frozenset(CODE_SETS[name](code).value for code in value)
    asked = item.get("asked")
    return Utterance(
        half=half,
        topic=item["topic"],
        text=item["text"],
        facts=facts,
        maybe=frozenset(item.get("maybe") or ()),
        asked=Slot(asked) if asked else None,
        known=Facts.from_json({"checked": [], **(item.get("known") or {})}),
        answered=item.get("answered"),
        intent=item.get("intent"),
        triage=item.get("triage"),
    )


@lru_cache(maxsize=1)
def understander() -> Understander:
    """The understanding under test, on the day of the labels."""
    return Understander(lambda: TODAY)


def heard(utterance: Utterance) -> Conversation:
    """The conversation after the utterance, without the intent classifier."""
    findings = understander().read(utterance.text)
    before = Conversation(facts=utterance.known, consent=True, asked=utterance.asked)
    return update(before, Understanding(findings, corrects=is_correction(utterance.text)))


def learned(utterance: Utterance, facts: Facts) -> dict[str, Any]:
    """What the facts hold beyond what was known before; code sets as sets of codes."""
    before, after = utterance.known.to_json(), facts.to_json()
    out: dict[str, Any] = {}
    for name in NAMES:
        if name in CODE_SETS:
            new = frozenset(after.get(name, ())) - frozenset(before.get(name, ()))
            if new:
                out[name] = new
        elif after.get(name) is not None and after[name] != before.get(name):
            out[name] = after[name]
    return out


def agrees(expected: Any, got: Any) -> bool:
    """Whether a value is the labelled one, or lies in the labelled range."""
    if isinstance(expected, list):
        return got is not None and expected[0] <= got <= expected[1]
    return bool(expected == got)
