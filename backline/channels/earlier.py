"""What an earlier message answered, from Rasa's record of the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActiveLoop, SlotSet, UserUttered

REQUESTED, CONDITIONS = "requested_slot", "health_conditions"


@dataclass(frozen=True)
class Earlier:
    """A message that was heard before.

    Attributes:
        slot: the question that it answered, if one was open.
        conditions: health conditions that became known by it.
    """

    slot: str | None
    conditions: Sequence[str]


async def answered_by(stored: TrackerStore, conversation: str, message_id: str) -> Earlier | None:
    """What a message answered; None if it is not in the record."""
    tracker = await stored.retrieve_full_tracker(conversation)
    if tracker is None:
        return None
    asked: str | None = None
    known: dict[str, Any] = {CONDITIONS: []}
    before: tuple[str | None, set[str]] | None = None
    for event in tracker.events:
        if isinstance(event, UserUttered):
            if before is not None:
                break
            if event.message_id == message_id:
                before = asked, set(known[CONDITIONS] or [])
        elif isinstance(event, SlotSet) and event.key == REQUESTED:
            asked = event.value
        elif isinstance(event, SlotSet) and event.key == CONDITIONS:
            known[CONDITIONS] = event.value
        elif isinstance(event, ActiveLoop) and event.name is None:
            asked = None
    if before is None:
        return None
    return Earlier(before[0], sorted(set(known[CONDITIONS] or []) - before[1]))
