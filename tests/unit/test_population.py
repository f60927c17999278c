"""The simulated people of a clinic, on whom the policy is measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backline.facts import Outcome
from bench import population
from bench.people import Had, Person, load, people


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return {**load(), "size": 300}


@pytest.fixture(scope="module")
def reading(data: dict[str, Any]) -> dict[str, Any]:
    return dict(data["readings"][0])


WELL = Person(
    age=40, female=True, days=20, course="same", severity=4, severity_now=7, looseness=0.4
)
STRAIN = Had(new=True, course="better", examined=False, kind="strain")


def test_the_same_people_come_every_time(data: dict[str, Any]) -> None:
    assert list(people(data)) == list(people(data))


def test_everybody_gets_one_outcome(data: dict[str, Any]) -> None:
    for reading in data["readings"]:
        played = population.play(people(data), reading)
        assert played.people == data["size"]
        assert sum(played.rules.values()) == data["size"]


def test_every_share_is_one_and_has_a_source(data: dict[str, Any]) -> None:
    for row in [*data["features"], *data["disease"]]:
        assert 0 <= row["share"] <= 1, row
        assert row["source"], row
        shares = row.get("course", {"all": 1}).values()
        assert sum(shares) == pytest.approx(1), row


def test_only_people_who_take_words_loosely_name_a_milder_form() -> None:
    mild = Had(new=False, course="same", examined=True, milder=True)
    person = replace(WELL, features={"fever": mild})
    assert set(population.named(person, 0.5)) == {"fever"}
    assert set(population.named(person, 0.3)) == set()


def test_a_strain_that_eases_needs_no_doctor(reading: dict[str, Any]) -> None:
    person = replace(WELL, features={"recent_injury": STRAIN})
    assert population.play([person], reading).outcomes == {Outcome.MASSAGE.value: 1}
    person = replace(WELL, features={"recent_injury": replace(STRAIN, course="worse")})
    assert population.play([person], reading).outcomes == {Outcome.DOCTOR_FIRST.value: 1}


def test_a_disease_that_is_told_less_than_it_needs_is_counted(reading: dict[str, Any]) -> None:
    ill = replace(WELL, diseases={"sepsis": "emergency"})
    played = population.play([ill], reading)
    assert (played.ill["emergency"], played.below["emergency"]) == (1, 1)
