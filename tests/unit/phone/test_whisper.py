"""What the clinic hears before a caller is connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from backline.dialogue import Conversation
from backline.facts import EmergencySign, Facts
from backline.persons import Pronoun, ThirdPerson
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.whisper import whisper
from backline.phone.events import AfterPrompt
from backline.phone.text.verbalize import spoken
from tests.unit.phone.pure_call import PureCall

WORDS_IN_TEN_SECONDS = 27
AGREED = Conversation(Facts(age=67, pain_severity=6, pain_duration=21.0), consent=True)
SOON = {"outcome": "doctor_first", "urgency": "soon"}
REFERENCE = "KF73ABCDEF"


def told(
    why: str, conversation: Conversation = AGREED, result: Mapping[str, Any] | None = None
) -> str:
    return whisper(CallState(handed=why), conversation, result, REFERENCE)


def test_who_calls_why_and_what_is_known_is_said_with_a_reference() -> None:
    assert told("connecting") == (
        "Back pain line. Wants a person. Caller is 67. Pain 6 of ten. For 21 days. "
        "Reference begins K F 7 3."
    )


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("give_up", "Was not heard well."),
        ("alarm", "May have a danger sign, not settled."),
        ("emergency", "Was told to call an ambulance."),
        ("crisis", "Told of thoughts of ending their life."),
        ("other_language", "May speak no English."),
        ("offered", "Wants to book or talk."),
        ("", "Our assistant broke off."),
    ],
)
def test_it_says_why_the_caller_is_connected(why: str, words: str) -> None:
    assert words in told(why)


def test_a_danger_sign_is_named_before_anything_else_that_is_known() -> None:
    signs = frozenset({EmergencySign.SADDLE_NUMBNESS})
    conversation = replace(AGREED, facts=replace(AGREED.facts, emergency_signs=signs))
    heard = told("emergency", conversation)
    assert "Told: saddle numbness." in heard
    assert "Pain" not in heard.removeprefix("Back pain line.")


def test_the_result_is_said_where_there_is_one() -> None:
    assert "Result: doctor first." in told("offered", result=SOON)


def test_it_says_who_speaks_for_somebody_else() -> None:
    conversation = replace(AGREED, person=ThirdPerson(Pronoun.SHE, "gran"))
    assert "Caller speaks for somebody else." in told("connecting", conversation)


@pytest.mark.parametrize("consent", [None, False])
def test_nothing_is_told_of_who_did_not_agree(consent: bool | None) -> None:
    heard = told("connecting", replace(AGREED, consent=consent))
    assert heard == "Back pain line. Wants a person. Reference begins K F 7 3."


def test_where_nothing_is_known_it_is_said_that_the_assistant_broke_off() -> None:
    assert whisper(None, Conversation(), None, None) == "Back pain line. Our assistant broke off."


@pytest.mark.parametrize("why", ["connecting", "alarm", "emergency", "crisis", "give_up"])
@pytest.mark.parametrize("result", [None, SOON])
def test_it_takes_no_more_than_ten_seconds(why: str, result: Mapping[str, Any] | None) -> None:
    signs = frozenset(EmergencySign)
    facts = replace(AGREED.facts, age=101, pain_duration=4000.0)
    for known in (facts, replace(facts, emergency_signs=signs)):
        said = spoken(told(why, replace(AGREED, facts=known), result))
        assert len(said.split()) <= WORDS_IN_TEN_SECONDS + 4


def test_a_call_keeps_why_it_is_handed_over() -> None:
    call = PureCall().hears("yes").presses("0")
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.talk.handed == "connecting"


def test_a_call_keeps_that_it_is_handed_over_at_a_danger_sign() -> None:
    call = PureCall().hears("yes").doubts("my chest hurts").is_silent(2)
    assert call.last.then is AfterPrompt.TRANSFER
    assert call.talk.handed == "alarm"
