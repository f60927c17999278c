"""What is said when something could not be stored."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher

UNSAVED: dict[str, Any] = {"stored": False}
"""In the marker of a message: what it tells is not stored.

The tracker store then refuses the turn, as it does after an apology
(`backline.runtime.consented_events`).
"""


def apologise(dispatcher: CollectingDispatcher) -> None:
    """Say that nothing of this turn could be saved; the same message again is a new try."""
    dispatcher.utter_message(
        response="utter_unavailable",
        json_message={"type": "error", "code": "unavailable", "retry": True},
    )
