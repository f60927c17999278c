"""What no list asks for and what counts when it is told."""

from __future__ import annotations

from backline.dialogue.questions import CHECKLIST_ITEMS, VOLUNTEERED_ONLY
from backline.facts import EmergencySign, HealthCondition, Slot

ALL = {code.value for kind in (EmergencySign, HealthCondition) for code in kind}
SHOWN = {line for lines in CHECKLIST_ITEMS.values() for line in lines}
EMERGENCY_LINES = 12


def test_what_is_only_volunteered_stands_in_no_list() -> None:
    assert not {code.value for code in VOLUNTEERED_ONLY} & SHOWN


def test_every_other_code_stands_in_a_list() -> None:
    assert {code.value for code in VOLUNTEERED_ONLY} == ALL - SHOWN


def test_the_emergency_list_keeps_its_length() -> None:
    assert len(CHECKLIST_ITEMS[Slot.EMERGENCY_SIGNS]) == EMERGENCY_LINES
