"""Who denies a whole list while it is not asked need not hear it."""

from __future__ import annotations

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EMERGENCY_LISTS, Facts, Finding, Slot, Status

NO_FEVER = Finding("health_condition", "fever", Status.ABSENT)
NOR_ANYTHING = Finding("denial", True)
NO_SPASM = Finding("spasm", True, Status.ABSENT)
NO_INJURY = Finding("injury", "injury", Status.ABSENT)


def checked(*told: Finding, asked: Slot | None = None) -> frozenset[Slot]:
    return update(Conversation(asked=asked), Understanding(told)).facts.checked


def test_no_fever_or_anything_like_that_closes_the_illnesses() -> None:
    assert checked(NO_FEVER, NOR_ANYTHING) == {Slot.HEALTH_CONDITIONS}


def test_no_injury_no_spasms_and_nothing_like_that_closes_the_back() -> None:
    assert checked(NO_INJURY, NO_SPASM, NOR_ANYTHING) == {Slot.BACK_SIGNS}


@pytest.mark.parametrize("told", [[NO_FEVER], [NOR_ANYTHING], [NO_SPASM, NOR_ANYTHING]])
def test_less_than_that_closes_nothing(told: list[Finding]) -> None:
    assert checked(*told) == frozenset()


def test_danger_signs_are_asked_for_in_any_case() -> None:
    no_sign = Finding("emergency_sign", "bladder_change", Status.ABSENT)
    assert not checked(no_sign, NO_FEVER, NOR_ANYTHING) & EMERGENCY_LISTS


def test_a_denial_of_the_list_that_is_asked_closes_that_one_alone() -> None:
    asked = Slot.EMERGENCY_SIGNS
    assert checked(NO_FEVER, NOR_ANYTHING, asked=asked) == {asked}


def test_nothing_is_closed_by_what_is_told_beside_it() -> None:
    after = update(Conversation(Facts()), Understanding([NO_FEVER, NOR_ANYTHING]))
    assert after.facts.health_conditions == frozenset()
