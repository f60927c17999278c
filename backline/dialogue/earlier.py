"""What a channel knows of a message that is no answer to the open question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backline.dialogue.update import Manner
from backline.facts import Slot

_ANSWERS, _MANNER, _WITHDRAWS = "answers", "manner", "withdraws"
_TOLD_BY_CLIENTS = (Manner.EARLY.value, Manner.LATE.value)


@dataclass(frozen=True)
class AnswersEarlier:
    """That a message is no answer to the question that is open.

    Attributes:
        slot: the question that it answers instead; None for none.
        manner: how that came.
        withdraws: what was known only by the words that it changes: names of facts, and codes of
            health conditions.
    """

    slot: Slot | None
    manner: Manner
    withdraws: tuple[str, ...] = ()

    def to_metadata(self) -> dict[str, Any]:
        """Give it as metadata of a turn, as Rasa keeps it with the message."""
        return {
            _ANSWERS: self.slot.value if self.slot else "",
            _MANNER: self.manner.value,
            _WITHDRAWS: list(self.withdraws),
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any] | None) -> AnswersEarlier | None:
        """Read what `to_metadata` gave; None if a message is taken for the open question."""
        if metadata is None or _ANSWERS not in metadata:
            return None
        slot = Slot(metadata[_ANSWERS]) if metadata[_ANSWERS] else None
        return cls(slot, Manner(metadata[_MANNER]), tuple(metadata.get(_WITHDRAWS, ())))

    @classmethod
    def from_request(cls, body: Mapping[str, Any]) -> AnswersEarlier | None:
        """Read what a client tells of its message (docs/http.md); None if nothing of the kind.

        What cannot be read is left out and never refused: the message may be of an emergency.
        """
        manner, answers = body.get(_MANNER), body.get(_ANSWERS)
        if manner not in _TOLD_BY_CLIENTS:
            return None
        slot = next((slot for slot in Slot if slot.value == answers), None)
        return cls(slot, Manner(manner))


NO_ANSWER = AnswersEarlier(None, Manner.EARLY)
"""For words of which nobody knows to which question they would be an answer."""
