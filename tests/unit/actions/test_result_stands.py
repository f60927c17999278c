"""Who tells something that changes nothing hears what was recommended before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.result_stands import ActionResultStands
from actions.validate_slots import ValidateSlots
from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, EmergencySign, Facts, Finding
from tests.plain import PLAIN_FACTS
from tests.unit.actions.conftest import Done, Talk, done_by

PLAINLY = replace(PLAIN_FACTS, checked=CHECKLISTS)


SOON = {
    **Conversation(facts=replace(PLAINLY, inflammation=True), consent=True).to_slots(),
    "standing": "soon",
}
"""Of somebody whom a doctor should see within days."""


def heard(talk: Talk, facts: Facts) -> Done:
    conversation = Conversation(facts=facts, consent=True)
    return done_by(ActionResultStands(), talk("inform", in_form=False, **conversation.to_slots()))


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({}, "massage"),
        ({"pain_duration": 200}, "combined"),
        ({"inflammation": True}, "doctor"),
        ({"recent_injury": True, "age": 70}, "today"),
    ],
)
def test_the_advice_is_that_of_the_result(talk: Talk, change: dict[str, Any], about: str) -> None:
    done = heard(talk, replace(PLAINLY, **change))
    assert done.said == ["utter_result_stands"]
    assert about in done.messages[0]["advice"]


def test_clients_get_the_result_again(talk: Talk) -> None:
    marker = heard(talk, PLAINLY).messages[0]["custom"]
    assert (marker["type"], marker["outcome"]) == ("triage_result", "massage")


def test_before_a_result_it_is_only_asked_whether_there_is_more(talk: Talk) -> None:
    assert heard(talk, Facts()).said == ["utter_anything_else"]


def test_an_emergency_has_an_answer_of_its_own(talk: Talk) -> None:
    signs = replace(PLAINLY, emergency_signs=frozenset({EmergencySign.FAINTING}))
    assert heard(talk, signs).said == ["utter_seen_since"]


def test_nothing_changes_by_it(talk: Talk) -> None:
    slots = Conversation(facts=PLAINLY, consent=True).to_slots()
    tracker = talk("inform", in_form=False, **slots)
    assert done_by(ActionResultStands(), tracker).slots == tracker.slots


def test_who_says_that_it_gets_worse_is_told_where_to_go(talk: Talk) -> None:
    worse = Finding("course", "worse")
    done = done_by(ActionResultStands(), talk("inform", worse, in_form=False, **SOON))
    assert done.said == ["utter_worse_soon"]


def test_a_question_without_an_answer_is_no_news(talk: Talk) -> None:
    asked = talk("inform", text="and what about my goldfish?", in_form=False, **SOON)
    assert done_by(ActionResultStands(), asked).said == ["utter_no_answer"]


def test_who_says_that_something_is_wrong_is_asked_what(talk: Talk) -> None:
    done = done_by(ActionResultStands(), talk("correct_answer", in_form=False, **SOON))
    assert done.said == ["utter_which_is_wrong"]


URGENT = {
    **Conversation(facts=replace(PLAINLY, recent_injury=True, age=70), consent=True).to_slots(),
    "standing": "urgent",
}
"""Of somebody whom a doctor should see today."""


def answered(tracker: Tracker) -> Done:
    """All that is said to a message: as it comes, and by what follows from it."""
    first, then = done_by(ValidateSlots(), tracker), done_by(ActionResultStands(), tracker)
    return Done(first.messages + then.messages, then.slots)


@pytest.mark.parametrize(
    "text",
    [
        "I asked Thursday. Can I wait until then, please tell yes or no",
        "Nothing is wrong. Only I am asking can I wait till Thursday",
        "is that so urgent, can it not wait until Monday?",
        "could I leave it till the weekend?",
        "can I take a painkiller and see how it is tomorrow?",
    ],
)
@pytest.mark.parametrize("intent", ["correct_answer", "inform"])
def test_who_asks_whether_it_can_wait_hears_a_plain_no(talk: Talk, text: str, intent: str) -> None:
    done = answered(talk(intent, text=text, in_form=False, **URGENT))
    assert done.said == ["utter_ask_other_urgent"]
    assert done.messages[0]["words"].startswith("No, it cannot wait")


def test_a_yes_or_no_that_is_asked_for_is_answered_as_it_comes(talk: Talk) -> None:
    asked = talk("nlu_fallback", text="Thursday ok, yes or no? can I wait", in_form=False, **URGENT)
    (message,) = done_by(ValidateSlots(), asked).messages
    assert message["words"].startswith("No, it cannot wait")


@pytest.mark.parametrize(
    "text", ["I should go to which doctor?", "do I go to the GP or where?", "what about my GP?"]
)
def test_who_asks_for_the_doctor_is_told_where_to_go(talk: Talk, text: str) -> None:
    done = answered(talk("correct_answer", text=text, in_form=False, **URGENT))
    assert done.messages[0]["words"].startswith("Your GP if there is time today")


def test_what_was_answered_as_it_came_is_not_said_twice(talk: Talk) -> None:
    found = Finding("asked_about", "can_it_wait")
    asked = talk("correct_answer", found, text="can it wait?", in_form=False, **URGENT)
    assert done_by(ActionResultStands(), asked).said == []


def test_who_asks_for_the_number_of_their_country_gets_no_second_answer(talk: Talk) -> None:
    asked = talk("nlu_fallback", text="which number in India?", in_form=False, **URGENT)
    assert done_by(ActionResultStands(), asked).said == []


def test_what_is_wrong_is_not_asked_twice_in_the_same_words(talk: Talk) -> None:
    conversation = Conversation(facts=PLAINLY, consent=True)
    tracker = talk("correct_answer", in_form=False, **conversation.to_slots())
    assert done_by(ActionResultStands(), tracker).said == ["utter_which_is_wrong"]
    tracker.events.append({"event": "bot", "metadata": {"utter_action": "utter_which_is_wrong"}})
    assert done_by(ActionResultStands(), tracker).said == ["utter_which_is_wrong_still"]
