"""Walks the whole decision space, discretised: every combination of what can be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import yaml

from backline.facts import (
    CHECKLISTS,
    EMERGENCY_LISTS,
    PARTED,
    Course,
    Detail,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Onset,
    Outcome,
    Slot,
    Urgency,
)
from backline.policy import (
    RULES,
    Recommendation,
    Undecided,
    decide,
    open_slots,
    urgency_so_far,
)
from backline.policy.conditions import DECIDING
from tests.conftest import PROJECT

# Walked once for all the tests; beside other tests that takes minutes.
pytestmark = pytest.mark.timeout(900)

FEVER, THINNERS, STEROIDS, PREGNANT, VIOLENCE, NIGHT, HEART, STIFF, DIABETES = (
    HealthCondition.FEVER,
    HealthCondition.BLOOD_THINNERS,
    HealthCondition.STEROIDS,
    HealthCondition.PREGNANCY,
    HealthCondition.VIOLENCE,
    HealthCondition.NIGHT_PAIN,
    HealthCondition.HEART_OR_STROKE,
    HealthCondition.INFLAMMATORY,
    HealthCondition.DIABETES_NEUROPATHY,
)
Known = tuple[Any, Detail | None]
"""What is known of one thing, with its detail."""
SIGNS = (None, frozenset())
CONDITIONS: tuple[Known, ...] = (
    (None, None),
    ((), None),
    *((code, None) for code in (FEVER, THINNERS, PREGNANT, VIOLENCE, NIGHT)),
    (NIGHT, Detail(course=Course.SAME)),
    (HEART, Detail(onset=Onset.NEW)),
    (HEART, Detail(onset=Onset.OLDER)),
    (STIFF, Detail(pattern=True)),
)
DURATIONS = (None, 10.0, 84.0)
SEVERITIES: tuple[tuple[int | None, Detail | None], ...] = (
    (None, None),
    (6, None),
    (7, Detail(usual=True)),
    (7, Detail(usual=True, examined=True)),
)
"""How strong the pain is, whether usually, and whether a doctor found nothing against massage."""
INJURIES: tuple[Known, ...] = (
    (None, None),
    (False, None),
    (True, Detail(force=True)),
    (True, Detail(force=False)),
    (True, Detail(force=False, course=Course.BETTER)),
)
LEGS: tuple[tuple[LegSymptoms | None, bool | None, bool | None, Detail | None], ...] = (
    (None, None, None, None),
    (LegSymptoms.ONE_LEG, None, None, None),
    (LegSymptoms.ONE_LEG, True, False, Detail(course=Course.WORSE)),
    (LegSymptoms.ONE_LEG, True, False, Detail(course=Course.SAME)),
    (LegSymptoms.ONE_LEG, True, True, None),
    (LegSymptoms.BOTH_LEGS, None, None, None),
)
SPASMS = (None, False, True)
MASSAGES = (
    (None, None),
    (MassageResponse.NONE_YET, None),
    (MassageResponse.NO_CHANGE, 2),
    (MassageResponse.WORSE, 1),
)
AGES = (None, 15, 40, 72)
THOUGHTS, BOTH, CHEST = EmergencySign.SELF_HARM, EmergencySign.BOTH_LEGS, EmergencySign.CHEST_PAIN
TICKED: tuple[tuple[EmergencySign, Detail], ...] = (
    (BOTH, Detail()),
    (BOTH, Detail(onset=Onset.NEW)),
    (BOTH, Detail(onset=Onset.OLDER)),
    (BOTH, Detail(onset=Onset.OLDER, examined=False)),
    (BOTH, Detail(onset=Onset.OLDER, examined=True)),
    (CHEST, Detail(onset=Onset.OLDER)),
    (THOUGHTS, Detail(acute=True)),
    (THOUGHTS, Detail(acute=False)),
)
"""Signs that were ticked in the list, with what is known of them."""
FIRST_PAINS = ((None, None), (False, None), (True, None), (True, False), (True, True))
"""Of a sudden pain: whether it is the first, and whether the vessels are at risk."""


FEET = (None, True, False)
"""Of diabetes: whether it has harmed the feet."""


def facts_of(
    signs: frozenset[EmergencySign] | None,
    condition: Known,
    duration: float | None,
    severity: tuple[int | None, Detail | None],
    injury: Known,
    leg: tuple[LegSymptoms | None, bool | None, bool | None, Detail | None],
    spasm: bool | None,
    massage: tuple[MassageResponse | None, int | None],
    age: int | None,
) -> Facts:
    checked = set(EMERGENCY_LISTS) if signs is not None else set()
    code, detail = condition
    if code is not None:
        checked |= {Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS}
    details = {
        "recent_injury": injury[1],
        "leg_below_knee": leg[3],
        "pain_severity": severity[1],
    }
    if code:
        details[code.value] = detail
    return Facts(
        emergency_signs=signs or frozenset(),
        health_conditions=frozenset({code}) if code else frozenset(),
        pain_duration=duration,
        pain_severity=severity[0],
        recent_injury=injury[0],
        leg_symptoms=leg[0],
        leg_below_knee=leg[1],
        leg_examined=leg[2],
        muscle_spasm=spasm,
        massage_response=massage[0],
        massage_sessions=massage[1],
        age=age,
        inflammation=False,
        details={name: known for name, known in details.items() if known is not None},
        checked=frozenset(checked),
    )


def space() -> Iterator[Facts]:
    points = product(
        SIGNS, CONDITIONS, DURATIONS, SEVERITIES, INJURIES, LEGS, SPASMS, MASSAGES, AGES
    )
    for n, values in enumerate(points):
        facts = facts_of(*values)
        yield facts
        if n % 101 == 0:
            yield replace(facts, emergency_signs=frozenset({EmergencySign.BLADDER_CHANGE}))
        if n % 13 == 0:
            yield with_tick(facts, *TICKED[n // 13 % len(TICKED)])
            # A strength of which nobody has said yet whether it is the usual one.
            yield replace(facts, pain_severity=8).with_detail("pain_severity", usual=None)
            first, risk = FIRST_PAINS[n // 13 % len(FIRST_PAINS)]
            yield replace(facts, sudden_pain=True, first_pain=first, vessel_risk=risk)
            diabetic = replace(facts, health_conditions=facts.health_conditions | {DIABETES})
            yield diabetic.with_detail(DIABETES.value, pattern=FEET[n // 13 % len(FEET)])


def with_tick(facts: Facts, sign: EmergencySign, detail: Detail) -> Facts:
    ticked = frozenset({sign})
    details = {**facts.details, sign.value: detail}
    checked = facts.checked | EMERGENCY_LISTS
    return replace(facts, emergency_signs=ticked, ticked=ticked, details=details, checked=checked)


Point = tuple[Facts, Outcome, Urgency, list[str]]


@pytest.fixture(scope="module")
def results() -> list[tuple[Facts, Recommendation | frozenset[Slot]]]:
    """Every point of the space with its recommendation, or with the questions it waits for."""
    out: list[tuple[Facts, Recommendation | frozenset[Slot]]] = []
    for facts in space():
        try:
            out.append((facts, decide(facts)))
        except Undecided as undecided:
            out.append((facts, undecided.slots))
    return out


@pytest.fixture(scope="module")
def decided(results: list[tuple[Facts, Recommendation | frozenset[Slot]]]) -> list[Point]:
    """Every point of the space that is decided, with its result."""
    return [
        (facts, result.outcome, result.urgency, result.rule_ids)
        for facts, result in results
        if isinstance(result, Recommendation)
    ]


def has_danger(facts: Facts) -> bool:
    """Restated from the clinical policy, on purpose not by the rules' own code."""
    injury, leg = facts.detail("recent_injury"), facts.detail("leg_below_knee")
    examined = facts.detail("pain_severity").examined is True
    strain_eases = injury.force is False and injury.course is Course.BETTER
    waits = bool(facts.inflammation) or not (strain_eases or examined)
    leg_is_new = (facts.pain_duration or 0) <= 42 and leg.course is Course.SAME
    conditions = set(facts.health_conditions)
    if facts.detail("heart_or_stroke").onset is Onset.OLDER:
        conditions -= {HEART}
    if facts.detail("diabetes_neuropathy").pattern is False:
        conditions -= {DIABETES}
    if (facts.age != 15 and facts.age != 40) or (facts.pain_duration or 0) < 84:
        conditions -= {STIFF}
    return bool(
        facts.emergency_signs
        or facts.leg_symptoms is LegSymptoms.BOTH_LEGS
        or conditions
        or (facts.recent_injury and waits)
        or ((facts.pain_severity or 0) >= 7 and not examined)
        or (facts.leg_below_knee and not facts.leg_examined and not leg_is_new)
        or facts.massage_response is MassageResponse.WORSE
        or (facts.age is not None and facts.age < 16)
        or (facts.age == 72 and facts.first_pain and (facts.pain_duration or 0) < 84)
    )


