"""Deleting, once it was asked back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.call_back import SLOT as CALL_BACK
from actions.dependencies import open_store
from actions.tracker_view import conversation_of, slot_events
from actions.trouble import apologise
from actions.whereabouts import SLOT
from backline.conversation.erasure import Eraser
from backline.dialogue import Conversation, Hold, NextStep
from backline.replies import deleted_marker
from backline.store import StoreUnavailable

FORGOTTEN = ("last_result", "standing", "requested_slot", SLOT, CALL_BACK)
"""Slots beside those of the conversation."""


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
            *(SlotSet(name, None) for name in FORGOTTEN),
            SlotSet("next_step", NextStep.REST.value),
        ]
