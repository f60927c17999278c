"""What an earlier message answered, from Rasa's record of the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActiveLoop, Event, SlotSet, UserUttered

from backline.dialogue import WITHDRAWABLE, AnswersEarlier

REQUESTED, CONDITIONS, CHECKED = "requested_slot", "health_conditions", "checked"
LINES = "parted"


@dataclass(frozen=True)
class Earlier:
    """A message that was heard before, with all its later versions.

    Attributes:
        slot: the question that it answered, if one was open.
        told: facts, health conditions and lines of lists that became known by it alone.
        text: what it says in its latest version.
    """

    slot: str | None
    told: Sequence[str]
    text: str


async def answered_by(stored: TrackerStore, conversation: str, name: str) -> Earlier | None:
    """What a message answered; None if it is not in the record.

    Args:
        name: the message's id there; those of its later versions begin with it.
    """
    tracker = await stored.retrieve_full_tracker(conversation)
    if tracker is None:
        return None
    reading = _Reading(name)
    for event in tracker.events:
        reading.take(event)
    if reading.text is None:
        return None
    return Earlier(reading.slot or None, sorted(reading.told), reading.text)


class _Reading:
    """What is known of a message after the events of its conversation so far."""

    def __init__(self, name: str) -> None:
        self.slot: str | None = None
        self.told: set[str] = set()
        self.text: str | None = None
        self._name = name
        self._asked: str | None = None
        self._known: dict[str, Any] = {}
        self._speaking = False

    def take(self, event: Event) -> None:
        """Read the next event."""
        if isinstance(event, UserUttered):
            self._utterance(event)
        elif isinstance(event, ActiveLoop) and event.name is None:
            self._asked = None
        elif isinstance(event, SlotSet):
            self._change(event.key, event.value)

    def _utterance(self, event: UserUttered) -> None:
        self._speaking = str(event.message_id or "").startswith(self._name)
        if self._speaking:
            if self.text is None:
                self.slot = _answered(event, self._asked)
            # After a no the record has no words.
            self.text = event.text or ""

    def _change(self, key: str, value: Any) -> None:
        if key == REQUESTED:
            self._asked = value
        new = _news(key, self._known.get(key), value)
        # What another message told since, or said again by a checklist, is not its alone.
        self.told = self.told | new if self._speaking else self.told - new
        if not self._speaking and key == CHECKED and CONDITIONS in (value or []):
            self.told -= set(self._known.get(CONDITIONS) or [])
        self._known[key] = value


def _answered(event: UserUttered, asked: str | None) -> str | None:
    earlier = AnswersEarlier.from_metadata(event.metadata)
    if earlier is None:
        return asked
    return earlier.about.value if earlier.about else None


def _news(key: str, before: Any, now: Any) -> set[str]:
    if key in (CONDITIONS, LINES):
        return set(now or []) - set(before or [])
    return {key} if key in WITHDRAWABLE and now is not None and now != before else set()
