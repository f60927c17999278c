"""What no list asks for and what counts when it is told."""

from __future__ import annotations

import pytest

from backline.dialogue.questions import CHECKLIST_ITEMS, VOLUNTEERED_ONLY
from backline.facts import EmergencySign, HealthCondition, Slot

ALL = {code.value for kind in (EmergencySign, HealthCondition) for code in kind}
SHOWN = {line for lines in CHECKLIST_ITEMS.values() for line in lines}
MOST_LINES = 5
"""As many as are read in one breath."""
TOLD_BESIDE_A_LINE = {"settled_illness"}
"""Told in words where "another illness" is asked about, and never ticked."""


def test_what_is_only_volunteered_stands_in_no_list() -> None:
    assert not {code.value for code in VOLUNTEERED_ONLY} & SHOWN


def test_every_other_code_stands_in_a_list() -> None:
    assert {code.value for code in VOLUNTEERED_ONLY} == ALL - SHOWN - TOLD_BESIDE_A_LINE


@pytest.mark.parametrize("asked", CHECKLIST_ITEMS)
def test_no_list_has_more_lines_than_are_read_in_one_breath(asked: Slot) -> None:
    assert 2 <= len(CHECKLIST_ITEMS[asked]) <= MOST_LINES
