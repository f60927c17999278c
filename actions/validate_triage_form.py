"""The triage form: which question is due, and when something else was asked instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction

from actions.other_language import SPOKEN, say_in_their_language
from actions.tracker_view import (
    DIGRESSIONS,
    FORM,
    answers_earlier,
    asks_about_consent,
    conversation_of,
    findings_in,
    intent_of,
)
from backline.dialogue import CHECKLIST_ITEMS, Conversation, progress
from backline.facts import UNREAD, Finding, Slot


class ValidateTriageForm(FormValidationAction):
    """Names the next question to Rasa's form; none ends the form and leads to the result."""

    def name(self) -> str:
        return "validate_triage_form"

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Hand over what asks for something else; say why a question is put again.

        The answers themselves are in the slots already (`ValidateSlots`).
        """
        if _is_left_to_rules(tracker):
            return [ActionExecutionRejected(FORM)]
        conversation = conversation_of(tracker)
        first_look = _is_first_look(tracker)
        _say_what_was_not_read(dispatcher, tracker, conversation)
        due = conversation.next_question()
        shown = due is not None and due is conversation.asked
        if due is not None and shown and first_look:
            _say_why_again(dispatcher, tracker, due)
        again = due is not None and conversation.attempts.get(due, 0) > 0
        # Its long form is read once; after whatever was said in between the short one is enough.
        again = again or (shown and due is Slot.CONSENT)
        # What answered something in between may have asked for other words.
        kept = not first_look and shown and bool(tracker.get_slot("reworded"))
        return [
            SlotSet("reworded", again or kept),
            SlotSet("shown", shown),
            SlotSet("progress", _progress(tracker, conversation)),
        ]

    async def next_requested_slot(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> EventType | None:
        """Request the slot of the question that is due; None leaves `requested_slot` alone."""
        if _is_left_to_rules(tracker):
            return None
        due = conversation_of(tracker).next_question()
        return SlotSet(REQUESTED_SLOT, due.value if due else None)


def _progress(tracker: Tracker, conversation: Conversation) -> dict[str, Any] | None:
    """Tell how far the questions are, and of which that is told; nobody reads that aloud."""
    due, place = conversation.next_question(), progress(conversation)
    if due is None or place is None or tracker.get_latest_input_channel() == SPOKEN:
        return None
    step, of = place
    return {"asked": due.value, "step": step, "of": of}


def _say_what_was_not_read(
    dispatcher: CollectingDispatcher, tracker: Tracker, conversation: Conversation
) -> None:
    if _asks_otherwise(tracker) and intent_of(tracker) == "other_language":
        say_in_their_language(dispatcher, tracker)
    if any(f.kind == UNREAD for f in findings_in(tracker)) and not conversation.emergency:
        dispatcher.utter_message(response="utter_read_in_part")


def _asks_otherwise(tracker: Tracker) -> bool:
    in_form = (tracker.active_loop or {}).get("name") == FORM
    return in_form and intent_of(tracker) in DIGRESSIONS and _is_first_look(tracker)


def _is_left_to_rules(tracker: Tracker) -> bool:
    conversation = conversation_of(tracker)
    return _asks_otherwise(tracker) and not (
        conversation.emergency or conversation.may_be_emergency
    )


def _say_why_again(dispatcher: CollectingDispatcher, tracker: Tracker, due: Slot) -> None:
    if answers_earlier(tracker) is None and (reason := _why_again(tracker, due)) is not None:
        dispatcher.utter_message(response=reason)


def _why_again(tracker: Tracker, due: Slot) -> str | None:
    """Choose the response that says why a question is put again; None where nothing is to say."""
    findings = findings_in(tracker)
    if asks_about_consent(tracker):
        return "utter_why_consent"
    out_of_range = _out_of_range(findings, due)
    if out_of_range is not None:
        return f"utter_out_of_range_{out_of_range}"
    if due in CHECKLIST_ITEMS and any(f.kind == "answer" and f.value == "yes" for f in findings):
        return "utter_which_ones"
    unheard = intent_of(tracker) == "nlu_fallback" and not findings
    return "utter_please_rephrase" if unheard else None


def _out_of_range(findings: Sequence[Finding], due: Slot) -> str | None:
    """Name what was told in a number that it cannot have."""
    told = next((f for f in findings if f.kind == "out_of_range"), None)
    if told is not None:
        return str(told.value)
    numbers = [f.value for f in findings if f.kind == "number"]
    off_the_scale = due is Slot.PAIN_SEVERITY and any(not 0 <= n <= 10 for n in numbers)
    return "severity" if off_the_scale else None


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
