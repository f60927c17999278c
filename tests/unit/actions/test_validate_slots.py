"""After every message: what was understood becomes slots, in one step."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import ACTION_VALIDATE_SLOT_MAPPINGS, ValidationAction

from actions import review
from actions.ask_suspicion import ActionAskSuspicion
from actions.validate_slots import ValidateSlots
from backline.dialogue import Suspicion
from backline.dialogue.suspicions import KINDS
from backline.facts import CHECKLISTS, PARTED, Finding, HealthCondition
from backline.store import StoreUnavailable, SuspicionRecord, UnansweredQuestion
from tests.conftest import PROJECT
from tests.unit.actions.conftest import DOMAIN, Talk, done_by


def slots_set(tracker: Tracker) -> dict[str, Any]:
    events = asyncio.run(ValidateSlots().run(CollectingDispatcher(), tracker, DOMAIN))
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


def test_what_is_asked_beside_a_correction_is_answered(talk: Talk) -> None:
    said = [Finding("duration", 21.0), Finding("asked_about", "heat_or_ice")]
    known = {"consent": True, "pain_duration": 7.0, "requested_slot": "pain_severity"}
    done = done_by(ValidateSlots(), talk("correct_answer", *said, **known))
    assert done.said == ["utter_acknowledged", "utter_ask_other"]


SILENCE = {"event": "session_started"}
DONE = {
    "consent": True,
    "checked": sorted(CHECKLISTS - PARTED),
    "pain_severity": 4,
    "pain_duration": 10,
    "last_result": "{}",
}


def after_a_silence(tracker: Tracker) -> Tracker:
    tracker.events.insert(0, SILENCE)
    return tracker


def test_danger_signs_are_asked_for_again_after_a_long_silence(talk: Talk) -> None:
    told = talk("inform", Finding("location", "lower_back"), in_form=False, **DONE)
    assert "checked" not in slots_set(told)
    told = talk("inform", Finding("location", "lower_back"), in_form=False, **DONE)
    found = slots_set(after_a_silence(told))
    assert found["checked"] == ["back_signs", "health_conditions"]
    assert found["pain_severity"] is None
    assert found["next_step"] == "triage"


def test_a_result_keeps_praise_of_massages_away_while_it_is_asked_for_again(talk: Talk) -> None:
    told = talk("ask_massage", in_form=False, **{**DONE, "pain_severity": 8, "standing": "soon"})
    found = slots_set(after_a_silence(told))
    assert found["pain_severity"] is None
    assert found["doctor_first"] == "soon"


@pytest.mark.parametrize(
    ("known", "doctor"),
    [
        ({"health_conditions": ["blood_thinners"]}, "soon"),
        ({"health_conditions": ["fever"], "standing": "soon"}, "urgent"),
        ({"emergency_signs": ["fainting"], "emergency_hold": "seen"}, "soon"),
    ],
)
def test_how_urgently_a_doctor_comes_first_is_noted(
    talk: Talk, known: dict[str, Any], doctor: str
) -> None:
    assert slots_set(talk("ask_massage", consent=True, **known))["doctor_first"] == doctor


def test_without_a_danger_no_doctor_comes_first(talk: Talk) -> None:
    told = talk("ask_massage", consent=True, doctor_first="soon")
    assert slots_set(told)["doctor_first"] is None


def test_only_the_first_message_after_a_silence_opens_them(talk: Talk) -> None:
    told = talk("inform", Finding("location", "lower_back"), in_form=False, **DONE)
    told.events.insert(0, told.events[-1])
    assert "checked" not in slots_set(after_a_silence(told))


def test_who_only_thanks_after_a_silence_is_asked_nothing(talk: Talk) -> None:
    found = slots_set(after_a_silence(talk("thanks", in_form=False, **DONE)))
    assert found["next_step"] == "rest"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("now it's about my wife", "ask"),
        ("this time my left side hurts", "triage"),
    ],
)
def test_who_turns_to_another_patient_is_asked_back(talk: Talk, text: str, step: str) -> None:
    assert slots_set(talk("inform", text=text, pain_duration=10))["next_step"] == step


def suspected(answer: str | None = None) -> dict[str, Any]:
    told = Suspicion(HealthCondition.BLEEDING, "loss of blood", "there was loss of blood", 0.9, "x")
    return {**told.to_json(), "answer": answer}


class Kept:
    """Stands for the store: what was kept for review."""

    def __init__(self, error: Exception | None = None) -> None:
        self.suspicions = self.unanswered_questions = self
        self.error = error
        self.records: list[Any] = []

    def add(self, record: SuspicionRecord | UnansweredQuestion, channel: str) -> None:
        if self.error:
            raise self.error
        self.records.append(record)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    made = Kept()
    monkeypatch.setattr(review, "open_store", lambda: made)
    return made


def test_a_suspicion_waits_in_the_slots_and_is_asked_about(talk: Talk, kept: Kept) -> None:
    found = slots_set(talk("inform", Finding("suspicion", suspected()), in_form=False))
    assert found["suspicions"] == [suspected()]
    assert found["next_step"] == "triage"
    assert kept.records == []


def asked(talk: Talk, answer: str, **slots: Any) -> Tracker:
    known = {"consent": True, "requested_slot": "suspicion", "suspicions": [suspected()], **slots}
    return talk("deny", Finding("answer", answer), **known)


def test_a_suspicion_that_was_answered_is_kept_for_review(talk: Talk, kept: Kept) -> None:
    found = slots_set(asked(talk, "no"))
    assert found["suspicions"] == [suspected("no")]
    (record,) = kept.records
    assert (record.code, record.answer) == ("bleeding", "no")
    assert (record.quote, record.clause) == ("loss of blood", "there was loss of blood")


HURT = Suspicion(HealthCondition.VIOLENCE, "he has a temper", "he has a temper", 0.9, "x").to_json()


@pytest.mark.parametrize(
    ("age", "number"), [(40, "utter_violence_denied"), (14, "utter_violence_denied_by_a_child")]
)
def test_who_says_that_nobody_hurts_them_knows_whom_to_call_all_the_same(
    talk: Talk, kept: Kept, age: int, number: str
) -> None:
    known = {"consent": True, "requested_slot": "suspicion", "suspicions": [HURT], "age": age}
    assert number in done_by(ValidateSlots(), talk("deny", Finding("answer", "no"), **known)).said


def test_who_denies_another_suspicion_is_told_no_number(talk: Talk, kept: Kept) -> None:
    assert done_by(ValidateSlots(), asked(talk, "no")).said == []


def test_nothing_is_kept_of_who_did_not_agree(talk: Talk, kept: Kept) -> None:
    slots_set(asked(talk, "no", consent=False))
    assert kept.records == []


def test_a_store_that_does_not_answer_holds_up_no_triage(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "open_store", lambda: Kept(StoreUnavailable("away")))
    assert slots_set(asked(talk, "no"))["suspicions"] == [suspected("no")]


QUESTION = "do you sell vouchers?"


@pytest.mark.parametrize("intent", ["out_of_scope", "nlu_fallback"])
def test_a_question_that_nothing_answers_is_kept_for_the_clinic(
    talk: Talk, kept: Kept, intent: str
) -> None:
    slots_set(talk(intent, text=QUESTION, consent=True))
    (record,) = kept.records
    assert (record.question, record.after_result) == (QUESTION, False)


def test_of_one_after_a_result_that_is_kept_too(talk: Talk, kept: Kept) -> None:
    slots_set(talk("out_of_scope", text=QUESTION, in_form=False, **DONE))
    assert [record.after_result for record in kept.records] == [True]


def test_no_question_is_kept_of_who_has_not_agreed(talk: Talk, kept: Kept) -> None:
    slots_set(talk("out_of_scope", text=QUESTION))
    slots_set(talk("out_of_scope", text=QUESTION, consent=False))
    assert kept.records == []


def test_what_is_answered_or_asks_nothing_is_not_kept(talk: Talk, kept: Kept) -> None:
    known = Finding("asked_about", "heat_or_ice")
    slots_set(talk("ask_other", known, text="ice or heat?", consent=True))
    slots_set(talk("ask_cost", text="how much is it?", consent=True))
    slots_set(talk("nlu_fallback", text="hm whatever", consent=True))
    assert kept.records == []


def test_a_question_that_cannot_be_kept_holds_up_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "open_store", lambda: Kept(StoreUnavailable("away")))
    assert slots_set(talk("out_of_scope", text=QUESTION, consent=True))["next_step"] == "triage"


def test_the_question_quotes_the_person_and_is_worded_by_its_kind(talk: Talk) -> None:
    dispatcher = CollectingDispatcher()
    tracker = talk("inform", consent=True, suspicions=[suspected()])
    asyncio.run(ActionAskSuspicion().run(dispatcher, tracker, {}))
    (said,) = dispatcher.messages
    assert said["response"] == "utter_ask_suspicion_bleeding"
    assert said["quote"] == "loss of blood"


def test_every_kind_of_suspicion_has_its_question() -> None:
    responses = yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))["responses"]
    for name in ("utter_ask_suspicion", *(f"utter_ask_suspicion_{kind}" for kind in KINDS)):
        for variant in responses[name]:
            assert "{quote}" in variant["text"]
            assert variant["custom"]["slot"] == "suspicion"


def test_who_names_their_country_is_told_its_number_before_the_next_question(talk: Talk) -> None:
    told = talk("inform", text="000? I'm in Leeds, it's 999 here", requested_slot="consent")
    done = done_by(ValidateSlots(), told)
    assert done.said == ["utter_number_there"]
    assert (done.messages[0]["there"], done.messages[0]["number"]) == (
        "In the United Kingdom",
        "999",
    )
    assert done.slots["whereabouts"] == {"code": "GB", "sure": True, "named": True}


def test_who_comes_from_another_country_is_told_for_the_case_that_they_are_there(
    talk: Talk,
) -> None:
    told = talk("inform", text="I'm Maureen, from Leeds", requested_slot="consent")
    done = done_by(ValidateSlots(), told)
    assert done.messages[0]["there"] == "If you are in the United Kingdom now,"


def test_the_same_place_is_told_its_number_once(talk: Talk) -> None:
    known = {"whereabouts": {"code": "ZA", "sure": True, "named": True}, "requested_slot": "age"}
    again = talk("inform", text="it is hot in Durban", consent=True, **known)
    assert done_by(ValidateSlots(), again).said == []


def test_who_says_only_that_a_number_is_wrong_is_told_those_of_other_countries(talk: Talk) -> None:
    told = talk("inform", text="that number does not work here", requested_slot="consent")
    done = done_by(ValidateSlots(), told)
    assert done.said == ["utter_numbers_elsewhere"]
    assert done.messages[0]["home"] == "Australia"
    assert "10177 in South Africa" in done.messages[0]["numbers"]


def test_who_is_in_the_clinics_country_is_told_no_number(talk: Talk) -> None:
    told = talk("inform", text="I am in Sydney", requested_slot="consent")
    assert done_by(ValidateSlots(), told).said == []


def test_a_caller_keeps_the_numbers_of_the_country_that_was_dialled(talk: Talk) -> None:
    told = talk("inform", text="I am in London", channel="phone", requested_slot="consent")
    assert "whereabouts" not in slots_set(told)


def test_who_is_there_for_sure_is_not_asked_again_whether_they_are(talk: Talk) -> None:
    known = {"whereabouts": {"code": "ZA", "sure": True, "named": True}, "requested_slot": "age"}
    told = talk("inform", text="47, from Durban", consent=True, **known)
    assert done_by(ValidateSlots(), told).said == []
