"""Every line of a checklist, sent as it is shown, is understood as its own code."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml

from backline.dialogue import CHECKLIST_ITEMS, Conversation, Understanding, update
from backline.facts import EMERGENCY_LISTS, Facts, Slot
from backline.nlu import Understander
from backline.policy.checklists import codes_present, stands_for
from backline.replies import SKIP
from tests.conftest import PROJECT

DOMAIN = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
READER = Understander(lambda: dt.date(2026, 11, 23))


def options(slot: Slot) -> list[dict[str, Any]]:
    return DOMAIN["responses"][f"utter_ask_{slot.value}"][0]["custom"]["input"]["options"]


LINES = [
    (slot, option["value"], option["title"])
    for slot in CHECKLIST_ITEMS
    for option in options(slot)
    if option["value"] not in (SKIP, "none")
]


def heard(slot: Slot, text: str) -> Facts:
    asked = Conversation(asked=slot, consent=True)
    return update(asked, Understanding(READER.read(text))).facts


@pytest.mark.parametrize(("slot", "line", "title"), LINES)
def test_a_line_that_is_said_as_it_is_shown_is_understood(
    slot: Slot, line: str, title: str
) -> None:
    facts = heard(slot, title)
    assert slot in facts.checked
    assert stands_for(line) & codes_present(facts)


@pytest.mark.parametrize("slot", CHECKLIST_ITEMS)
def test_lines_stand_in_the_order_that_numbers_refer_to(slot: Slot) -> None:
    shown = [option["value"] for option in options(slot)]
    assert shown == [*CHECKLIST_ITEMS[slot], "none"]


@pytest.mark.parametrize("slot", CHECKLIST_ITEMS)
def test_none_of_these_leaves_the_checklist_empty(slot: Slot) -> None:
    facts = heard(slot, "None of these")
    assert slot in facts.checked
    assert not codes_present(facts)


def test_a_line_of_the_conditions_does_not_raise_an_emergency() -> None:
    for slot, _, title in LINES:
        if slot not in EMERGENCY_LISTS:
            assert not heard(slot, title).emergency_signs, title


def test_every_line_and_button_is_learned_as_telling_something() -> None:
    """A tap sends the title; taken for a question or a correction it would do something else."""
    titles = {
        option["title"]
        for variants in DOMAIN["responses"].values()
        for variant in variants
        for option in _input(variant).get("options", ())
        if _input(variant)["kind"] in ("choice", "duration", "multi_choice")
        and option["value"] != "none"
    }
    nlu = yaml.safe_load((PROJECT / "data" / "nlu" / "triage.yml").read_text(encoding="utf-8"))
    told = next(i["examples"] for i in nlu["nlu"] if i["intent"] == "inform").splitlines()
    assert titles <= {line.removeprefix("- ") for line in told}


def _input(variant: dict[str, Any]) -> dict[str, Any]:
    return dict((variant.get("custom") or {}).get("input") or {})