def has_emergency(facts: Facts) -> bool:
    """Restated from the clinical policy, like `has_danger`."""
    milder = {
        sign
        for sign in facts.ticked
        if facts.detail(sign.value).onset is Onset.OLDER or facts.detail(sign.value).acute is False
    }
    both = facts.leg_symptoms is LegSymptoms.BOTH_LEGS and BOTH not in facts.ticked
    return bool(facts.emergency_signs - milder or both)


def test_space_is_whole(decided: list[Point]) -> None:
    assert len(decided) > 10_000


def test_a_point_has_exactly_one_outcome_or_a_question(
    results: list[tuple[Facts, Recommendation | frozenset[Slot]]],
) -> None:
    for facts, result in results:
        if isinstance(result, Recommendation):
            assert result.outcome in Outcome
            assert result.rule_ids[0] == result.rule.id
        else:
            assert result, facts


def test_open_questions_are_those_that_deciding_waits_for(
    results: list[tuple[Facts, Recommendation | frozenset[Slot]]],
) -> None:
    for facts, result in results[::11]:
        expected = frozenset() if isinstance(result, Recommendation) else result
        assert open_slots(facts) == expected


def test_no_massage_and_no_combined_with_a_danger(
    decided: list[Point],
) -> None:
    for facts, outcome, _, _ in decided:
        if has_danger(facts):
            assert outcome is Outcome.DOCTOR_FIRST, facts


