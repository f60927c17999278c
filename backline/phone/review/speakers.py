"""Tell by its label who a speaker is, and what was not heard: the words of `asked.yml` for it."""

from __future__ import annotations

import re
from functools import lru_cache

from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all


class SpeakerWords:
    """The words of `asked.yml` for who speaks, and for what was not heard."""

    def __init__(self) -> None:
        data = read_yaml("asked.yml")
        self._callers, self._agents = frozenset(data["callers"]), frozenset(data["agents"])
        self._nobody = frozenset(data["nobody"])
        self.answers = compile_all(data["answers_the_phone"], {}) or re.compile(r"(?!)")
        self._unclear = frozenset(data["unclear"])

    def is_caller(self, label: str) -> bool:
        """Return whether a label names a caller."""
        return self._is(label, self._callers)

    def is_agent(self, label: str) -> bool:
        """Return whether a label names somebody of the clinic."""
        return self._is(label, self._agents)

    def is_nobody(self, label: str) -> bool:
        """Return whether a label says that the service could not tell who speaks."""
        return _plain(label) in self._nobody

    @staticmethod
    def _is(label: str, known: frozenset[str]) -> bool:
        plain = _plain(label)
        return plain in known or bool(set(plain.split()) & known)

    def is_known(self, label: str) -> bool:
        """Return whether a label is one of those that are known."""
        return self.is_caller(label) or self.is_agent(label) or self.is_nobody(label)

    def is_unclear(self, mark: str) -> bool:
        """Return whether a word in brackets stands for words that were not heard."""
        plain = mark.strip().lower()
        return plain in self._unclear or any(w in self._unclear for w in re.findall(r"\w+", plain))


def _plain(label: str) -> str:
    return re.sub(r"[^a-z_ ]+", " ", label.lower()).strip()


@lru_cache(maxsize=1)
def speaker_words() -> SpeakerWords:
    """Give them, read once."""
    return SpeakerWords()
