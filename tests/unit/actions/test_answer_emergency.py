"""While an emergency stands: its call with the right number, then what was asked."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answer_emergency import ActionAnswerEmergency
from backline.dialogue import Conversation, Hold
from backline.facts import EmergencySign, Facts
from backline.nlu.components.emergency_talk import topic_of
from tests.unit.actions.conftest import Talk, done_by


def standing(sign: EmergencySign) -> dict[str, Any]:
    facts = Facts(emergency_signs=frozenset({sign}))
    return Conversation(facts=facts, consent=True, hold=Hold.TOLD).to_slots()


NUMB = standing(EmergencySign.SADDLE_NUMBNESS)
CRISIS = standing(EmergencySign.SELF_HARM)


def answered(talk: Talk, text: str, **slots: Any) -> dict[str, Any]:
    topic = topic_of(text)
    tracker = talk("inform", text=text, in_form=False, emergency_topic=topic, **slots)
    return done_by(ActionAnswerEmergency(), tracker).messages[0]


IN_DURBAN = {"whereabouts": {"code": "ZA", "sure": True, "named": True}}


@pytest.mark.parametrize(
    "text",
    [
        "So I must go to the hospital now? Which number in South Africa?",
        "000 it does not go through. I am in Durban South Africa!! Which number",
        "What is 000? I am in Durban",
        "Durban",
    ],
)
def test_who_names_a_country_hears_that_the_number_is_its_own(talk: Talk, text: str) -> None:
    said = answered(talk, text, **NUMB, **IN_DURBAN)
    assert "That is the number in South Africa." in said["answer"]
    assert "say" not in said["answer"]
    assert said["custom"]["number"] == "10177"


def test_what_is_asked_beside_it_is_answered_too(talk: Talk) -> None:
    said = answered(talk, "I'm in Bristol, can my husband drive me?", **NUMB)
    assert "the number in the United Kingdom" in said["answer"]
    assert "Do not drive yourself" in said["answer"]


def test_a_number_alone_is_confirmed_without_a_country(talk: Talk) -> None:
    said = answered(talk, "it's 911 here", **NUMB)
    assert said["answer"].startswith("That is the number where you are.")


@pytest.mark.parametrize(
    "text",
    ["that number does not work", "I'm abroad", "000 is not known in my country", "what is 000?"],
)
def test_who_names_no_country_hears_112_and_the_common_numbers(talk: Talk, text: str) -> None:
    said = answered(talk, text, **NUMB)
    assert "112" in said["answer"] and "999 in the United Kingdom" in said["answer"]
    assert "your country" in said["answer"]


def test_in_a_crisis_it_is_the_crisis_line_of_that_country(talk: Talk) -> None:
    where = {"whereabouts": {"code": "GB", "sure": True, "named": True}}
    said = answered(talk, "which number do I ring in england?", **CRISIS, **where)
    assert said["answer"] == "These are the numbers in the United Kingdom."
    assert said["custom"]["line"] == "116 123"


def test_where_no_crisis_line_is_known_the_emergency_number_is_dialled(talk: Talk) -> None:
    where = {"whereabouts": {"code": "PT", "sure": True, "named": True}}
    assert answered(talk, "I am in Portugal", **CRISIS, **where)["custom"]["line"] == "112"


def test_who_may_be_elsewhere_still_dials_the_clinics_number(talk: Talk) -> None:
    where = {"whereabouts": {"code": "GB", "sure": False, "named": True}}
    assert answered(talk, "ok", **NUMB, **where)["custom"]["number"] == "000"


@pytest.mark.parametrize(
    "text",
    [
        "we are in the car now, my wife is driving",
        "thanks, we're going",
        "in the taxi already",
        "he is taking me there",
        "on our way, cheers",
    ],
)
def test_who_goes_already_is_told_to_go_on(talk: Talk, text: str) -> None:
    said = answered(talk, text, **NUMB)
    assert "go on" in said["answer"] and "Do not drive yourself" in said["answer"]


def test_thanks_alone_are_met(talk: Talk) -> None:
    assert answered(talk, "thank you", **NUMB)["answer"].startswith("I am glad to help.")


@pytest.mark.parametrize(
    "text",
    [
        "is this serious, can I take a painkiller and come on Wednesday",
        "could I swallow two paracetamol and wait until the morning?",
        "what if I take a tablet and see how I am tomorrow",
        "can't I take something for the pain and book in on Friday",
    ],
)
def test_a_painkiller_and_waiting_gets_a_no_and_its_reason(talk: Talk, text: str) -> None:
    answer = answered(talk, text, **NUMB)["answer"]
    assert answer.startswith("No. A painkiller can hide it")


@pytest.mark.parametrize("text", ["is there a human?", "is anybody real there", "no human at all?"])
def test_who_asks_for_a_human_is_told_who_answers(talk: Talk, text: str) -> None:
    assert "people answer on that number" in answered(talk, text, **NUMB)["answer"]


def test_who_does_not_get_through_to_the_number_of_their_country_is_told_of_other_phones(
    talk: Talk,
) -> None:
    answer = answered(talk, "that number does not work", **NUMB, **IN_DURBAN)["answer"]
    assert answer.startswith("If your phone does not work")
