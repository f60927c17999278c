"""What was told comes back before the next question."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.acknowledge import UNNAMED, named
from actions.validate_slots import ValidateSlots
from actions.wording import Wording
from backline.facts import Facts, Finding, HealthCondition, Location, MassageResponse
from tests.unit.actions.conftest import DOMAIN, Talk, done_by

WORDS = Wording(DOMAIN)
THREE_WEEKS, FOUR = Finding("duration", 21.0), Finding("severity", 4)
THINNERS = Finding("health_condition", "blood_thinners")


def acknowledged(tracker: Tracker) -> str | None:
    said = done_by(ValidateSlots(), tracker).messages
    return next((m["words"] for m in said if m["response"] == "utter_acknowledged"), None)


def known(**facts: Any) -> dict[str, Any]:
    return {"consent": True, "pain_location": "lower_back", **facts}


def test_a_first_message_is_answered_by_what_was_understood_of_it(talk: Talk) -> None:
    words = acknowledged(talk("inform", THREE_WEEKS, FOUR, THINNERS, in_form=False))
    assert words is not None
    assert words.startswith("I am sorry that your back hurts. So far I have understood:")
    assert "for about 3 weeks, pain of 4 out of 10 and you take blood thinners" in words


def test_a_strength_in_words_is_said_back_without_a_number(talk: Talk) -> None:
    killing = Finding("severity", 10, source="quantities:killing me")
    words = acknowledged(talk("inform", killing, in_form=False))
    assert words is not None
    assert "severe pain" in words and "10" not in words


def test_a_first_message_that_tells_no_fact_is_met_all_the_same(talk: Talk) -> None:
    assert acknowledged(talk("inform", in_form=False)) == "I am sorry that your back hurts."


@pytest.mark.parametrize("intent", ["greet", "ask_cost", "affirm", "nlu_fallback"])
def test_what_tells_of_no_back_is_not_met_with_pity(talk: Talk, intent: str) -> None:
    assert acknowledged(talk(intent, in_form=False)) is None


def test_the_answer_to_a_question_is_not_said_back(talk: Talk) -> None:
    assert acknowledged(talk("inform", FOUR, requested_slot="pain_severity", **known())) is None


def test_what_is_told_beside_an_answer_is_said_back(talk: Talk) -> None:
    told = talk("inform", FOUR, THREE_WEEKS, requested_slot="pain_severity", **known())
    assert acknowledged(told) == "I have noted, too: for about 3 weeks."


def test_a_line_that_was_ticked_is_said_back(talk: Talk) -> None:
    open_list = {"requested_slot": "health_conditions", "checked": ["emergency_signs"]}
    told = talk("inform", Finding("pick", 24), **known(**open_list))
    assert acknowledged(told) == "I have noted, too: you have epilepsy."


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "I have noted, too: after an injury in the last 6 weeks."),
        (5, "I have noted, too: with spasms."),
        (6, None),
    ],
)
def test_of_the_list_about_the_back_only_what_was_ticked_is_said_back(
    talk: Talk, number: int, words: str | None
) -> None:
    told = talk("inform", Finding("pick", number), requested_slot="back_signs", **known())
    assert acknowledged(told) == words


def test_a_line_that_stands_for_several_things_is_not_said_back(talk: Talk) -> None:
    told = talk("inform", Finding("pick", 4), requested_slot="health_conditions", **known())
    assert acknowledged(told) is None


def test_a_correction_is_said_back_with_its_new_value(talk: Talk) -> None:
    before = known(pain_duration=7.0, requested_slot="pain_severity")
    told = talk("correct_answer", THREE_WEEKS, **before)
    assert acknowledged(told) == "All right, I have changed that: for about 3 weeks."


def test_nothing_stands_before_an_emergency(talk: Talk) -> None:
    sign = Finding("emergency_sign", "saddle_numbness")
    assert acknowledged(talk("inform", sign, THREE_WEEKS, in_form=False)) is None


def test_who_is_hurt_by_somebody_reads_nothing_of_it_twice(talk: Talk) -> None:
    violence = Finding("health_condition", "violence")
    done = done_by(ValidateSlots(), talk("inform", violence, THREE_WEEKS, in_form=False))
    assert done.said == ["utter_violence_told"]


def test_a_caller_hears_each_answer_read_back_by_the_line_itself(talk: Talk) -> None:
    assert acknowledged(talk("inform", THREE_WEEKS, in_form=False, channel="phone")) is None


def test_a_feeling_is_met_in_half_a_sentence(talk: Talk) -> None:
    asked = known(requested_slot="pain_duration")
    told = talk("inform", THREE_WEEKS, text="three weeks and I'm fed up with it", **asked)
    assert acknowledged(told) == "I can hear how fed up you are with this."


def test_a_feeling_is_met_once(talk: Talk) -> None:
    told = talk("inform", text="I'm so fed up", requested_slot="age", **known())
    told.events.insert(0, {"event": "bot", "text": "I can hear how fed up you are with this."})
    assert acknowledged(told) is None


CHANGES = {
    "pain_location": list(Location),
    "pain_duration": [0.5, 1, 21, 800],
    "pain_severity": [0, 10],
    "recent_injury": [True, False],
    "massage_response": list(MassageResponse),
    "massage_sessions": [3],
    "age": [40],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in CHANGES.items() for v in vs])
def test_every_fact_has_words_to_be_said_back(name: str, value: Any) -> None:
    assert list(named(WORDS, Facts(), Facts(**{name: value}), frozenset()))


@pytest.mark.parametrize("code", sorted(HealthCondition))
def test_every_condition_has_words_to_be_said_back(code: HealthCondition) -> None:
    told = list(named(WORDS, Facts(), Facts(health_conditions=frozenset({code})), frozenset()))
    assert bool(told) == (code not in UNNAMED)
