"""What somebody asks or says who was told to call an ambulance, by `emergency_talk.yml`."""

from __future__ import annotations

import re
from functools import lru_cache

from backline.nlu import topics
from backline.nlu.lexicon import read_yaml
from backline.nlu.tokenizer import words_of
from backline.nlu.whole_clauses import PAUSE, compile_whole, is_whole

FILE = "emergency_talk.yml"
TOLD_ALONE = frozenset({"seen", "seen_maybe"})
"""Topics that count though something is asked beside them."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
ALONE = frozenset({"another_person"})
"""Topics that mean nothing beside an emergency, where other words tell the same."""


def topic_of(text: str) -> str | None:
    """Name what a message is about; None where it is nothing that has an answer of its own."""
    told = next((name for name in topics.topics_in(text, FILE) if name not in ALONE), None)
    if told in TOLD_ALONE:
        return told
    # "The doctor has examined him. Will he be all right?" tells the same as without its question.
    stated = " ".join(s for s in _SENTENCE.findall(text) if not s.rstrip().endswith("?"))
    seen = next((n for n in topics.topics_in(stated, FILE) if n in TOLD_ALONE), None)
    return seen or told


def is_about(text: str, name: str) -> bool:
    """Tell whether a message is about a topic, whatever else it is about."""
    return topics.is_about(text, FILE, name)


def denies_plainly(text: str) -> bool:
    """Tell whether a message is a no and nothing else: "no, only since yesterday" is none."""
    return _says_only(text, "denials")


def affirms_plainly(text: str) -> bool:
    """Tell whether a message is a yes and nothing else."""
    return _says_only(text, "affirmations")


def is_unlimited(text: str) -> bool:
    """Tell whether no word in a message makes less of what it denies: "not when I sit still"."""
    words = words_of(text[: topics.MOST_CHARACTERS], {}).line.split()
    return _one_of("limits").isdisjoint(words)


def says_plainly(text: str) -> str | None:
    """Give "yes" or "no" where a message is that and nothing else, and no word makes it loose."""
    words = set(words_of(text[: topics.MOST_CHARACTERS], {}).line.split())
    if words & _loosely():
        return None
    return "no" if denies_plainly(text) else "yes" if affirms_plainly(text) else None


def says_mainly(text: str) -> str | None:
    """Give "yes" where a message begins with that and no word of it speaks against it."""
    said = words_of(text[: topics.MOST_CHARACTERS], {}).line.split()
    begins = bool(said) and said[0] in _one_of("yes")
    return "yes" if begins and _one_of("against").isdisjoint(said[1:]) else None


@lru_cache(maxsize=2)
def _whole(name: str) -> re.Pattern[str]:
    data = read_yaml(FILE)
    return compile_whole(data[name], data["sets"])


@lru_cache(maxsize=1)
def _loosely() -> frozenset[str]:
    return frozenset(read_yaml(FILE)["loosely"])


@lru_cache(maxsize=3)
def _one_of(name: str) -> frozenset[str]:
    return frozenset(read_yaml(FILE)[name])


@lru_cache(maxsize=1)
def _around() -> frozenset[str]:
    return frozenset(read_yaml(FILE)["around"])


@lru_cache(maxsize=1)
def _beside() -> frozenset[str]:
    return frozenset(read_yaml(FILE)["beside"])


def _says_only(text: str, name: str) -> bool:
    line = words_of(text[: topics.MOST_CHARACTERS], {}).line
    clauses = [c for c in PAUSE.split(line) if c.strip() and c.strip() not in _beside()]
    return bool(clauses) and all(is_whole(_whole(name), c, _around()) for c in clauses)
