"""After every message: what was understood becomes slots, in one step."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import ACTION_VALIDATE_SLOT_MAPPINGS, ValidationAction

from actions.validate_slots import ValidateSlots
from backline.facts import Finding
from tests.unit.actions.conftest import Talk


def slots_set(tracker: Tracker) -> dict[str, Any]:
    events = asyncio.run(ValidateSlots().run(CollectingDispatcher(), tracker, {}))
    return {event["name"]: event["value"] for event in events}


def test_it_is_what_rasa_runs_when_slots_are_extracted() -> None:
    assert isinstance(ValidateSlots(), ValidationAction)
    assert ValidateSlots().name() == ACTION_VALIDATE_SLOT_MAPPINGS


def test_a_message_sets_all_that_it_tells_and_what_comes_next(talk: Talk) -> None:
    told = talk("inform", Finding("duration", 21.0), Finding("severity", 4), in_form=False)
    found = slots_set(told)
    assert (found["pain_duration"], found["pain_severity"]) == (21.0, 4)
    assert found["next_step"] == "triage"


def test_a_message_that_a_form_begins_with_is_heard_once(talk: Talk) -> None:
    told = talk("inform", Finding("severity", 4), in_form=False)
    told.events.append(SlotSet("next_step", "triage"))
    assert slots_set(told) == {}


def test_asking_about_agreeing_is_no_failed_answer(talk: Talk) -> None:
    asked = talk("nlu_fallback", Finding("consent_question", True), requested_slot="consent")
    assert not slots_set(asked).get("attempts")
