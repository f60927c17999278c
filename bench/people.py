"""Draws the people of `population.yml`, one by one and always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "population.yml"
CHRONIC_DAYS = 84
SEVERE_FROM = 7
SHORT_DAYS = 41
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Had:
    """One feature of a person.

    Attributes:
        new: new or changed in the last 4 weeks.
        course: worse, same or better.
        examined: a doctor has looked at it.
        milder: a milder, older or vaguer form, which only some people name when asked.
        kind: of an injury, how it happened; of massages, what they did.
        sessions: how many massages.
    """

    new: bool
    course: str
    examined: bool
    milder: bool = False
    kind: str = ""
    sessions: int = 0


@dataclass
class Person:
    """Somebody who writes to the clinic.

    Attributes:
        days: how long this bout has lasted.
        severity: 0-10, as it usually was in the last week.
        severity_now: 0-10, as it is now, or at the worst.
        looseness: 0-1, how loosely they take the words of a question; it is one trait of a person.
        diseases: the names of what they have, with the urgency that it needs.
    """

    age: int
    female: bool
    days: int
    course: str
    severity: int
    severity_now: int
    looseness: float
    features: dict[str, Had] = field(default_factory=dict)
    diseases: dict[str, str] = field(default_factory=dict)


def load() -> dict[str, Any]:
    """Read the shares.

    Raises:
        ValueError: shares that have to sum to 1 do not.
    """
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for name in ("age", "duration"):
        total = sum(band["share"] for band in data[name]["bands"])
        if abs(total - 1) > 1e-6:
            raise ValueError(f"{FILE.name}: the bands of {name} sum to {total:g}")
    return data


def people(data: Row) -> Iterator[Person]:
    """Draw as many people as `size` says, the same for the same `seed`."""
    rng = random.Random(data["seed"])  # noqa: S311 - a simulation
    for _ in range(data["size"]):
        yield _person(rng, data)


def _person(rng: random.Random, data: Row) -> Person:
    band = _pick(rng, data["age"]["bands"])
    age, female = rng.randint(band["from"], band["to"]), rng.random() < data["female"]["share"]
    bout = _pick(rng, data["duration"]["bands"])
    severity = _weighted(rng, data["severity"]["shares"])
    more = _weighted(rng, data["severity_now_offset"]["shares"])
    person = Person(
        age=age,
        female=female,
        days=rng.randint(bout["from"], bout["to"]),
        course=_weighted(rng, bout["course"]),
        severity=severity,
        severity_now=min(10, severity + more),
        looseness=rng.random(),
    )
    for row in data["features"]:
        had = _feature(rng, row, person)
        if had is not None:
            person.features[row["code"]] = had
    for row in data["disease"]:
        if rng.random() < _share(row, "share", "given", person):
            _fall_ill(rng, row, person)
    return person


def _feature(rng: random.Random, row: Row, person: Person) -> Had | None:
    chance = rng.random()
    if chance < _share(row, "share", "given", person):
        kinds, sessions = row.get("kinds") or row.get("effects"), row.get("sessions")
        count = _pick(rng, sessions) if sessions else None
        return Had(
            new=rng.random() < row["onset_new"],
            course=_weighted(rng, row["course"]),
            examined=rng.random() < row["examined"],
            kind=_weighted(rng, kinds) if kinds else "",
            sessions=rng.randint(count["from"], count["to"]) if count else 0,
        )
    if "milder" in row and rng.random() < _share(row, "milder", "milder_given", person):
        details = row["milder_details"]
        return Had(
            new=rng.random() < details["onset_new"],
            course="worse" if rng.random() < details["worse"] else "same",
            examined=rng.random() < details["examined"],
            milder=True,
        )
    return None


def _fall_ill(rng: random.Random, row: Row, person: Person) -> None:
    person.diseases[row["name"]] = row["urgency"]
    pain = row["pain"]
    severe = rng.random() < pain["severe"]
    person.severity = rng.randint(SEVERE_FROM, 10) if severe else rng.randint(1, SEVERE_FROM - 1)
    person.severity_now = max(person.severity, person.severity_now)
    person.course = "worse" if rng.random() < pain["worse"] else "same"
    if rng.random() < pain["under_6_weeks"]:
        person.days = rng.randint(0, SHORT_DAYS)
    elif person.days <= SHORT_DAYS:
        person.days = rng.randint(SHORT_DAYS + 1, 365)
    for sign in row["signs"]:
        if rng.random() < sign["share"]:
            kinds = sign.get("kinds")
            person.features[sign["code"]] = Had(
                new=rng.random() < sign["onset_new"],
                course="worse" if rng.random() < sign["course_worse"] else "same",
                examined=rng.random() < sign["examined"],
                kind=_weighted(rng, kinds) if kinds else "",
            )


def _share(row: Row, name: str, given: str, person: Person) -> float:
    for entry in row.get(given, ()):
        if all(_holds(key, wanted, person) for key, wanted in entry["if"].items()):
            return float(entry["share"])
    return float(row[name])


def _holds(key: str, wanted: Any, person: Person) -> bool:
    has = person.features.get(wanted) if key == "has" else None
    return bool(
        {
            "age_from": key == "age_from" and person.age >= wanted,
            "age_to": key == "age_to" and person.age <= wanted,
            "female": person.female is wanted,
            "chronic": (person.days >= CHRONIC_DAYS) is wanted,
            "severe": (person.severity >= SEVERE_FROM) is wanted,
            "has": has is not None and not has.milder,
        }[key]
    )


def _pick(rng: random.Random, bands: Sequence[Row]) -> Row:
    return rng.choices(bands, [band["share"] for band in bands])[0]


def _weighted(rng: random.Random, shares: Mapping[Any, float]) -> Any:
    return rng.choices(list(shares), list(shares.values()))[0]
