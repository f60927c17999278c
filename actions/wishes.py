"""Deleting and starting over: asked back first, and what can be taken back is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import conversation_of, slot_events
from backline.dialogue import Conversation, NextStep, start_over


class ActionConfirm(Action):
    """Asks a wish back, or leaves everything as it is."""

    def name(self) -> str:
        return "action_confirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        asks = tracker.get_slot("next_step") == NextStep.ASK.value
        dispatcher.utter_message(response="utter_ask_check" if asks else "utter_left")
        return []


class ActionStartOver(Action):
    """Sets all facts aside, so that it can be taken back; the consent stays."""

    def name(self) -> str:
        return "action_start_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        before = conversation_of(tracker)
        left = replace(before, confirming=None, earlier=None).to_slots()
        earlier = {**left, **{name: tracker.get_slot(name) for name in ABOUT_THE_RESULT}}
        dispatcher.utter_message(response="utter_started_over")
        return [
            *slot_events(tracker, replace(start_over(before), earlier=earlier)),
            *(SlotSet(name, None) for name in ABOUT_THE_RESULT),
            SlotSet("next_step", NextStep.TRIAGE.value),
        ]


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


ABOUT_THE_RESULT = ("last_result", "standing")
"""Slots beside those of the conversation that tell which result was given."""
