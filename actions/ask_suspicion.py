"""Words that may be of a danger are asked about, with a quotation."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.tracker_view import conversation_of
from backline.dialogue.suspicions import GENERAL


class ActionAskSuspicion(Action):
    """Asks the question of the kind of danger that is suspected."""

    def name(self) -> str:
        return "action_ask_suspicion"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        suspicion = conversation_of(tracker).suspicion
        kind, quote = (suspicion.kind, suspicion.quote) if suspicion else (GENERAL, "")
        general = "utter_ask_suspicion"
        response = general if kind == GENERAL else f"utter_ask_suspicion_{kind}"
        dispatcher.utter_message(response=response, quote=quote)
        return []
