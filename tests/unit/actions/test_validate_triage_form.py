"""The form asks what is due, and leaves to the rules what asks for something else."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from actions.validate_triage_form import ValidateTriageForm
from backline.facts import Finding
from tests.unit.actions.conftest import Talk


def validated(tracker: Tracker) -> tuple[list[Any], list[str]]:
    dispatcher = CollectingDispatcher()
    events = asyncio.run(ValidateTriageForm().run(dispatcher, tracker, {}))
    return events, [message["response"] for message in dispatcher.messages]


def requested(events: list[Any]) -> Any:
    return next(event["value"] for event in events if event.get("name") == "requested_slot")


def test_it_is_what_rasa_runs_for_the_form() -> None:
    assert isinstance(ValidateTriageForm(), FormValidationAction)
    assert ValidateTriageForm().form_name() == "triage_form"


def test_consent_is_requested_first(talk: Talk) -> None:
    events, _ = validated(talk("inform", in_form=False))
    assert requested(events) == "consent"


def test_nothing_is_requested_once_an_emergency_is_known(talk: Talk) -> None:
    events, _ = validated(talk("inform", emergency_signs=["fainting"], requested_slot="age"))
    assert requested(events) is None


def test_what_asks_for_something_else_is_left_to_the_rules(talk: Talk) -> None:
    events, said = validated(talk("ask_cost", requested_slot="age", consent=True))
    assert [event["event"] for event in events] == ["action_execution_rejected"]
    assert said == []


def test_who_asks_about_agreeing_is_answered_and_asked_again(talk: Talk) -> None:
    asked = talk("inform", Finding("consent_question", True), requested_slot="consent")
    events, said = validated(asked)
    assert said == ["utter_why_consent"]
    assert requested(events) == "consent"
