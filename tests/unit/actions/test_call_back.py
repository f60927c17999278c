"""Being called back: offered, arranged by a message with a number, never waited for in danger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actions import call_back, dependencies
from actions.answer_emergency import ActionAnswerEmergency
from actions.answer_question import ActionAnswerQuestion
from actions.triage_result import ActionTriageResult
from actions.validate_slots import ValidateSlots
from backline.dialogue import Conversation, Hold, NextStep
from backline.facts import EmergencySign, Facts, Finding
from backline.store import By, Store, StoreUnavailable, WhomToCall, create_store
from tests.desk.people import NOW
from tests.unit.actions.conftest import Done, Talk, done_by

TOM = "My name is Tom, number 0400 123 456, please call me"
NUMBER = "+61400123456"
WHO = "ada"
"""The conversation of the trackers here."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    monkeypatch.setattr(call_back, "open_store", lambda: made)
    yield made
    made.close()


def heard(talk: Talk, text: str, *findings: Finding, intent: str = "inform", **slots: Any) -> Done:
    return done_by(ValidateSlots(), talk(intent, *findings, text=text, **slots))


def to_call(store: Store) -> WhomToCall | None:
    return store.call_backs.show(WHO, By("Robin", "test", NOW))


def test_who_wants_a_person_is_offered_a_call(talk: Talk, store: Store) -> None:
    done = done_by(ActionAnswerQuestion(), talk("human_handoff", text="I want a person"))
    assert done.said == ["utter_human_handoff", "utter_call_back_offer"]
    assert done.slots["call_back"] == "offered"


def test_who_calls_is_put_through_instead(talk: Talk, store: Store) -> None:
    tracker = talk("human_handoff", text=TOM, channel="phone")
    assert done_by(ActionAnswerQuestion(), tracker).said == ["utter_human_handoff"]
    assert done_by(ValidateSlots(), tracker).said == []
    assert not store.call_backs.waits(WHO)


def test_a_number_that_is_sent_after_the_offer_is_called(talk: Talk, store: Store) -> None:
    done = heard(talk, "Tom 0400 123 456", call_back="offered")
    assert done.said == ["utter_call_back_arranged", "utter_call_back_kept"]
    assert (done.messages[0]["name"], done.messages[0]["ending"]) == (", Tom", "456")
    assert done.slots["next_step"] == NextStep.CALL_BACK.value
    assert to_call(store) == WhomToCall("Tom", NUMBER)


def test_who_gives_it_unasked_and_wants_a_call_is_called(talk: Talk, store: Store) -> None:
    assert "utter_call_back_arranged" in heard(talk, TOM, intent="human_handoff").said
    assert to_call(store) == WhomToCall("Tom", NUMBER)


def test_a_number_that_nobody_asked_for_is_none_to_call(talk: Talk, store: Store) -> None:
    assert "utter_call_back_arranged" not in heard(talk, "the hospital gave me 0400 123 456").said
    assert not store.call_backs.waits(WHO)


def test_its_digits_and_a_yes_answer_no_question(talk: Talk, store: Store) -> None:
    yes, number = (
        Finding("answer", "yes", start=0, end=3),
        Finding("age", 56, start=22, end=24),
    )
    severe = Finding("severity", 7, start=40, end=44)
    done = heard(
        talk,
        "yes please, 0400 123 456, my pain is at 7/10",
        *(yes, number, severe),
        call_back="offered",
        requested_slot="consent",
    )
    assert done.conversation.consent is None
    facts = done.conversation.facts
    assert (facts.pain_severity, facts.age) == (7, None)


def test_without_a_name_it_is_asked_for_and_told_later(talk: Talk, store: Store) -> None:
    assert "utter_call_back_ask_name" in heard(talk, "0400 123 456", call_back="offered").said
    done = heard(talk, "my name is Tom", call_back="arranged")
    assert done.said == ["utter_call_back_named"]
    assert to_call(store) == WhomToCall("Tom", NUMBER)


def test_what_is_no_number_is_asked_for_again(talk: Talk, store: Store) -> None:
    done = heard(talk, "Tom, 0400 123 45", call_back="offered")
    assert done.said == ["utter_call_back_which_number"]
    assert done.slots["call_back"] == "offered"
    assert not store.call_backs.waits(WHO)


@pytest.mark.parametrize("text", ["since 01/12/2026", "7", "for 3 weeks", "12.11.2025"])
def test_after_the_offer_questions_are_answered_as_ever(
    talk: Talk, store: Store, text: str
) -> None:
    said = heard(talk, text, call_back="offered").said
    assert [name for name in said if name.startswith("utter_call_back")] == []


@pytest.mark.parametrize("channel", ["whatsapp", "twilio"])
def test_where_the_number_is_known_the_wish_is_enough(
    talk: Talk, store: Store, channel: str
) -> None:
    wish = {"intent": "human_handoff", "channel": channel}
    assert "utter_call_back_arranged_here" not in heard(talk, "call me", **wish).said
    done = heard(talk, "call me, my name is Tom", call_back="offered", **wish)
    assert done.said == ["utter_call_back_arranged_here", "utter_call_back_kept"]
    assert store.call_backs.waits(WHO)


def test_who_asks_when_they_are_called_hears_that_they_are(talk: Talk, store: Store) -> None:
    heard(talk, TOM)
    tracker = talk("human_handoff", text="will somebody ring me?", call_back="arranged")
    said = done_by(ActionAnswerQuestion(), tracker).said
    assert said == ["utter_human_handoff", "utter_call_back_waits"]


def test_in_an_emergency_the_call_to_make_is_said_first(talk: Talk, store: Store) -> None:
    facts = Facts(emergency_signs=frozenset({EmergencySign.SADDLE_NUMBNESS}))
    standing = Conversation(facts=facts, consent=True, hold=Hold.TOLD).to_slots()
    tracker = talk("human_handoff", text=TOM, in_form=False, **standing)
    assert done_by(ValidateSlots(), tracker).said == []
    done = done_by(ActionAnswerEmergency(), tracker)
    assert done.said == ["utter_result_emergency", "utter_call_back_arranged_danger"]
    assert to_call(store) == WhomToCall("Tom", NUMBER)


def test_who_tells_a_danger_sign_beside_the_number_hears_of_that_first(
    talk: Talk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.triage_result.open_store", lambda: store)
    sign = Finding("emergency_sign", "saddle_numbness", start=60, end=70)
    text = f"{TOM}, I cannot feel it when I wipe"
    first = heard(talk, text, sign, consent=True)
    assert first.said == [] and first.slots["next_step"] == NextStep.TRIAGE.value
    result = done_by(ActionTriageResult(), talk("inform", text=text, **first.slots))
    assert result.said == ["utter_result_emergency", "utter_call_back_arranged_danger"]
    assert to_call(store) == WhomToCall("Tom", NUMBER)


def test_where_safety_questions_stay_open_a_call_is_offered(
    talk: Talk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.triage_result.open_store", lambda: store)
    slots = {"consent": True, "given_up": ["emergency_signs", "danger_signs", "safety"]}
    done = done_by(ActionTriageResult(), talk("dont_know", text="no idea", **slots))
    assert done.said[0] == "utter_result_urgent" and done.said[-1] == "utter_call_back_offer"
    assert done.slots["call_back"] == "offered"


def test_where_it_cannot_be_kept_they_are_told_whom_to_call(
    talk: Talk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.call_backs, "ask", away)
    assert heard(talk, TOM).said == ["utter_call_back_trouble"]


def test_actions_use_the_store_of_their_process() -> None:
    assert call_back.open_store is dependencies.open_store