def test_no_result_other_than_a_doctor_while_a_deciding_fact_is_unknown(
    decided: list[Point],
) -> None:
    for facts, outcome, _, _ in decided:
        if outcome is not Outcome.DOCTOR_FIRST:
            assert facts.checked == CHECKLISTS - PARTED
            assert facts.pain_severity is not None
            assert facts.recent_injury is not None
            assert facts.massage_response is not None
            assert facts.age is not None
            assert facts.pain_duration is not None or outcome is Outcome.COMBINED
            assert facts.muscle_spasm is not None or outcome is Outcome.COMBINED


def test_a_strain_that_eases_an_old_heart_trouble_and_an_examined_leg_keep_nobody_from_treatment(
    decided: list[Point],
) -> None:
    treated = [facts for facts, outcome, *_ in decided if outcome is not Outcome.DOCTOR_FIRST]
    assert any(facts.recent_injury for facts in treated)
    assert any(HEART in facts.health_conditions for facts in treated)
    assert any(facts.leg_below_knee and facts.leg_examined for facts in treated)
    assert any(facts.pain_severity == 7 for facts in treated)


def test_an_examination_lifts_no_emergency_and_nothing_that_is_due_today(
    decided: list[Point],
) -> None:
    for facts, _, urgency, _ in decided[::3]:
        if facts.detail("pain_severity").examined:
            without = facts.with_detail("pain_severity", examined=None)
            if urgency is Urgency.SOON or urgency is Urgency.NONE:
                assert open_slots(without) or decide(without).urgency.rank <= Urgency.SOON.rank
            else:
                assert decide(without).urgency is urgency, facts


def test_the_clinic_looks_first_at_every_leg_and_every_severe_pain_that_is_treated(
    results: list[tuple[Facts, Recommendation | frozenset[Slot]]],
) -> None:
    for facts, result in results:
        if isinstance(result, Recommendation) and result.outcome is not Outcome.DOCTOR_FIRST:
            severe = (facts.pain_severity or 0) >= 7
            assert result.check_first is (bool(facts.leg_below_knee) or severe), facts


def test_what_nobody_could_tell_more_of_counts_as_the_worse(
    results: list[tuple[Facts, Recommendation | frozenset[Slot]]],
) -> None:
    waiting = [facts for facts, result in results if result == frozenset({Slot.FOLLOW_UP})]
    assert len(waiting) > 100
    for facts in waiting:
        result = decide(replace(facts, given_up=frozenset({Slot.FOLLOW_UP})))
        assert result.outcome is Outcome.DOCTOR_FIRST, facts


def test_less_than_an_emergency_is_told_only_after_the_emergency_signs_were_asked(
    decided: list[Point],
) -> None:
    for facts, _, urgency, _ in decided:
        if urgency is not Urgency.EMERGENCY:
            assert facts.checked >= EMERGENCY_LISTS


def test_who_is_hurt_by_somebody_is_never_told_less_than_today(
    decided: list[Point],
) -> None:
    for facts, _, urgency, rules in decided:
        if VIOLENCE in facts.health_conditions:
            assert "U0b" in rules
            assert urgency in (Urgency.URGENT, Urgency.EMERGENCY)


