"""Says the written answers that a message asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.acknowledge import said_back
from actions.dependencies import settings
from actions.recommendation import recommend
from actions.tracker_view import findings_in, text_of
from actions.wording import Wording
from backline.dialogue import Conversation
from backline.facts import Urgency
from backline.nlu.components.emergency_talk import is_about
from backline.nlu.intents import ASKED_ABOUT, asks
from backline.written_answers import written_answers

SENT_TO_A_DOCTOR = (Urgency.SOON.value, Urgency.URGENT.value)
BY_TOPIC = {
    "cannot_wait": "can_it_wait",
    "painkiller_first": "can_it_wait",
    "hospital": "whom_to_see",
}
"""The written answers by topics of `data/lexicon/emergency_talk.yml`; the first one counts."""

_ASKS_WITHIN = re.compile(r"\b(?:can|could|may|shall|should) (?:i|we|he|she|it)\b", re.IGNORECASE)
"""What is asked in the middle of a sentence: "only I am asking can I wait"."""


def answers_asked_for(tracker: Tracker) -> list[str]:
    """Name the written answers that the latest message asks for, by its meaning.

    Whoever was sent to a doctor and asks whether it can wait, or where to go, is understood by the
    words as well: they get no other answer than that.
    """
    found = [str(f.value) for f in findings_in(tracker) if f.kind == ASKED_ABOUT]
    text = text_of(tracker)
    asked = asks(text) or _ASKS_WITHIN.search(text) is not None
    if found or not asked or tracker.get_slot("standing") not in SENT_TO_A_DOCTOR:
        return found
    worded = (name for topic, name in BY_TOPIC.items() if is_about(text, topic))
    return list(worded)[:1]


def say_written(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    conversation: Conversation,
    names: Sequence[str] = (),
) -> None:
    """Say each written answer, in the words for the result that was given.

    Args:
        names: of the answers, where the message itself does not name them.
    """
    known, wording = written_answers(), Wording(domain, conversation.person)
    asked = answers_asked_for(tracker)
    values = {"noted": said_back(wording, conversation)}
    standing, no_massage = None, False
    # What this message tells may have opened questions again, or changed the result.
    if tracker.get_slot("standing") is not None and conversation.decided:
        recommendation = recommend(conversation.facts)
        standing = recommendation.urgency.value
        values["reasons"] = "; ".join(wording.reasons(recommendation))
        plan = recommendation.plan
        no_massage = plan.massage_sessions == 0
        values["course"] = " ".join(wording.course(plan, settings().clinic.therapies))
        values["review"] = str(plan.review_after_sessions)
    doctor = tracker.get_slot("doctor_first")
    urgent = Urgency.URGENT.value in (standing, doctor)
    response = "utter_ask_other_urgent" if urgent else "utter_ask_other"
    for name in names or [name for name in asked if name in known]:
        words = known[name].words(standing or doctor, no_massage=no_massage)
        if standing is None and "{reasons}" in words:
            # There are none to name before a result.
            words = known[name].words(None)
        words = wording.filled(words, **values)
        dispatcher.utter_message(response=response, words=words)
