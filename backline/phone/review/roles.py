"""Tell who of the speakers of a call is the caller: by labels, or by what they say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backline.facts import Finding
from backline.nlu.tokenizer import words_of
from backline.phone.review.formats.turns import TranscriptError, WrittenTurn
from backline.phone.review.questions import question_in
from backline.phone.review.speakers import speaker_words

Read = Callable[[str], list[Finding]]
REPLIES = frozenset({"agreement", "answer", "number"})
"""Kinds of findings that mean nothing without a question."""
CALLER, RECEPTIONIST, OTHER, UNKNOWN = "caller", "receptionist", "other", "unknown"
MOST_SPEAKERS = 12
MOST_LISTED = 6
MOST_SENTENCES = 400
"""Of each speaker, by which a role is guessed."""
SCALE = 2.0
"""How many points of difference make a guess surer by the factor e."""
SUREST_GUESS = 0.99
LEAST_GUESS = 0.7
"""Of parts of calls 5 in 18 were guessed wrongly below it, and 5 in 2,207 above it."""


@dataclass(frozen=True)
class SpeakerRole:
    """The role of a speaker.

    Attributes:
        role: `caller`, `receptionist`, `other`, or `unknown` where the service itself could not
            tell who spoke.
        by: how it is known: `told`, `label`, or `words` for a guess by what is said.
        certainty: 0 to 1.
    """

    label: str
    role: str
    by: str
    certainty: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the role as JSON-ready data."""
        return {
            "label": self.label,
            "role": self.role,
            "by": self.by,
            "certainty": round(self.certainty, 2),
        }


@dataclass(frozen=True)
class Roles:
    """The speakers of a call, the caller's label first of all."""

    caller: str
    speakers: tuple[SpeakerRole, ...]

    def role_of(self, label: str) -> str:
        """Return the role of a speaker."""
        return next(s.role for s in self.speakers if s.label == label)


def roles_of(said: Sequence[WrittenTurn], read: Read, told: str | None = None) -> Roles:
    """Find the roles of all who speak.

    Args:
        read: the understanding of a text, to tell who asks and who tells.
        told: the label of the caller, if it is known.

    Raises:
        TranscriptError: who is the caller cannot be told.
    """
    labels = list(dict.fromkeys(s.speaker for s in said if s.speaker is not None))
    if not labels:
        raise TranscriptError(
            "it does not tell who speaks; write it like `Caller: my back hurts`, one turn a line"
        )
    if len(labels) > MOST_SPEAKERS:
        raise TranscriptError(
            f"{len(labels)} speakers are in it, {_listed(labels)}; a call has two"
        )
    caller, by, certainty = _caller(said, labels, read, told)
    found = {
        label: SpeakerRole(label, role, "label")
        for label in labels
        if (role := _role_by_label(label)) is not None
    }
    found[caller] = SpeakerRole(caller, CALLER, by, certainty)
    left = [label for label in labels if label not in found]
    received = any(speaker.role == RECEPTIONIST for speaker in found.values())
    if left and not received:
        asking = left[0] if len(left) == 1 else max(left, key=lambda s: _asks(said, s, read))
        found[asking] = SpeakerRole(asking, RECEPTIONIST, by, certainty)
    for label in labels:
        found.setdefault(label, SpeakerRole(label, OTHER, by, certainty))
    return Roles(caller, tuple(found[label] for label in labels))


def _role_by_label(label: str) -> str | None:
    if speaker_words().is_nobody(label):
        return UNKNOWN
    return RECEPTIONIST if speaker_words().is_agent(label) else None


def _caller(
    said: Sequence[WrittenTurn], labels: Sequence[str], read: Read, told: str | None
) -> tuple[str, str, float]:
    """Find the caller: the one told, the one that says so, or the one who asks less."""
    if told is not None:
        return _label_told(told, labels), "told", 1.0
    by_label = _caller_by_label(labels)
    if by_label is not None:
        return by_label, "label", 1.0
    guessed = _caller_by_words(said, labels, read)
    if guessed is None or guessed[1] < LEAST_GUESS:
        raise TranscriptError(
            f"who is the caller cannot be told; there are {_listed(labels)}: name one with --caller"
        )
    return guessed[0], "words", guessed[1]


def _label_told(told: str, labels: Sequence[str]) -> str:
    for label in labels:
        if label.lower() == told.strip().lower():
            return label
    raise TranscriptError(f"nobody in it is called {told!r}; there are {_listed(labels)}")


def _tells_roles(labels: Sequence[str]) -> bool:
    """Return whether labels mean something: "Guest-1" and "Guest-2" are but numbered."""
    names = {re.sub(r"[\W_]*\d+$", "", label.lower()) for label in labels}
    return len(labels) == 1 or len(names) > 1


def _caller_by_label(labels: Sequence[str]) -> str | None:
    """Find the one who is named a caller, or who alone is not named a receptionist."""
    if not _tells_roles(labels):
        return None
    words = speaker_words()
    callers = [label for label in labels if words.is_caller(label)]
    others = [label for label in labels if not words.is_agent(label) and not words.is_nobody(label)]
    if len(callers) == 1:
        return callers[0]
    alone = not callers and len(others) == 1 and any(map(words.is_agent, labels))
    return others[0] if alone else None


def _caller_by_words(
    said: Sequence[WrittenTurn], labels: Sequence[str], read: Read
) -> tuple[str, float] | None:
    """Guess who tells more and asks less than anybody else, and how sure that is.

    None where labels tell roles that do not fit, or nobody is ahead.
    """
    words = speaker_words()
    known = _tells_roles(labels) and any(words.is_caller(label) for label in labels)
    agents = {label for label in labels if _tells_roles(labels) and words.is_agent(label)}
    those = [label for label in labels if label not in agents and not words.is_nobody(label)]
    if known or len(those) < 2:
        return None
    scores = {label: _asks(said, label, read) for label in those}
    first, second = sorted(those, key=lambda label: scores[label])[:2]
    ahead = scores[second] - scores[first]
    if ahead <= 0:
        return None
    return first, min(1 / (1 + math.exp(-ahead / SCALE)), SUREST_GUESS)


def _asks(said: Sequence[WrittenTurn], label: str, read: Read) -> float:
    """Score how much somebody asks as a receptionist does, less what they tell of a back."""
    score = 0.0
    sentences = [
        sentence
        for turn in said
        if turn.speaker == label
        for sentence in re.split(r"(?<=[.?!])\s+", turn.text)
    ]
    for sentence in sentences[:MOST_SENTENCES]:
        if speaker_words().answers.search(words_of(sentence, {}).line):
            score += 3
        question = question_in(sentence, read)
        if question is not None:
            score += 2 if question.known else 1
        elif any(f.holds and f.kind not in REPLIES for f in read(sentence)):
            score -= 1
    return score


def _listed(labels: Iterable[str]) -> str:
    names = [repr(label[:40]) for label in labels]
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more
