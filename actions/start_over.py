"""Starting over, so that it can be taken back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import begun_anew, conversation_of
from backline.dialogue import start_over


class ActionStartOver(Action):
    """Sets all facts aside, so that it can be taken back; the consent stays."""

    def name(self) -> str:
        return "action_start_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        before = conversation_of(tracker)
        dispatcher.utter_message(response="utter_started_over")
        return begun_anew(tracker, before, start_over(before))
