"""A wish is asked back before it is carried out."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import conversation_of
from actions.wording import Wording
from backline.dialogue import NextStep


class ActionConfirm(Action):
    """Asks a wish back, or leaves everything as it is."""

    def name(self) -> str:
        return "action_confirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if tracker.get_slot("next_step") != NextStep.ASK.value:
            dispatcher.utter_message(response="utter_left")
            return []
        conversation = conversation_of(tracker)
        signs = Wording(domain, conversation.person).signs_as_told(
            conversation.facts.emergency_signs, conversation.sign_words
        )
        dispatcher.utter_message(response="utter_ask_check", signs=signs)
        return []
