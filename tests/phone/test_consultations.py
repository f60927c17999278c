"""Whole consultations: digressions, relatives, doctors who explain, polarity, corrections."""

from __future__ import annotations

import pytest

from tests.phone.consultations import FOLDER, TRUE, counted, reviewed

MOST_WRONG, MOST_MISSED, MOST_UNDENIED = 6, 6, 18
"""What is still wrong in all of them; to be lowered."""


def test_of_every_consultation_it_is_told_what_is_true() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(TRUE)


@pytest.mark.parametrize("name", TRUE)
def test_no_sign_that_was_told_is_filed_as_denied(name: str) -> None:
    assert counted(name).denied_but_told == []


@pytest.mark.parametrize("name", TRUE)
def test_nothing_is_denied_that_nobody_denied(name: str) -> None:
    assert counted(name).wrongly_denied == []


@pytest.mark.parametrize("name", [name for name in TRUE if TRUE[name].get("signs")])
def test_every_danger_that_was_told_is_found_or_still_to_be_asked(name: str) -> None:
    found = reviewed(name)
    told = {code.value for code in (*found.facts.emergency_signs, *found.facts.health_conditions)}
    open_lines = {code for lines in found.unanswered.values() for code in lines}
    open_lines |= {code for lines in found.unasked.values() for code in lines}

    assert set(TRUE[name]["signs"]) <= told | open_lines


def test_no_more_is_wrong_or_missed_than_before() -> None:
    counts = [counted(name) for name in TRUE]

    assert sum(len(c.wrong) for c in counts) <= MOST_WRONG
    assert sum(len(c.missed) for c in counts) <= MOST_MISSED
    assert sum(len(c.undenied) for c in counts) <= MOST_UNDENIED
