"""What a person may want in the middle: answers, going back, deleting."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import open_store
from actions.tracker_view import conversation_of, intent_of, slot_events
from actions.trouble import apologise
from backline.conversation.erasure import Eraser
from backline.dialogue import Conversation, Hold, NextStep, forget_last
from backline.replies import deleted_marker
from backline.store import StoreUnavailable


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


class ActionGoBack(Action):
    """Opens the last answered question again."""

    def name(self) -> str:
        return "action_go_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(response="utter_went_back")
        return slot_events(tracker, forget_last(conversation_of(tracker)))


class ActionDeleteData(Action):
    """Deletes what is stored of this conversation.

    The tracker store drops Rasa's own record of it when it is asked to save a turn that says so.
    """

    def name(self) -> str:
        return "action_delete_data"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        try:
            await Eraser(open_store()).erase(tracker.sender_id, in_turn=True)
        except StoreUnavailable:
            apologise(dispatcher)
            return []
        before = conversation_of(tracker)
        if before.hold is Hold.TOLD:
            kind = "crisis" if before.crisis else "emergency"
            dispatcher.utter_message(response=f"utter_{kind}_first")
        dispatcher.utter_message(response="utter_deleted", json_message=deleted_marker())
        return [
            *slot_events(tracker, Conversation()),
            *(SlotSet(name, None) for name in ("last_result", "standing", "requested_slot")),
            SlotSet("next_step", NextStep.REST.value),
        ]
