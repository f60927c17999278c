"""Says the written answers that a message asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.acknowledge import said_back
from actions.tracker_view import findings_in
from actions.wording import Wording
from backline.dialogue import Conversation
from backline.facts import Urgency
from backline.nlu.intents import ASKED_ABOUT
from backline.policy import decide
from backline.written_answers import written_answers


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
    asked = [str(f.value) for f in findings_in(tracker) if f.kind == ASKED_ABOUT]
    values = {"noted": said_back(wording, conversation.facts)}
    standing = None
    # What this message tells may have opened questions again, or changed the result.
    if tracker.get_slot("standing") is not None and conversation.decided:
        recommendation = decide(conversation.facts)
        standing = recommendation.urgency.value
        values["reasons"] = "; ".join(wording.reasons(recommendation))
    doctor = tracker.get_slot("doctor_first")
    urgent = Urgency.URGENT.value in (standing, doctor)
    response = "utter_ask_other_urgent" if urgent else "utter_ask_other"
    for name in names or [name for name in asked if name in known]:
        words = known[name].words(standing or doctor)
        if standing is None and "{reasons}" in words:
            # There are none to name before a result.
            words = known[name].words(None)
        words = wording.filled(words, **values)
        dispatcher.utter_message(response=response, words=words)
