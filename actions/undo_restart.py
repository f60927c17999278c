"""Taking a restart back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import ABOUT_THE_RESULT, conversation_of, slot_events
from backline.dialogue import Conversation, NextStep


class ActionUndoRestart(Action):
    """Takes up again what was known before the last restart."""

    def name(self) -> str:
        return "action_undo_restart"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        earlier = dict(conversation_of(tracker).earlier or {})
        restored = Conversation.from_slots(earlier, asking=False)
        dispatcher.utter_message(response="utter_undone")
        told = earlier.get("last_result") is not None
        step = NextStep.REST if told else NextStep.TRIAGE
        return [
            *slot_events(tracker, restored),
            *(SlotSet(name, earlier.get(name)) for name in ABOUT_THE_RESULT),
            SlotSet("next_step", step.value),
        ]
