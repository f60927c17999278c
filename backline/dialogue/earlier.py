"""What a channel knows of a message that is no answer to the open question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from backline.facts import Slot


class AnswerTiming(str, Enum):
    """How a message comes to be no answer to the question that is open."""

    EARLY = "early"
    """It was written before that question was to be seen."""
    LATE = "late"
    """It is older than what was heard already, and says nothing against that."""
    CHANGED = "changed"
    """It takes the place of what was written before."""


_ANSWERS, _MANNER, _WITHDRAWS = "answers", "manner", "withdraws"
_TOLD_BY_CLIENTS = (AnswerTiming.EARLY.value, AnswerTiming.LATE.value)


@dataclass(frozen=True)
class AnswersEarlier:
    """Why a message is no answer to the question that is open now.

    Attributes:
        about: the question that was open when it was written; its answer is given anew, and is
            open again if changed words answer it no more. None if none was. A question that was
            never asked in this conversation cannot be answered, as by a button of an older one.
        withdrawn: what was known only from the words that are changed: names of facts, and codes
            of health conditions. Emergency signs never are.
    """

    manner: AnswerTiming
    about: Slot | None = None
    withdrawn: frozenset[str] = frozenset()

    def to_metadata(self) -> dict[str, Any]:
        """Give it as metadata of a turn, as Rasa keeps it with the message."""
        return {
            _ANSWERS: self.about.value if self.about else "",
            _MANNER: self.manner.value,
            _WITHDRAWS: sorted(self.withdrawn),
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any] | None) -> AnswersEarlier | None:
        """Read what `to_metadata` gave; None if a message is taken for the open question."""
        if metadata is None or _ANSWERS not in metadata:
            return None
        about = Slot(metadata[_ANSWERS]) if metadata[_ANSWERS] else None
        return cls(AnswerTiming(metadata[_MANNER]), about, frozenset(metadata.get(_WITHDRAWS, ())))

    @classmethod
    def from_request(cls, body: Mapping[str, Any]) -> AnswersEarlier | None:
        """Read what a client tells of its message (docs/http.md); None if nothing of the kind.

        What cannot be read is left out and never refused: the message may be of an emergency.
        """
        manner, answers = body.get(_MANNER), body.get(_ANSWERS)
        if manner not in _TOLD_BY_CLIENTS:
            return None
        return cls(
            AnswerTiming(manner), next((slot for slot in Slot if slot.value == answers), None)
        )


NO_ANSWER = AnswersEarlier(AnswerTiming.EARLY)
"""For words of which nobody knows to which question they would be an answer."""
