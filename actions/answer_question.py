"""What is answered in between, and after the result."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import conversation_of, intent_of


class ActionAnswerQuestion(Action):
    """Answers by the response named after the intent; `ask_why` by the question that is open."""

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        intent = intent_of(tracker)
        if intent in ("ask_why", "ask_explain"):
            asked = conversation_of(tracker).asked
            dispatcher.utter_message(response=f"utter_why_{asked.value if asked else 'general'}")
            # A question that was not understood is asked again in other words.
            return [SlotSet("reworded", True)] if intent == "ask_explain" else []
        dispatcher.utter_message(response=f"utter_{intent}")
        return []
