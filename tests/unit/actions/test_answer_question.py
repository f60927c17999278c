"""What is asked in between is answered by the question that is open."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_question import ActionAnswerQuestion
from backline.facts import CHECKLISTS, Finding
from tests.conftest import PROJECT
from tests.unit.actions.conftest import Talk

DOMAIN: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
ABOUT_AGREEING = Finding("consent_question", True)


def answered(tracker: Tracker) -> tuple[dict[str, Any], list[Any]]:
    dispatcher = CollectingDispatcher()
    events = asyncio.run(ActionAnswerQuestion().run(dispatcher, tracker, DOMAIN))
    return dispatcher.messages[0], events


def test_a_line_of_the_open_list_is_explained_in_its_own_words(talk: Talk) -> None:
    asked = Finding("asked_line", 3)
    said, events = answered(talk("ask_explain", asked, requested_slot="emergency_signs"))
    assert said["response"] == "utter_explain_line"
    assert (said["number"], said["line"]) == (3, "Losing control of the bowels")
    assert events == []


def test_what_the_words_of_a_line_mean_is_told_beside_it(talk: Talk) -> None:
    dispatcher = CollectingDispatcher()
    tracker = talk(
        "ask_explain", Finding("asked_line", 5), consent=True, requested_slot="danger_signs"
    )
    asyncio.run(ActionAnswerQuestion().run(dispatcher, tracker, DOMAIN))
    line, meaning = dispatcher.messages
    assert line["line"] == "Fever with confusion or shivering fits"
    assert "hard shaking that you cannot stop" in meaning["words"]


@pytest.mark.parametrize("line", [6, 13, 29, -1])
def test_what_is_no_line_that_somebody_may_have_is_explained_by_the_question(
    talk: Talk, line: int
) -> None:
    asked = Finding("asked_line", line)
    said, _ = answered(talk("ask_explain", asked, requested_slot="emergency_signs"))
    assert said["response"] == "utter_why_emergency_signs"


def test_a_caller_hears_no_numbers_of_lines(talk: Talk) -> None:
    asked = Finding("asked_line", 3)
    said, _ = answered(
        talk("ask_explain", asked, requested_slot="emergency_signs", channel="phone")
    )
    assert said["response"] == "utter_why_emergency_signs"


def test_who_asks_about_agreeing_is_told_of_the_data(talk: Talk) -> None:
    said, _ = answered(talk("ask_diagnosis", ABOUT_AGREEING, requested_slot="consent"))
    assert said["response"] == "utter_why_consent"


def test_at_another_question_it_is_about_what_it_says(talk: Talk) -> None:
    said, _ = answered(talk("ask_diagnosis", ABOUT_AGREEING, requested_slot="age", consent=True))
    assert said["response"] == "utter_ask_diagnosis"


def test_what_was_not_understood_is_asked_again_in_other_words(talk: Talk) -> None:
    _, events = answered(talk("ask_explain", requested_slot="age", consent=True))
    assert [(e["name"], e["value"]) for e in events] == [("reworded", True)]


def written(tracker: Tracker) -> list[str]:
    dispatcher = CollectingDispatcher()
    asyncio.run(ActionAnswerQuestion().run(dispatcher, tracker, DOMAIN))
    return [message["words"] for message in dispatcher.messages]


OSTEOPOROSIS = {
    "consent": True,
    "answered": ["pain_severity"],
    "checked": sorted(CHECKLISTS),
    "health_conditions": ["osteoporosis"],
    "pain_severity": 4,
    "pain_duration": 10,
    "recent_injury": False,
    "massage_response": "none_yet",
    "muscle_spasm": False,
    "age": 70,
    "standing": "soon",
}


def asks_about(*names: str) -> list[Finding]:
    return [Finding("asked_about", name) for name in names]


def test_a_written_answer_gives_the_persons_own_reasons(talk: Talk) -> None:
    (words,) = written(talk("ask_other", *asks_about("is_it_serious"), **OSTEOPOROSIS))
    assert words.startswith("It may well not be dangerous")
    assert words.endswith("The reason is that you have thin bones.")


def test_each_question_of_a_message_has_its_answer(talk: Talk) -> None:
    said = written(talk("ask_other", *asks_about("heat_or_ice", "driving"), **OSTEOPOROSIS))
    assert len(said) == 2


def test_what_was_noted_is_said_back(talk: Talk) -> None:
    (words,) = written(talk("ask_other", *asks_about("what_was_noted"), **OSTEOPOROSIS))
    assert "pain of 4 out of 10" in words and "you have thin bones" in words


def test_a_strength_that_was_not_asked_for_is_said_back_without_a_number(talk: Talk) -> None:
    unasked = {**OSTEOPOROSIS, "answered": []}
    (words,) = written(talk("ask_other", *asks_about("what_was_noted"), **unasked))
    assert "moderate pain" in words and "4" not in words


def test_why_after_a_result_is_answered_by_its_reasons(talk: Talk) -> None:
    (words,) = written(talk("ask_why", in_form=False, **OSTEOPOROSIS))
    assert words.startswith("The reason is that you have thin bones.")


def test_how_many_massages_after_a_result_is_answered_by_its_plan(talk: Talk) -> None:
    known = {**OSTEOPOROSIS, "health_conditions": [], "standing": "none"}
    (words,) = written(talk("ask_sessions", in_form=False, **known))
    assert words.startswith("Start with massages by a specialist.")
    assert "spasm" not in words


def test_a_question_that_got_the_numbers_of_a_country_gets_no_other_answer(talk: Talk) -> None:
    asked = talk("out_of_scope", text="what number in Ireland?", in_form=False, **OSTEOPOROSIS)
    dispatcher = CollectingDispatcher()
    assert asyncio.run(ActionAnswerQuestion().run(dispatcher, asked, DOMAIN)) == []
    assert dispatcher.messages == []
