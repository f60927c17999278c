"""Explicit wishes about the conversation itself: to end it, undo, delete, or reach a person.

They are read from sentences that say exactly that (`data/lexicon/commands.yml`), or from words of
that where they are guessed, too; never guessed alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.tokenizer import words_of
from backline.nlu.whole_clauses import NEVER, PAUSE, compile_whole, is_whole

MOST_CHARACTERS = 400
"""A longer message is no wish about the conversation, and its small talk is in its beginning."""
ENDING = "goodbye"
"""It has to be the whole message, for it ends the questions."""
_SENTENCE = re.compile(r"[^.!?;\n]+")
_CLAUSE = re.compile(r"(?<= )(?:[,:()–—-]|and|but|so|because|or)(?= )")


class _Wishes:
    """The compiled `commands.yml`."""

    def __init__(self) -> None:
        data = read_yaml("commands.yml")
        sets = data["sets"]
        self.courtesy = frozenset(data["courtesy"])
        self.wishes: dict[str, re.Pattern[str]] = {
            intent: compile_whole(patterns, sets) for intent, patterns in data["wishes"].items()
        }
        chat = data["chat"]

        def compiled(patterns: Sequence[Any]) -> re.Pattern[str]:
            return compile_all(patterns, sets) or NEVER

        def of_chat(key: str) -> dict[str, re.Pattern[str]]:
            return {name: compiled(kinds[key]) for name, kinds in chat.items() if key in kinds}

        self.words = of_chat("words")
        self.unless = of_chat("unless")
        self.begins = {
            intent: re.compile(rf" {begins.pattern}")
            for intent, begins in of_chat("begins").items()
        }
        self.alone = {intent: frozenset(kinds.get("alone", ())) for intent, kinds in chat.items()}
        self.sure = {intent: compiled(patterns) for intent, patterns in data["sure"].items()}
        self.unsure = compiled(data["unsure"])
        self.no_back = compiled(data["no_back"])
        self.complaint = compiled(data["complaint"])


@lru_cache(maxsize=1)
def _wishes() -> _Wishes:
    return _Wishes()


def guarded() -> frozenset[str]:
    """Name the intents that need words of their own, whatever a classifier thinks."""
    return frozenset((*_wishes().wishes, *_wishes().alone))


def wished(text: str) -> str | None:
    """Find the wish that a message states in words: an intent's name; None for no such wish."""
    if len(text) > MOST_CHARACTERS:
        return None
    words = _wishes()
    line = words_of(text, {}).line
    clauses = list(_clauses(line))
    for intent in words.wishes:
        if intent != ENDING and any(_is_wish(intent, clause) for clause in clauses):
            return intent
    parts = [part for part in PAUSE.split(line) if part.strip()]
    ends = [_is_wish(ENDING, part) for part in parts]
    if any(ends) and all(end or _is_courtesy(part) for end, part in zip(ends, parts, strict=True)):
        return ENDING
    return None


def sounds_wished(intent: str, text: str, tells: bool) -> bool:
    """Tell whether words of a wish that was guessed stand in a message that is no complaint.

    Args:
        tells: whether facts were found in it; what tells facts ends nothing.
    """
    words = _wishes()
    if intent not in words.sure or len(text) > MOST_CHARACTERS or (tells and intent == ENDING):
        return False
    line = words_of(text, {}).line
    if words.sure[intent].search(line) is None or words.unsure.search(line) is not None:
        return False
    return not complains(words.no_back.sub(" ", line))


def is_chat(intent: str, text: str) -> bool:
    """Tell whether a message has the words of small talk, and is no complaint about the back."""
    words = _wishes()
    if intent in words.wishes:
        return False
    line = words_of(text[:MOST_CHARACTERS], {}).line
    if intent == "greet":
        begins = words.begins[intent].match(line)
        return begins is not None or line.strip(" .,!?") in words.alone[intent]
    if words.words[intent].search(line) is None:
        return False
    if intent in words.unless and words.unless[intent].search(line) is not None:
        return False
    return intent == "thanks" or not complains(line)


def complains(line: str) -> bool:
    """Tell whether a word line speaks of somebody's back or pain."""
    return _wishes().complaint.search(line) is not None


def _clauses(line: str) -> Iterator[str]:
    """Sentences, and the clauses in them, each between spaces."""
    for sentence in _SENTENCE.findall(line):
        whole = " ".join(sentence.split())
        yield f" {whole} "
        parts = [part.strip() for part in _CLAUSE.split(f" {whole} ")]
        if len(parts) > 1:
            yield from (f" {part} " for part in parts if part)


def _is_courtesy(part: str) -> bool:
    return all(word in _wishes().courtesy for word in part.split())


def _is_wish(intent: str, clause: str) -> bool:
    return is_whole(_wishes().wishes[intent], clause, _wishes().courtesy)
