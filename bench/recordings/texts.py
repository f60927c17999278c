"""The texts of the tests: what is read, and what simulated people say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bench.recordings import product
from tests.after_emergency import MESSAGES as AFTER_EMERGENCY
from tests.conftest import PROJECT
from tests.integration.test_conversations import PATIENTS
from tests.understanding.labels import FOLDER, HALVES

PHRASES = FOLDER / "phrases"
LANGUAGES = next((PROJECT / "tests").rglob("other_languages.yml"))
COMMANDS = (
    *("start over", "go back", "undo that", "delete my data", "forget everything I told you"),
    *("I want to talk to a person", "stop", "start", "help", "thanks, bye", "skip this"),
)
ASIDES = (
    *("how many massages would I need?", "how much does it cost?", "why do you ask that?"),
    *("are you a robot?", "what happens to my data?", "do you do acupuncture?"),
    *("you are stupid", "can you recommend a good pizza place", "when are you open"),
)
CORRECTIONS = (
    *("sorry, I meant 5 out of 10", "sorry, months not weeks", "actually it is 2 months"),
    *("no wait, I did have a fall", "I was wrong, it is both legs", "actually I'm 61"),
    *("not 4, I meant 8", "I made a mistake, I do take warfarin", "scrap that, no fever"),
)
NONSENSE = ("asdf qwer", "???", "\U0001f600", "42", "no", "yes", "maybe", "I don't know", "ok", "x")


@lru_cache(maxsize=1)
def labelled() -> tuple[dict[str, Any], ...]:
    """The labelled utterances, as they are written."""
    return tuple(
        item
        for half in HALVES
        for path in sorted((FOLDER / half).glob("*.yml"))
        for item in yaml.safe_load(path.read_text("utf-8"))
    )


@lru_cache(maxsize=1)
def everything() -> tuple[str, ...]:
    """Every text under tests/understanding, each once, in order."""
    phrases = (t for path in sorted(PHRASES.glob("*.yml")) for t in _strings(_loaded(path)))
    return tuple(sorted({*(str(item["text"]) for item in labelled()), *phrases}))


@lru_cache(maxsize=1)
def openings() -> tuple[str, ...]:
    """What somebody may begin with: complaints, greetings, dangers."""
    told = (str(u["text"]) for u in labelled() if not u.get("asked") and not u.get("known"))
    plain = (t for name in ("plain", "ordinary_backs") for t in phrases(name))
    return tuple(sorted({*told, *plain, *(opening for opening, _, _ in PATIENTS), "hello"}))


@cache
def answers(question: str) -> tuple[str, ...]:
    """The labelled answers to a question; to a list, those to all lists of its kind, too."""
    asked = {question, product.kind_of(question)}
    return tuple(sorted({str(u["text"]) for u in labelled() if u.get("asked") in asked}))


@cache
def phrases(name: str) -> tuple[str, ...]:
    """The phrases of one file."""
    return tuple(sorted(set(_strings(_loaded(PHRASES / f"{name}.yml")))))


@cache
def with_intent(begins: str) -> tuple[str, ...]:
    """Labelled texts whose intent begins so."""
    found = {str(u["text"]) for u in labelled() if str(u.get("intent") or "").startswith(begins)}
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def in_other_languages() -> tuple[str, ...]:
    """What is written in another language than English, dangers included."""
    return tuple(sorted(set(_strings(_loaded(LANGUAGES)))))


def pool(kind: str) -> tuple[str, ...]:
    """What somebody says who says something of a kind.

    Raises:
        KeyError: there is no such kind.
    """
    pools = {
        "opening": openings,
        "aside": lambda: (*ASIDES, *with_intent("ask_")),
        "correction": lambda: (*CORRECTIONS, *with_intent("correct_answer")),
        "command": lambda: COMMANDS,
        "emergency": lambda: (*phrases("emergency_signs"), *phrases("safety")),
        "after_emergency": lambda: AFTER_EMERGENCY,
        "language": in_other_languages,
        "condition": lambda: phrases("health_conditions"),
        "nonsense": lambda: NONSENSE,
    }
    return tuple(pools[kind]())


def _loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)
