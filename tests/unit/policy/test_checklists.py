"""The lists that are asked: what a line stands for, and what waits for one that was ticked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import yaml

from backline.facts import (
    CHECKLISTS,
    PARTED,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    Slot,
    Urgency,
)
from backline.policy import Undecided, decide, open_slots
from backline.policy.checklists import CODES, LISTS, told_apart
from backline.replies import SKIP
from tests.conftest import PROJECT
from tests.plain import PLAIN_FACTS, with_the_worst

DOMAIN: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
ASKED_OF_ALL = CHECKLISTS - PARTED
OWN_FACTS = {"recent_injury", "leg_below_knee", "muscle_spasm"}
"""Lines that are neither signs nor conditions."""
TOLD_ONLY = {"leg_collapse", "overdose", "other_emergency", "pregnancy_pain_or_bleeding"}
"""Codes that count when they are told; no list asks for them."""
PLAIN = replace(PLAIN_FACTS, checked=ASKED_OF_ALL)
LINES = sorted(PARTED)
OTHERWISE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "severe pain": {"pain_severity": 8},
    "an injury": {"recent_injury": True},
    "an old age": {"age": 72, "sudden_pain": True, "first_pain": True},
    "pain at night": {"health_conditions": frozenset({HealthCondition.NIGHT_PAIN})},
}
"""What else may be known of somebody."""


def ticked(line: Slot, facts: Facts = PLAIN) -> Facts:
    return replace(facts, parted=facts.parted | {line})


def with_code(facts: Facts, code: str) -> Facts:
    if code == "leg_below_knee":
        return replace(facts, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
    known = facts.health_conditions | {HealthCondition(code)}
    return replace(facts, health_conditions=known)


def urgency_of(facts: Facts) -> Urgency:
    return decide(with_the_worst(facts)).urgency


# ---- Lists and lines ----------------------------------------------------------------------------


def test_each_code_is_asked_for_by_exactly_one_list() -> None:
    asked = Counter(code for slot in ASKED_OF_ALL for code in CODES[slot])
    assert set(asked.values()) == {1}
    codes = {code.value for kind in (EmergencySign, HealthCondition) for code in kind}
    assert asked.keys() == (codes | OWN_FACTS) - TOLD_ONLY


def test_each_line_stands_in_exactly_one_list() -> None:
    lines = Counter(line for of_list in LISTS.values() for line in of_list)
    assert set(lines.values()) == {1}
    assert {slot.value for slot in PARTED} <= lines.keys()


def test_what_nobody_needs_to_say_stands_for_nothing() -> None:
    assert SKIP in LISTS[Slot.SAFETY]
    assert CODES[Slot.SAFETY] == {"self_harm", "violence"}


def markers() -> list[tuple[Slot, dict[str, Any]]]:
    """The marker of every wording of every list."""
    return [
        (slot, variant["custom"])
        for slot in LISTS
        for variant in DOMAIN["responses"][f"utter_ask_{slot.value}"]
    ]


def test_the_domain_shows_the_lines_of_each_list_and_none_of_these() -> None:
    for slot, marker in markers():
        shown = [option["value"] for option in marker["input"]["options"]]
        assert shown == [*LISTS[slot], "none"]


def test_the_domain_tells_what_a_line_stands_for() -> None:
    told = {
        option["value"]: option["codes"]
        for _, marker in markers()
        for option in marker["input"]["options"]
        if "codes" in option
    }
    assert {line: sorted(codes) for line, codes in told.items()} == {
        line.value: sorted(CODES[line]) for line in PARTED
    }


def test_a_list_is_named_by_its_group_where_its_slot_has_several() -> None:
    for slot, marker in markers():
        assert marker.get("group", marker["slot"]) == slot.value


# ---- A line that stands for several things ------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_a_ticked_line_is_told_apart_before_anything_is_decided(line: Slot) -> None:
    assert open_slots(ticked(line)) == {line}
    with pytest.raises(Undecided):
        decide(ticked(line))


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_was_not_ticked_is_not_asked_about(line: Slot) -> None:
    assert line not in open_slots(PLAIN)
    assert line not in open_slots(Facts())


@pytest.mark.parametrize("line", LINES)
def test_a_ticked_line_is_not_told_apart_where_it_changes_nothing(line: Slot) -> None:
    sign = frozenset({EmergencySign.SADDLE_NUMBNESS})
    assert open_slots(replace(ticked(line), emergency_signs=sign)) == frozenset()
    fever = frozenset({HealthCondition.FEVER})
    assert open_slots(replace(ticked(line), health_conditions=fever)) == frozenset()


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_was_told_apart_is_asked_about_no_more(line: Slot) -> None:
    answered = replace(ticked(line), checked=ASKED_OF_ALL | {line})
    assert decide(answered).rule == decide(PLAIN).rule


@pytest.mark.parametrize("line", LINES)
def test_a_part_that_was_told_settles_its_line(line: Slot) -> None:
    for code in sorted(CODES[line]):
        known = told_apart(with_code(ticked(line), code))
        assert line in known.checked, code
        assert line not in open_slots(known)


def test_a_part_of_another_line_settles_nothing() -> None:
    known = told_apart(with_code(ticked(Slot.MEDICINES), "pregnancy"))
    assert Slot.MEDICINES not in known.checked


@pytest.mark.parametrize("otherwise", OTHERWISE.values(), ids=OTHERWISE.keys())
@pytest.mark.parametrize("line", LINES)
def test_what_nobody_could_tell_apart_is_as_urgent_as_the_worst_of_it(
    line: Slot, otherwise: dict[str, Any]
) -> None:
    facts = replace(PLAIN, **otherwise)
    unclear = replace(ticked(line, facts), given_up=frozenset({line}))
    worst = max(urgency_of(with_code(facts, code)).rank for code in CODES[line])
    assert urgency_of(unclear).rank >= max(worst, Urgency.SOON.rank)


@pytest.mark.parametrize("line", LINES)
def test_that_nobody_could_tell_it_apart_is_a_reason(line: Slot) -> None:
    unclear = replace(ticked(line), given_up=frozenset({line}))
    assert f"unknown_{line.value}" in {r.code for r in decide(with_the_worst(unclear)).reasons}
