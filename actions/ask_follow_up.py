"""More is asked about something that was told."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import conversation_of


class ActionAskFollowUp(Action):
    """Asks for what is missing, in the words of `utter_ask_follow_up_<name>`."""

    def name(self) -> str:
        return "action_ask_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        name = conversation_of(tracker).follow_up
        if name is not None:
            dispatcher.utter_message(response=f"utter_ask_follow_up_{name}")
        return []
