"""While an emergency stands: its call first, then an answer to what was asked."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import call_back
from actions.dependencies import settings
from actions.other_language import say_in_their_language
from actions.tracker_view import conversation_of, intent_of
from actions.whereabouts import (
    NO_SUCH_NUMBER,
    crisis_line_to_call,
    number_to_call,
    numbers_elsewhere,
    told_where,
    whereabouts_of,
)
from actions.wording import Wording
from backline.countries import ELSEWHERE, Whereabouts
from backline.dialogue import Conversation, Hold, NextStep
from backline.dialogue.standing import AFTER_CRISIS
from backline.facts import EmergencySign
from backline.nlu.intents import OTHER_LANGUAGE
from backline.replies import no_longer_marker, standing_marker

CRISIS, EMERGENCY = "self_harm", "emergency"
ABOUT_NUMBERS = frozenset({"abroad", NO_SUCH_NUMBER, "how_to_call", "really"})
"""Topics of who asks for a number, which the country's own answers."""


class ActionAnswerEmergency(Action):
    """Begins with the call, then answers by the topic that the slot `emergency_topic` names."""

    def name(self) -> str:
        return "action_answer_emergency"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        conversation = conversation_of(tracker)
        wording = Wording(domain, conversation.person)
        topic = tracker.get_slot("emergency_topic")
        if conversation.hold in (Hold.SEEN, Hold.MISTAKE, Hold.OLDER):
            return _ended(dispatcher, conversation)
        if conversation.hold is None:
            return _another_patient(dispatcher, after_crisis=topic == AFTER_CRISIS)
        crisis = conversation.crisis
        line = crisis_line_to_call(tracker) if crisis else None
        dispatcher.utter_message(
            response=f"utter_result_{CRISIS if crisis else EMERGENCY}",
            answer=answer(wording, _as_known(tracker, topic), conversation, told_where(tracker)),
            json_message=standing_marker(number_to_call(tracker), line),
        )
        if intent_of(tracker) == OTHER_LANGUAGE:
            say_in_their_language(dispatcher, tracker)
        called = await call_back.arrange(dispatcher, tracker, danger=True) or []
        if conversation.confirming is not None:
            # What is asked names the signs, so that a plain no is a clear one.
            signs = wording.signs_as_told(
                conversation.facts.emergency_signs, conversation.sign_words
            )
            dispatcher.utter_message(response="utter_ask_check", signs=signs)
        return called


def _as_known(tracker: Tracker, topic: str | None) -> str | None:
    """Whoever has the number of their country, and does not get through, needs another phone."""
    where = whereabouts_of(tracker)
    known = where is not None and where.sure and where.code != ELSEWHERE
    return (
        "no_phone" if known and topic == NO_SUCH_NUMBER and told_where(tracker) is None else topic
    )


def answer(
    wording: Wording,
    topic: str | None,
    conversation: Conversation,
    where: Whereabouts | None = None,
) -> str:
    """Word the answer to what was asked, or the general words where it has none of its own.

    Args:
        where: the person is, if the message says so; the call beside the answer has the number.
    """
    kind = "crisis" if conversation.crisis else "emergency"
    said = []
    there = where is not None and where.sure and where.code != ELSEWHERE
    if where is not None and there and where.code != settings().clinic.country:
        said.append(wording.say(f"utter_{kind}_there", country=_place(wording, where)))
        topic = None if topic in ABOUT_NUMBERS else topic
    if topic is not None or not said:
        response = wording.known(f"utter_{kind}_{topic}", f"utter_{kind}_general")
        what_to_say = wording.what_to_say(conversation.facts)
        said.append(wording.say(response, what_to_say=what_to_say, numbers=numbers_elsewhere()))
    if not conversation.crisis and EmergencySign.SELF_HARM in conversation.facts.emergency_signs:
        said.append(wording.say("utter_crisis_line_too"))
    return " ".join(said)


def _place(wording: Wording, where: Whereabouts) -> str:
    """Where a number is called: "in Ireland", or "where you are" if a number alone was told."""
    return f"in {where.country.name}" if where.named else wording.say("utter_there")


def _ended(dispatcher: CollectingDispatcher, conversation: Conversation) -> list[EventType]:
    """It ended: the person was seen; or it was none, so that the questions go on."""
    hold = conversation.hold.value if conversation.hold else ""
    dispatcher.utter_message(
        response=f"utter_emergency_ended_{hold}", json_message=no_longer_marker()
    )
    if conversation.hold is Hold.SEEN:
        return [SlotSet("standing", None)]
    return list(ASSESS_ANEW)


def _another_patient(dispatcher: CollectingDispatcher, after_crisis: bool) -> list[EventType]:
    """The first one still needs the call; the questions begin for the other one."""
    if after_crisis:
        dispatcher.utter_message(response="utter_crisis_first")
    dispatcher.utter_message(
        response="utter_emergency_new_patient", json_message=no_longer_marker()
    )
    return list(ASSESS_ANEW)


ASSESS_ANEW = (
    SlotSet("standing", None),
    SlotSet("last_result", None),
    SlotSet("next_step", NextStep.TRIAGE.value),
)
