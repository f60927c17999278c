"""What an earlier message answered, from Rasa's record of the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActiveLoop, SlotSet, UserUttered

from backline.dialogue import WITHDRAWABLE, AnswersEarlier

REQUESTED, CONDITIONS, CHECKED = "requested_slot", "health_conditions", "checked"


@dataclass(frozen=True)
class Earlier:
    """A message that was heard before, with all its later versions.

    Attributes:
        slot: the question that it answered, if one was open.
        told: facts and health conditions that became known by it and by no other message.
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
    asked: str | None = None
    slot: str | None = None
    text: str | None = None
    known: dict[str, Any] = {}
    told: set[str] = set()
    speaking = False
    for event in tracker.events:
        if isinstance(event, UserUttered):
            speaking = str(event.message_id or "").startswith(name)
            if speaking:
                if text is None:
                    slot = _answered(event, asked)
                # After a no the record has no words.
                text = event.text or ""
        elif isinstance(event, ActiveLoop) and event.name is None:
            asked = None
        elif isinstance(event, SlotSet):
            if event.key == REQUESTED:
                asked = event.value
            new = _news(event.key, known.get(event.key), event.value)
            # What another message told since, or said again by a checklist, is not its alone.
            told = told | new if speaking else told - new
            if not speaking and event.key == CHECKED and CONDITIONS in (event.value or []):
                told -= set(known.get(CONDITIONS) or [])
            known[event.key] = event.value
    return None if text is None else Earlier(slot or None, sorted(told), text)


def _answered(event: UserUttered, asked: str | None) -> str | None:
    earlier = AnswersEarlier.from_metadata(event.metadata)
    if earlier is None:
        return asked
    return earlier.about.value if earlier.about else None


def _news(key: str, before: Any, now: Any) -> set[str]:
    if key == CONDITIONS:
        return set(now or []) - set(before or [])
    return {key} if key in WITHDRAWABLE and now is not None and now != before else set()
