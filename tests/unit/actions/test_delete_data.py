"""Deleting takes what is stored and what is known."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from actions import delete_data
from actions.delete_data import ActionDeleteData
from backline.dialogue import Conversation, Hold, NextStep
from backline.facts import EmergencySign, Facts
from backline.store import StoreUnavailable
from tests.unit.actions.conftest import Done, Talk, done_by

TOLD = Conversation(facts=Facts(pain_duration=21), consent=True)


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    store = MagicMock()
    monkeypatch.setattr(delete_data, "open_store", lambda: store)
    return store


def deleted(talk: Talk, conversation: Conversation = TOLD) -> Done:
    slots = {**conversation.to_slots(), "last_result": "{}", "standing": "urgent"}
    return done_by(ActionDeleteData(), talk("affirm", **slots))


def in_emergency(sign: EmergencySign) -> Conversation:
    return Conversation(facts=Facts(emergency_signs=frozenset({sign})), hold=Hold.TOLD)


def test_what_is_stored_of_the_conversation_is_deleted(talk: Talk, store: MagicMock) -> None:
    deleted(talk)
    store.erase.assert_called_once_with("ada", unread=False)


def test_nothing_is_known_any_more_and_nobody_has_agreed(talk: Talk) -> None:
    assert deleted(talk).conversation == Conversation()


def test_no_result_stands_and_nothing_is_asked(talk: Talk) -> None:
    slots = deleted(talk).slots
    assert [slots[name] for name in ("last_result", "standing", "requested_slot")] == [None] * 3
    assert slots["next_step"] == NextStep.REST.value


def test_it_is_said_and_clients_are_told(talk: Talk) -> None:
    done = deleted(talk)
    assert done.said == ["utter_deleted"]
    assert done.messages[0]["custom"] == {"type": "deleted"}


@pytest.mark.parametrize(
    ("sign", "first"),
    [
        (EmergencySign.FAINTING, "utter_emergency_first"),
        (EmergencySign.SELF_HARM, "utter_crisis_first"),
    ],
)
def test_while_an_emergency_stands_its_call_comes_first(
    talk: Talk, sign: EmergencySign, first: str
) -> None:
    assert deleted(talk, in_emergency(sign)).said == [first, "utter_deleted"]


def test_where_nothing_could_be_deleted_nothing_changes(talk: Talk, store: MagicMock) -> None:
    store.erase.side_effect = StoreUnavailable("away")
    done = deleted(talk)
    assert done.said == ["utter_unavailable"]
    assert done.conversation == TOLD
