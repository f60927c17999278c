"""Where the clinic wants the policy signed first, nobody is recommended a massage without that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from actions import recommendation
from actions.recommendation import look_whether_signed, recommend
from actions.result_stands import ActionResultStands
from actions.triage_result import ActionTriageResult
from actions.validate_slots import ValidateSlots
from backline.dialogue import Conversation
from backline.facts import EmergencySign, Outcome, Urgency
from backline.settings import load_settings
from backline.store import By, Role, Store, StoreUnavailable, create_store
from tests.desk.browser import add_member
from tests.desk.people import NOW
from tests.unit.actions.conftest import DOMAIN, Talk, done_by
from tests.unit.actions.test_result_stands import PLAINLY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommendation, "_signed", recommendation._Signed())


@pytest.fixture
def wanted(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    """The clinic wants the policy signed."""
    settings = load_settings({})
    clinic = settings.clinic.copy(update={"massage_needs_signed_policy": True})
    theirs = settings.copy(update={"clinic": clinic})
    monkeypatch.setattr(recommendation, "settings", lambda: theirs)
    monkeypatch.setattr(recommendation, "open_store", lambda: store)
    monkeypatch.setattr("actions.triage_result.open_store", lambda: store)


def sign(store: Store) -> None:
    member = add_member(store, Role.CLINICIAN)
    store.policy_signatures.sign(member.id, "MED1", By("Robin", "test", NOW))


def outcome_now() -> Outcome:
    asyncio.run(look_whether_signed())
    return recommend(PLAINLY).outcome


def test_without_the_setting_the_policy_decides() -> None:
    assert outcome_now() is Outcome.MASSAGE


def test_unsigned_a_massage_is_withheld_and_signed_it_is_given(wanted: None, store: Store) -> None:
    assert outcome_now() is Outcome.DOCTOR_FIRST
    sign(store)
    with mock.patch.object(recommendation, "LOOKED_AT_EVERY_S", -1.0):
        assert outcome_now() is Outcome.MASSAGE


def test_before_anybody_has_looked_it_counts_as_unsigned(wanted: None, store: Store) -> None:
    sign(store)
    assert recommend(PLAINLY).outcome is Outcome.DOCTOR_FIRST


def test_while_the_store_is_away_it_is_as_it_was(
    wanted: None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(store)
    assert outcome_now() is Outcome.MASSAGE

    def state() -> None:
        raise StoreUnavailable("away")

    away = SimpleNamespace(policy_signatures=SimpleNamespace(state=state))
    monkeypatch.setattr(recommendation, "open_store", lambda: away)
    with mock.patch.object(recommendation, "LOOKED_AT_EVERY_S", -1.0):
        assert outcome_now() is Outcome.MASSAGE


def test_an_emergency_is_told_as_ever(wanted: None) -> None:
    facts = replace(PLAINLY, emergency_signs=frozenset({EmergencySign.FAINTING}))
    assert recommend(facts).urgency is Urgency.EMERGENCY


def decided(talk: Talk) -> object:
    conversation = Conversation(facts=PLAINLY, consent=True)
    return talk("inform", in_form=False, **conversation.to_slots())


def test_the_result_says_so_is_stored_so_and_is_no_new_one_at_the_next_message(
    wanted: None, talk: Talk, store: Store
) -> None:
    done = done_by(ActionTriageResult(), decided(talk))
    assert done.said[0] == "utter_result_soon"
    (words,) = DOMAIN["responses"]["utter_reason_policy_unsigned"]
    assert words["text"] in done.messages[0]["reasons"]
    (kept,) = store.cases.assessments("ada")
    assert (kept.outcome, kept.rules[0]) == ("doctor_first", "S1")
    after = talk("thank", in_form=False, **done.slots)
    assert done_by(ValidateSlots(), after).slots["next_step"] == "rest"


def test_who_asks_again_hears_the_same(wanted: None, talk: Talk) -> None:
    done = done_by(ActionResultStands(), decided(talk))
    assert done.messages[0]["custom"]["outcome"] == "doctor_first"
