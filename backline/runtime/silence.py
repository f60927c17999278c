"""When the bot is silent, since a person of the clinic answers, and when it speaks all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from backline.dialogue.must_be_heard import calls_for_the_bot
from backline.facts import EMERGENCY_LISTS, SUSPICION, Finding
from backline.replies import Message, Question, part_of
from backline.store import BotHears

LINES = range(1, 100)
"""Numbers of lines in any list of ours."""
_ASKED = "requested_slot"


def is_silent(
    tracker: DialogueStateTracker, parsed: Mapping[str, Any], hears: BotHears | None
) -> bool:
    """Tell whether a message is for staff alone.

    Nobody in danger is told less since a person is there: signs of danger, words that sound like
    one, and what the bot asks about these, are answered at once.

    Args:
        parsed: the message as it was understood.
        hears: None where staff do not have the conversation.
    """
    if hears in (None, BotHears.ANSWER):
        return False
    found = [Finding.from_json({**e, "kind": e["entity"]}) for e in parsed.get("entities") or ()]
    lists = hears is BotHears.LISTS and tracker.get_slot(_ASKED) in EMERGENCY_LISTS
    intent = (parsed.get("intent") or {}).get("name")
    told = calls_for_the_bot(intent, found, LINES if lists else ())
    return not told and not any(f.kind == SUSPICION for f in found)


def open_question(tracker: DialogueStateTracker | None) -> Message | None:
    """Find the question that a conversation stands at, as it was asked last; None if at none."""
    if tracker is None or tracker.active_loop_name is None:
        return None
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered) and isinstance(part_of(event.data), Question):
            return {"text": event.text, **{name: v for name, v in event.data.items() if v}}
    return None
