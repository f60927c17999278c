"""What is answered in between, and after the result."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import call_back
from actions.other_language import SPOKEN
from actions.tracker_view import asks_about_consent, conversation_of, findings_in, intent_of
from actions.wants_person import tell_the_desk
from actions.whereabouts import asks_for_numbers
from actions.written import answers_asked_for, say_written
from backline.dialogue import CHECKLIST_ITEMS
from backline.facts import PARTED, Slot
from backline.nlu.intents import ASKED_LINE, OTHER_QUESTION
from backline.replies import questions_in
from backline.written_answers import explanations_of

WHY = ("ask_why", "ask_explain")
SAYS_LITTLE = frozenset({"ask_diagnosis", "ask_explain", "ask_why", "out_of_scope", "smalltalk"})
"""Intents whose one answer fits least of all what was asked."""
BY_THE_PLAN = {"ask_sessions": "how_many_massages"}
"""Intents that a written answer answers after a result, by its plan."""
WHY_THIS_RESULT = "why_this_result"
"""The written answer to whoever asks why after a result."""


class ActionAnswerQuestion(Action):
    """Answers by the response named after the intent; `ask_why` by the question that is open.

    What is asked about a line of the list that is open, or about agreeing, is answered by that.
    """

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        intent, asked = intent_of(tracker), conversation_of(tracker).asked
        line = _asked_line(tracker, asked)
        if line is not None and asked is not None:
            _explain(dispatcher, tracker, domain, asked, line)
            return []
        if asks_about_consent(tracker):
            dispatcher.utter_message(response="utter_why_consent")
            return []
        names = _written_for(tracker, intent, asked)
        if names or intent == OTHER_QUESTION:
            say_written(dispatcher, tracker, domain, conversation_of(tracker), names)
            return []
        if intent in SAYS_LITTLE and asks_for_numbers(tracker):
            # They were said as the message came.
            return []
        if intent in WHY:
            about = "which" if asked in PARTED else asked.value if asked else "general"
            dispatcher.utter_message(response=f"utter_why_{about}")
            # A question that was not understood is asked again in other words.
            return [SlotSet("reworded", True)] if intent == "ask_explain" else []
        if intent == call_back.HANDOFF and await tell_the_desk(tracker):
            dispatcher.utter_message(response="utter_staff_asked")
            return []
        dispatcher.utter_message(response=f"utter_{intent}")
        return await call_back.offer(dispatcher, tracker) if intent == call_back.HANDOFF else []


def _written_for(tracker: Tracker, intent: str, asked: Slot | None) -> list[str]:
    """Name the written answers that say more of what was asked than the response of the intent."""
    found = answers_asked_for(tracker) if intent in (OTHER_QUESTION, *SAYS_LITTLE) else []
    if found or tracker.get_slot("standing") is None:
        return found
    if intent in WHY:
        return [] if asked is not None else [WHY_THIS_RESULT]
    return [BY_THE_PLAN[intent]] if intent in BY_THE_PLAN else []


def _asked_line(tracker: Tracker, asked: Slot | None) -> int | None:
    """The line of the open list that the message asks about; callers hear no numbers."""
    if asked not in CHECKLIST_ITEMS or tracker.get_latest_input_channel() == SPOKEN:
        return None
    line = next((int(f.value) for f in findings_in(tracker) if f.kind == ASKED_LINE), 0)
    return line if 1 <= line <= len(CHECKLIST_ITEMS[asked]) else None


def _explain(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    asked: Slot,
    line: int,
) -> None:
    """Say what a line asks about, and what its words mean."""
    words = _title(domain, asked, line)
    dispatcher.utter_message(response="utter_explain_line", number=line, line=words)
    names = explanations_of(CHECKLIST_ITEMS[asked][line - 1])
    if names:
        say_written(dispatcher, tracker, domain, conversation_of(tracker), names)


def _title(domain: dict[str, Any], asked: Slot, line: int) -> str:
    name = f"utter_ask_{asked.value}"
    return questions_in({name: domain["responses"][name]})[asked.value].titles[line - 1]