def test_a_ticked_sign_is_an_emergency_unless_it_is_known_to_be_none(
    results: list[tuple[Facts, Recommendation | frozenset[Slot]]],
) -> None:
    ticked = [(facts, result) for facts, result in results if facts.ticked]
    assert len(ticked) > 500
    for facts, result in ticked:
        if isinstance(result, Recommendation):
            emergency = result.urgency is Urgency.EMERGENCY
            assert emergency is has_emergency(facts), facts
        unsure = replace(facts, given_up=facts.given_up | {Slot.FOLLOW_UP})
        if has_emergency(facts):
            assert decide(unsure).urgency is Urgency.EMERGENCY, facts


def test_urgency_goes_with_the_outcome(
    decided: list[Point],
) -> None:
    for _, outcome, urgency, _ in decided:
        assert (outcome is Outcome.DOCTOR_FIRST) == (urgency is not Urgency.NONE)


def test_once_all_is_asked_what_holds_so_far_is_what_is_decided(
    decided: list[Point],
) -> None:
    for facts, _, urgency, _ in decided[::7]:
        assert (urgency_so_far(facts) or Urgency.NONE) is urgency, facts


def with_dangers(facts: Facts) -> Iterator[Facts]:
    yield replace(facts, emergency_signs=facts.emergency_signs | {EmergencySign.CHEST_PAIN})
    for code in HealthCondition:
        yield replace(facts, health_conditions=facts.health_conditions | {code})
    yield replace(facts, recent_injury=True)
    yield replace(facts, recent_injury=True).with_detail("recent_injury", force=True)
    yield facts.with_detail("night_pain", course=Course.WORSE)
    yield facts.with_detail("heart_or_stroke", onset=Onset.NEW)
    yield facts.with_detail("leg_below_knee", course=Course.WORSE)
    yield replace(facts, pain_severity=10)
    yield replace(facts, pain_severity=10).with_detail("pain_severity", usual=True)
    yield replace(facts, inflammation=True)
    yield replace(facts, sudden_pain=True, first_pain=True, vessel_risk=True)
    for code in facts.ticked:
        yield replace(facts, ticked=frozenset())
        yield facts.with_detail(code.value, onset=Onset.NEW, acute=True)
    yield replace(facts, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
    yield replace(facts, massage_response=MassageResponse.WORSE)


def test_adding_a_danger_never_lowers_the_urgency(
    decided: list[Point],
) -> None:
    for facts, _, urgency, _ in decided[::40]:
        for worse in with_dangers(facts):
            if facts.leg_symptoms is LegSymptoms.BOTH_LEGS:
                worse = replace(worse, leg_symptoms=LegSymptoms.BOTH_LEGS)
            if not open_slots(worse):
                assert decide(worse).urgency.rank >= urgency.rank, (facts, worse)


@pytest.mark.parametrize(
    "given_up", sorted(slot for slot in Slot if slot not in (Slot.CONSENT, Slot.PAIN_LOCATION))
)
def test_an_unanswerable_question_leads_to_a_doctor(given_up: Slot) -> None:
    facts = Facts(given_up=frozenset({given_up}), checked=CHECKLISTS)
    facts = replace(facts, checked=facts.checked - {given_up})
    still_open = open_slots(facts)
    assert given_up not in still_open
    if not still_open:
        assert decide(facts).outcome is Outcome.DOCTOR_FIRST


def test_emergency_signs_that_nobody_answered_for_are_urgent_whatever_else_is_known(
    results: list[tuple[Facts, Recommendation | frozenset[Slot]]],
) -> None:
    silent = [facts for facts, _ in results if Slot.EMERGENCY_SIGNS not in facts.checked]
    for facts in silent[::7]:
        result = decide(replace(facts, given_up=EMERGENCY_LISTS))
        expected = Urgency.EMERGENCY if has_emergency(facts) else Urgency.URGENT
        assert result.urgency is expected, facts


def test_rules_stand_in_the_order_of_the_policy() -> None:
    doctor = "E1 U0a U0b U1 U1n U1v U2 U3 D1 D2 D3 D4 D5 D6"
    assert [rule.id for rule in RULES] == f"{doctor} C1 C2 C3 M1 M2".split()


def test_every_rule_decides_somewhere(
    decided: list[Point],
) -> None:
    deciding = {rules[0] for *_, rules in decided}
    assert deciding == {rule.id for rule in RULES} - {"U3", "D6"}


def test_every_reason_has_its_words(decided: list[Point]) -> None:
    told = {r.code for facts, *_ in decided[::7] for r in decide(facts).reasons}
    codes = {
        *told,
        *(code.value for code in (*EmergencySign, *HealthCondition)),
        *(f"unknown_{slot.value}" for slot in DECIDING - EMERGENCY_LISTS),
        f"unknown_{Slot.EMERGENCY_SIGNS.value}",
    }
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    missing = {f"utter_reason_{code}" for code in codes} - domain["responses"].keys()
    assert missing == set()
