"""Plays the triage rules on the people of a clinic: whom they send to a doctor, and whom they miss.

usage: python -m bench.population [--write docs/policy-evaluation.md]

Nothing is understood here: people answer the questions as `population.yml` says, and what no
question asks for is not told. So it measures the rules and the lists, not the reading of words.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backline.facts import EmergencySign, Facts, HealthCondition, Outcome, Urgency
from backline.policy import FOLLOW_UPS, POLICY_VERSION, Recommendation, decide, open_follow_up
from backline.policy.checklists import CODES
from backline.policy.follow_ups import LEG, SEVERE_FROM, TICKED_SIGNS
from bench.people import Had, Person, load, people

CALLED = {
    "breathlessness": "chest_pain",
    "tearing_pain": "tearing_pain_collapse",
    "leg_collapse": "both_legs",
    "self_harm_plan": "self_harm",
    "calf_swollen": "blood_clot",
    "lump": "lump_or_deformity",
    "injected_drugs": "weak_immunity",
    "heart_disease_stable": "heart_or_stroke",
    "high_blood_pressure": "heart_or_stroke",
    "inflammatory_disease": "inflammatory",
    "stiff_mornings": "inflammatory",
    "spinal_fracture_or_operation_12_months": "known_spine_disease",
}
"""The line of a list under which somebody finds a feature, where it has another name."""
ASKED = frozenset().union(*CODES.values())
"""What all lists ask for, by its codes; what stands behind a line of several is told apart."""
SIGNS = frozenset(sign.value for sign in EmergencySign) & ASKED
CONDITIONS = frozenset(condition.value for condition in HealthCondition) & ASKED
LATELY = frozenset({"heart_or_stroke", "spinal_fracture_or_operation_12_months"})
"""Features that are of the last months by what they mean."""
INFLAMED = ("better_by_moving", "wakes_second_half", "buttock_pain", "inflammatory_disease")
RISKS = frozenset({"smoker", "high_blood_pressure"})
"""Features that are a risk for the vessels."""
UNTICKED = frozenset({"high_blood_pressure"})
"""Features of which only those that name milder things tick their line ("very high")."""
MOST_TO_A_DOCTOR, MOST_EMERGENCIES = 0.55, 0.06
"""Shares (0-1) of a clinic's people, read `half`: above them its alarms are not believed."""
BEGIN, END = "<!-- population -->", "<!-- /population -->"


