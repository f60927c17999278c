"""Starting over, so that it can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import ABOUT_THE_RESULT, conversation_of, slot_events
from backline.dialogue import NextStep, start_over


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
