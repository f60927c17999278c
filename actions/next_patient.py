"""Turning to another patient, so that it can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import ABOUT_THE_RESULT, conversation_of, slot_events
from backline.dialogue import NextStep, next_patient


class ActionNextPatient(Action):
    """Begins anew for another person; the consent stays."""

    def name(self) -> str:
        return "action_next_patient"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        before = replace(conversation_of(tracker), confirming=None)
        left = replace(before, earlier=None).to_slots()
        earlier = {**left, **{name: tracker.get_slot(name) for name in ABOUT_THE_RESULT}}
        other = next_patient(before)
        dispatcher.utter_message(response="utter_next_patient")
        return [
            *slot_events(tracker, replace(other, earlier=earlier)),
            *(SlotSet(name, None) for name in ABOUT_THE_RESULT),
            SlotSet("next_step", NextStep.TRIAGE.value),
        ]