@dataclass
class Played:
    """What came of one reading.

    Attributes:
        outcomes, urgencies, rules: how many people by each.
        ill, below: how many diseases by the urgency they need; of these, that got less.
        follow_ups: how many people by how many times more was asked.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    urgencies: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    ill: Counter[str] = field(default_factory=Counter)
    below: Counter[str] = field(default_factory=Counter)
    follow_ups: Counter[int] = field(default_factory=Counter)

    @property
    def people(self) -> int:
        """How many were played."""
        return sum(self.outcomes.values())


def named(person: Person, loose_share: float) -> dict[str, Had]:
    """The features that somebody names who is asked.

    Args:
        loose_share: the share (0-1) of people who take the words of a question loosely.
    """
    loose = person.looseness < loose_share
    return {
        code: had
        for code, had in person.features.items()
        if loose or not (had.milder or code in UNTICKED)
    }


def facts_of(person: Person, reading: dict[str, Any]) -> Facts:
    """What is known of a person after all questions but those for more."""
    told = named(person, reading["milder_ticks"])
    codes = {CALLED.get(code, code) for code in told}
    signs = sorted(codes & SIGNS)
    massage = told.get("massage_before")
    rates_now = person.looseness < reading["severity_now"]
    leg = LEG in codes
    return Facts.from_json(
        {
            "emergency_signs": signs,
            "ticked": signs,
            "health_conditions": sorted(codes & CONDITIONS),
            "pain_duration": person.days,
            "pain_severity": person.severity_now if rates_now else person.severity,
            "recent_injury": "recent_injury" in told,
            "leg_symptoms": "one_leg" if leg else "none",
            "leg_below_knee": leg,
            "muscle_spasm": "muscle_spasm" in told,
            "massage_response": massage.kind or "relaxed" if massage else "none_yet",
            "massage_sessions": massage.sessions if massage else None,
            "age": person.age,
        }
    )


def answered(facts: Facts, person: Person, reading: dict[str, Any]) -> tuple[Facts, int]:
    """What is known once all is asked, and how many more questions that took."""
    told = named(person, reading["milder_ticks"])
    asked = 0
    while (name := open_follow_up(facts)) is not None:
        follow_up = FOLLOW_UPS[name]
        usually = person.severity >= SEVERE_FROM
        yes = usually if name == "strength_usual" else _says_yes(name, follow_up.code, told)
        facts = follow_up.told(facts, follow_up.yes if yes else follow_up.no)
        if facts.pain_severity is None:
            # Who rated the pain of now, or the worst, is asked for the usual one.
            facts = replace(facts, pain_severity=person.severity)
        asked += 1
    return facts, asked


def _says_yes(name: str, code: str, told: dict[str, Had]) -> bool:
    of_it = {c: had for c, had in told.items() if CALLED.get(c, c) == code}
    if code in TICKED_SIGNS:
        signs = {sign.value for sign in TICKED_SIGNS[code]}
        of_it = {c: had for c, had in told.items() if CALLED.get(c, c) in signs}
    if name in ("nerves_new", "chest_new"):
        return any(had.new or had.course == "worse" for had in of_it.values())
    if name == "thoughts_plan":
        return "self_harm_plan" in told
    if name == "vessel_risk":
        return bool(RISKS & set(told))
    if name == "injury_force":
        return any(had.kind == "fall_or_blow" for had in of_it.values())
    if name == "injury_better":
        return all(had.course == "better" for had in of_it.values())
    if name in ("leg_examined", "nerves_examined"):
        return all(had.examined for had in of_it.values())
    if name == "diabetes_feet":
        return any(not had.milder for had in of_it.values())
    if name == "inflammatory_pattern":
        return any(sign in told for sign in INFLAMED)
    if name.endswith("_settled"):
        return not any(had.new or (c in LATELY and not had.milder) for c, had in of_it.items())
    if name == "injury_inflamed":
        return "inflammation" in told
    return any(had.course == "worse" for had in of_it.values())


def play(everybody: Iterable[Person], reading: dict[str, Any]) -> Played:
    """Triage everybody who reads the questions in one way."""
    played = Played()
    for person in everybody:
        facts, more = answered(facts_of(person, reading), person, reading)
        result = decide(facts)
        _count(played, person, result, more)
    return played


def _count(played: Played, person: Person, result: Recommendation, more: int) -> None:
    played.outcomes[result.outcome.value] += 1
    played.urgencies[result.urgency.value] += 1
    played.rules[result.rule.id] += 1
    played.follow_ups[more] += 1
    for urgency in person.diseases.values():
        played.ill[urgency] += 1
        played.below[urgency] += result.urgency.rank < Urgency(urgency).rank


def table(readings: dict[str, Played]) -> str:
    """The figures as a table in Markdown."""
    head = ["", *(f"`{name}`" for name in readings)]
    rows = [head, ["---"] * len(head)]
    for outcome in Outcome:
        shares = [p.outcomes[outcome.value] / p.people for p in readings.values()]
        rows.append([outcome.value, *(f"{share:.1%}" for share in shares)])
    for urgency in (Urgency.EMERGENCY, Urgency.URGENT, Urgency.SOON):
        shares = [p.urgencies[urgency.value] / p.people for p in readings.values()]
        rows.append([f"of these {urgency.value}", *(f"{share:.1%}" for share in shares)])
    for urgency in (Urgency.EMERGENCY, Urgency.URGENT, Urgency.SOON):
        missed = [f"{p.below[urgency.value]} of {p.ill[urgency.value]}" for p in readings.values()]
        rows.append([f"ill, needs {urgency.value}: told less", *missed])
    deciding = sorted({rule for p in readings.values() for rule in p.rules})
    for rule in deciding:
        shares = [p.rules[rule] / p.people for p in readings.values()]
        rows.append([f"decided by {rule}", *(f"{share:.1%}" for share in shares)])
    asked = [
        sum(n * count for n, count in p.follow_ups.items()) / p.people for p in readings.values()
    ]
    rows.append(["questions for more, a person", *(f"{mean:.2f}" for mean in asked)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> None:
    """Play, print, and write the table where that is wanted; exit code 1 above a goal."""
    parser = argparse.ArgumentParser(prog="python -m bench.population")
    parser.add_argument("--write", type=Path, help="the page between whose marks the table goes")
    options = parser.parse_args()
    data: dict[str, Any] = load()
    everybody = list(people(data))
    readings = {row["name"]: play(everybody, row) for row in data["readings"]}
    figures = f"Policy {POLICY_VERSION}, {len(everybody)} people.\n\n{table(readings)}"
    print(figures)
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        options.write.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", encoding="utf-8")
    half = readings["half"]
    doctor = half.outcomes[Outcome.DOCTOR_FIRST.value] / half.people
    emergency = half.urgencies[Urgency.EMERGENCY.value] / half.people
    if doctor > MOST_TO_A_DOCTOR or emergency > MOST_EMERGENCIES:
        print(f"Above a goal: {doctor:.1%} to a doctor, {emergency:.1%} to emergency care.")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
