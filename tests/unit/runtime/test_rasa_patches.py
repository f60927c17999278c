"""What is changed inside Rasa, and that it changes no behaviour."""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.slots import AnySlot, Slot

from backline.runtime import rasa_patches


@pytest.fixture(autouse=True)
def applied() -> None:
    rasa_patches.apply()


def policy_with(rule: list[dict[str, Any]]) -> SimpleNamespace:
    return _Policy({RULES: {json.dumps(rule): "action_listen"}})


class _Policy(SimpleNamespace):
    def __init__(self, lookup: dict[str, Any]) -> None:
        super().__init__(lookup=lookup)

    __hash__ = object.__hash__  # type: ignore[assignment]


def test_another_rasa_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa.__version__", "3.6.22")
    with pytest.raises(rasa_patches.UnknownRasa, match=r"3\.6\.21.*3\.6\.22"):
        rasa_patches.apply()


def test_without_rules_that_quote_a_message_none_is_looked_for() -> None:
    policy = policy_with([{"user": {"intent": "greet"}}])
    assert RulePolicy._find_action_from_rules(policy, None, None, True) == (None, None, False)


def test_a_rule_that_quotes_a_message_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ("action_listen", "rule", False)
    monkeypatch.setattr(rasa_patches, "_find_from_states", lambda *_: found)
    policy = policy_with([{"user": {"text": "hello there"}}])
    assert RulePolicy._find_action_from_rules(policy, None, None, True) == found


def test_a_copied_slot_is_equal_and_its_own() -> None:
    slot = AnySlot("age", mappings=[{}], initial_value=3)
    slot.value = 40
    copied = copy.copy(slot)
    assert (type(copied), copied.__dict__) == (type(slot), slot.__dict__)
    copied.value = 41
    assert slot.value == 40


def test_each_kind_of_slot_is_copied() -> None:
    for kind in Slot.__subclasses__():
        assert kind.__copy__ is Slot.__copy__
