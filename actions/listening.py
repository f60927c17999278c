"""After every message: what was understood becomes facts."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.state import (
    DIGRESSIONS,
    answers_earlier,
    conversation_of,
    findings_in,
    fingerprint,
    intent_of,
    slot_events,
)
from backline.dialogue import Conversation, hear, hear_earlier
from backline.policy import decide
from backline.understanding.intents import asks


class ActionValidateSlotMappings(Action):
    """Runs in Rasa's slot extraction, so before any rule, form or story is consulted."""

    def name(self) -> str:
        return "action_validate_slot_mappings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        intent, said = intent_of(tracker), str(tracker.latest_message.get("text") or "")
        before, findings = conversation_of(tracker), findings_in(tracker)
        meant_earlier = answers_earlier(tracker)
        if meant_earlier is not None:
            conversation = hear_earlier(before, findings, *meant_earlier)
        else:
            conversation = hear(
                before,
                findings,
                correction=intent == "correct_answer",
                digression=intent in DIGRESSIONS or asks(said),
            )
        return [
            *slot_events(tracker, conversation),
            SlotSet("next_step", _next_step(conversation, tracker.get_slot("last_result"))),
        ]


def _next_step(conversation: Conversation, last_result: str | None) -> str:
    """`triage` while there is something to ask or a result that was not given yet."""
    if conversation.declined:
        return "rest"
    if not conversation.decided:
        return "triage"
    new = fingerprint(decide(conversation.facts).to_json()) != last_result
    return "triage" if new else "rest"
