"""What a message is about, by a file of `data/lexicon/` that lists topics with their patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.spelling import corrections
from backline.nlu.tokenizer import words_of

MOST_CHARACTERS = 600
"""Of a longer message the beginning is read: a topic is answered by a short text in any case."""


@dataclass(frozen=True)
class Topic:
    """One topic of a file.

    Attributes:
        words: what tells of it.
        not_when: what says that the words mean something else.
    """

    name: str
    words: re.Pattern[str]
    not_when: re.Pattern[str] | None

    def holds(self, line: str) -> bool:
        """Tell whether a normalised line is about it."""
        aside = self.not_when is not None and self.not_when.search(line) is not None
        return not aside and self.words.search(line) is not None


@lru_cache(maxsize=4)
def topics_of(file: str) -> tuple[Topic, ...]:
    """Compile the topics of a file, in its order.

    Raises:
        ValueError: a topic has no patterns.
    """
    data = read_yaml(file)
    topics = []
    for item in data["topics"]:
        words = compile_all(item["patterns"], data["sets"])
        if words is None:
            raise ValueError(f"{file}: {item['topic']} has no patterns")
        not_when = compile_all(item.get("not_when", []), data["sets"])
        topics.append(Topic(str(item["topic"]), words, not_when))
    return tuple(topics)


def topics_in(text: str, file: str) -> Iterator[str]:
    """Name what a message is about, in the order of the file."""
    line = line_of(text)
    return (topic.name for topic in topics_of(file) if topic.holds(line))


def is_about(text: str, file: str, name: str) -> bool:
    """Tell whether a message is about a topic, whatever else it is about."""
    line = line_of(text)
    return any(topic.holds(line) for topic in topics_of(file) if topic.name == name)


def line_of(text: str) -> str:
    """Normalise the beginning of a message to the line that patterns are matched against."""
    text = text[:MOST_CHARACTERS]
    return words_of(text, corrections(text)).line
