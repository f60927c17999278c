"""What was recommended before still holds."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.markers import marker_of
from actions.recommendation import recommend
from actions.review import goes_unanswered, keep_question
from actions.tracker_view import conversation_of, getting_worse, intent_of, said_last, text_of
from actions.whereabouts import asks_for_numbers
from actions.wording import Wording
from actions.written import answers_asked_for, say_written
from backline.dialogue import Conversation
from backline.dialogue.standing import MISTAKE, MISTAKE_MAYBE
from backline.facts import Outcome
from backline.nlu.components.emergency_talk import topic_of
from backline.nlu.intents import CORRECTION, asks

WHICH_IS_WRONG = "utter_which_is_wrong"


class ActionResultStands(Action):
    """Says to whoever tells something that changes nothing what was recommended before."""

    def name(self) -> str:
        return "action_result_stands"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        conversation = conversation_of(tracker)
        if conversation.emergency:
            # They were seen for it. What they tell now may be that it is back, in whatever words.
            dispatcher.utter_message(response="utter_seen_since")
            return []
        if not conversation.decided:
            dispatcher.utter_message(response="utter_anything_else")
            return []
        worse = getting_worse(tracker)
        if worse is not None:
            dispatcher.utter_message(response=worse)
            return []
        if _answered(dispatcher, tracker, domain, conversation):
            return []
        recommendation, wording = (
            recommend(conversation.facts),
            Wording(domain, conversation.person),
        )
        doctor = recommendation.outcome is Outcome.DOCTOR_FIRST
        which = recommendation.urgency.value if doctor else recommendation.outcome.value
        text = text_of(tracker)
        if intent_of(tracker) == CORRECTION or topic_of(text) in (MISTAKE, MISTAKE_MAYBE):
            reasons = "; ".join(wording.reasons(recommendation))
            asked_before = said_last(tracker) == WHICH_IS_WRONG
            response = "utter_which_is_wrong_still" if asked_before else WHICH_IS_WRONG
            dispatcher.utter_message(response=response, reasons=reasons)
            return []
        unanswered = asks(text)
        if unanswered and not goes_unanswered(tracker):
            await keep_question(tracker, after_result=True)
        dispatcher.utter_message(
            response="utter_no_answer" if unanswered else "utter_result_stands",
            advice=wording.say(f"utter_advice_{which}"),
            json_message=marker_of(conversation, recommendation, wording, again=True),
        )
        return []


def _answered(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    conversation: Conversation,
) -> bool:
    """Answer what is asked; whoever asks takes nothing back, and hears no "which is wrong"."""
    if not answers_asked_for(tracker):
        # The numbers of their country were said as the message came.
        return asks_for_numbers(tracker) and intent_of(tracker) != CORRECTION
    if intent_of(tracker) != CORRECTION:
        # Beside a correction it is said as the message comes (`validate_slots`).
        say_written(dispatcher, tracker, domain, conversation)
    return True
