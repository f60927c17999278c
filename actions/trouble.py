"""What is said when something could not be stored."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from backline.replies import unavailable_marker


def apologise(dispatcher: CollectingDispatcher) -> None:
    """Say that nothing of this turn could be saved; the same message again is a new try."""
    dispatcher.utter_message(response="utter_unavailable", json_message=unavailable_marker())
