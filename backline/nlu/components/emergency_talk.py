"""What somebody asks or says who was told to call an ambulance, by `emergency_talk.yml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.spelling import corrections
from backline.nlu.tokenizer import words_of
from backline.nlu.whole_clauses import PAUSE, compile_whole, is_whole

MOST_CHARACTERS = 600
"""Of a longer message the beginning is read: it is answered by one short text in any case."""

ALONE = frozenset({"another_person"})
"""Topics that mean nothing beside an emergency, where other words tell the same."""


@dataclass(frozen=True)
class _Topic:
    name: str
    words: re.Pattern[str]
    not_when: re.Pattern[str] | None

    def holds(self, line: str) -> bool:
        """Tell whether a normalised line is about it."""
        aside = self.not_when is not None and self.not_when.search(line) is not None
        return not aside and self.words.search(line) is not None


@lru_cache(maxsize=1)
def _topics() -> tuple[_Topic, ...]:
    data = read_yaml("emergency_talk.yml")
    topics = []
    for item in data["topics"]:
        words = compile_all(item["patterns"], data["sets"])
        if words is None:
            raise ValueError(f"emergency_talk.yml: {item['topic']} has no patterns")
        not_when = compile_all(item.get("not_when", []), data["sets"])
        topics.append(_Topic(str(item["topic"]), words, not_when))
    return tuple(topics)


def topic_of(text: str) -> str | None:
    """Name what a message is about; None where it is nothing that has an answer of its own."""
    line = _line_of(text)
    topics = (topic for topic in _topics() if topic.name not in ALONE)
    return next((topic.name for topic in topics if topic.holds(line)), None)


def is_about(text: str, name: str) -> bool:
    """Tell whether a message is about a topic, whatever else it is about."""
    line = _line_of(text)
    return any(topic.holds(line) for topic in _topics() if topic.name == name)


def _line_of(text: str) -> str:
    text = text[:MOST_CHARACTERS]
    return words_of(text, corrections(text)).line


def denies_plainly(text: str) -> bool:
    """Tell whether a message is a no and nothing else: "no, only since yesterday" is none."""
    return _says_only(text, "denials")


def affirms_plainly(text: str) -> bool:
    """Tell whether a message is a yes and nothing else."""
    return _says_only(text, "affirmations")


@lru_cache(maxsize=2)
def _whole(name: str) -> re.Pattern[str]:
    data = read_yaml("emergency_talk.yml")
    return compile_whole(data[name], data["sets"])


@lru_cache(maxsize=1)
def _around() -> frozenset[str]:
    return frozenset(read_yaml("emergency_talk.yml")["around"])


def _says_only(text: str, name: str) -> bool:
    line = words_of(text[:MOST_CHARACTERS], {}).line
    clauses = [clause for clause in PAUSE.split(line) if clause.strip()]
    return bool(clauses) and all(is_whole(_whole(name), c, _around()) for c in clauses)
