"""What is said to somebody who writes in another language than English."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import FORM, conversation_of
from backline.other_languages import other_languages
from backline.replies import warning_marker

LANGUAGE = "language"
ASKED_AGAIN = 2
"""So many messages in a row are followed by the open question; later ones by the numbers alone."""
SPOKEN = "phone"
"""The channel whose voices speak English."""


class ActionOtherLanguage(Action):
    """Says in the person's language, and in English, that only English is understood."""

    def name(self) -> str:
        return "action_other_language"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        say_in_their_language(dispatcher, tracker)
        if (tracker.active_loop or {}).get("name") != FORM:
            return []
        if _in_a_row(tracker) > ASKED_AGAIN:
            # The form stays open, as if it had asked.
            return [ActiveLoop(FORM), FollowupAction("action_listen")]
        return [SlotSet("reworded", True)]


def say_in_their_language(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Tell whom to call; where an emergency is known, to call it now comes first."""
    danger = conversation_of(tracker).emergency
    # Channels that tell an emergency before anything else tell this with it.
    marker = warning_marker() if danger else None
    code = _language_in(tracker.latest_message)
    language = other_languages().get(code) if code else None
    if language is not None and tracker.get_latest_input_channel() != SPOKEN:
        sentences = language.reply(danger=danger)
        dispatcher.utter_message(
            response="utter_in_their_language", sentences=sentences, json_message=marker
        )
    suffix = "_danger" if danger else ""
    dispatcher.utter_message(response=f"utter_english_only{suffix}", json_message=marker)


def _language_in(message: dict[str, Any]) -> str | None:
    found = (e for e in message.get("entities") or [] if e["entity"] == LANGUAGE)
    return next((str(entity["value"]) for entity in found), None)


def _in_a_row(tracker: Tracker) -> int:
    """How many of the latest messages, this one too, were in another language."""
    count = 0
    for event in reversed(tracker.events):
        if event["event"] != "user":
            continue
        if _language_in(event.get("parse_data") or {}) is None:
            break
        count += 1
    return count
