"""A wish is asked back before it is carried out."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from backline.dialogue import NextStep


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
