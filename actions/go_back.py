"""The last answered question is asked again."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import conversation_of, slot_events
from backline.dialogue import forget_last


class ActionGoBack(Action):
    """Opens the last answered question again."""

    def name(self) -> str:
        return "action_go_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(response="utter_went_back")
        return slot_events(tracker, forget_last(conversation_of(tracker)))
