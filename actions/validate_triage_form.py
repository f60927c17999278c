"""The triage form: which question is due, and when something else was asked instead."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.other_language import say_in_their_language
from actions.tracker_view import (
    DIGRESSIONS,
    FORM,
    answers_earlier,
    conversation_of,
    findings_in,
    intent_of,
)
from backline.dialogue import CHECKLIST_ITEMS
from backline.facts import UNREAD, Slot


class ValidateTriageForm(Action):
    """Names the next question to Rasa's form; none ends the form and leads to the result."""

    def name(self) -> str:
        return "validate_triage_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        conversation = conversation_of(tracker)
        first_look = _is_first_look(tracker)
        in_form = (tracker.active_loop or {}).get("name") == FORM
        asked_otherwise = first_look and in_form and intent_of(tracker) in DIGRESSIONS
        if asked_otherwise and not conversation.emergency:
            return [ActionExecutionRejected(FORM)]
        if asked_otherwise and intent_of(tracker) == "other_language":
            say_in_their_language(dispatcher, tracker)
        if any(f.kind == UNREAD for f in findings_in(tracker)) and not conversation.emergency:
            dispatcher.utter_message(response="utter_read_in_part")
        due = conversation.next_question()
        repeated = due is not None and due == conversation.asked and first_look
        repeated = repeated and answers_earlier(tracker) is None
        if repeated and due is not None:
            self._say_why_again(dispatcher, tracker, due)
        again = due is not None and conversation.attempts.get(due, 0) > 0
        # What answered something in between may have asked for other words.
        kept = not first_look and due == conversation.asked and bool(tracker.get_slot("reworded"))
        return [
            SlotSet("reworded", again or kept),
            SlotSet("requested_slot", due.value if due else None),
        ]

    @staticmethod
    def _say_why_again(dispatcher: CollectingDispatcher, tracker: Tracker, due: Slot) -> None:
        findings = findings_in(tracker)
        out_of_range = next((f for f in findings if f.kind == "out_of_range"), None)
        numbers = [f.value for f in findings if f.kind == "number"]
        if out_of_range is not None:
            dispatcher.utter_message(response=f"utter_out_of_range_{out_of_range.value}")
        elif due is Slot.PAIN_SEVERITY and any(not 0 <= n <= 10 for n in numbers):
            dispatcher.utter_message(response="utter_out_of_range_severity")
        elif due in CHECKLIST_ITEMS and any(
            f.kind == "answer" and f.value == "yes" for f in findings
        ):
            dispatcher.utter_message(response="utter_which_ones")
        elif intent_of(tracker) == "nlu_fallback" and not findings:
            dispatcher.utter_message(response="utter_please_rephrase")


def _is_first_look(tracker: Tracker) -> bool:
    """False when this turn started the form, or comes back to it after answering something."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event.get("name") != FORM:
            return False
        if event["event"] == "active_loop" and event.get("name") == FORM:
            return False
    return True
