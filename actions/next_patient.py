"""Turning to another patient, so that it can be taken back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import begun_anew, conversation_of
from backline.dialogue import next_patient


class ActionNextPatient(Action):
    """Begins anew for another person; the consent stays."""

    def name(self) -> str:
        return "action_next_patient"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        before = conversation_of(tracker)
        dispatcher.utter_message(response="utter_next_patient")
        return begun_anew(tracker, before, next_patient(before))
