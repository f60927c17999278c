"""The rules, in order: the first that holds decides, all that hold are reported.

A rule is one line of the table at the end of this file: its id, when it holds, what it
recommends, and where it comes from. `docs/policy.md` is generated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backline.facts import (
    Facts,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Outcome,
    Slot,
    Urgency,
)
from backline.policy.plans import (
    AFTER_EXAM,
    AFTER_INFLAMMATION,
    COMBINED,
    MASSAGE_COURSE,
    NO_PLAN,
    OTHER_THERAPY,
    SPASM_COURSE,
    Plan,
)
from backline.policy.three_valued import NO, Reason, Verdict, all_of, any_of, unknown, yes

POLICY_VERSION = "2026-11.2"

SEVERE_FROM = 7
"""0-10. The usual and safer cut; Boonstra 2016 finds 8."""
CHRONIC_DAYS = 84
"""12 weeks: American College of Physicians 2017."""
OLDER_YEARS = 65
"""Fracture risk after a minor injury: Downie 2013."""
ADULT_YEARS = 18
"""Back pain in children is examined first: KNGF 2021."""
SPASM_TRIAL_MASSAGES = 2
"""Article, precaution 2: after 2 massages without response, another therapy."""

FRAGILE_BONES = frozenset({HealthCondition.STEROIDS, HealthCondition.OSTEOPOROSIS})
URGENT_CONDITIONS = frozenset(
    {
        HealthCondition.FEVER,
        HealthCondition.WEIGHT_LOSS,
        HealthCondition.CANCER_HISTORY,
        HealthCondition.WEAK_IMMUNITY,
        HealthCondition.FOOT_DROP,
        HealthCondition.LUMP_OR_DEFORMITY,
        HealthCondition.NIGHT_PAIN,
        HealthCondition.BLOOD_CLOT,
        HealthCondition.PREGNANCY_PAIN_OR_BLEEDING,
        HealthCondition.URINARY_SIGNS,
        HealthCondition.BLEEDING,
        HealthCondition.ABDOMINAL_PAIN,
        HealthCondition.BALANCE_OR_ARMS,
        HealthCondition.RECENT_SPINAL_PROCEDURE,
    }
)
VIOLENCE = frozenset({HealthCondition.VIOLENCE})
PRECAUTIONS = frozenset(HealthCondition) - URGENT_CONDITIONS - VIOLENCE

DECIDING = frozenset(Slot) - {Slot.CONSENT, Slot.PAIN_LOCATION, Slot.CHECK, Slot.SUSPICION}
"""Questions that lead to a doctor where nobody could answer them: every one that a rule needs."""


@dataclass(frozen=True)
class Rule:
    """One rule of the policy.

    Attributes:
        id: as in the clinical policy, for example `D1`.
        summary: when it holds, in a clinician's words.
        source: the guidance it comes from.
        when: the condition, evaluated on what is known so far.
    """

    id: str
    summary: str
    outcome: Outcome
    urgency: Urgency
    plan: Plan
    source: str
    when: Callable[[Facts], Verdict]

    @property
    def result(self) -> tuple[Outcome, Urgency, Plan | None]:
        """What the patient would notice; the wait before massage does not make a new result."""
        plan = None if self.outcome is Outcome.DOCTOR_FIRST else self.plan
        return self.outcome, self.urgency, plan


def _ask(facts: Facts, slot: Slot) -> Verdict:
    """Wait for this answer, unless the patient could not give it."""
    return unknown() if slot in facts.given_up else unknown(slot)


def _emergency(facts: Facts) -> Verdict:
    if facts.emergency_signs:
        return Verdict(True, frozenset(Reason(sign.value) for sign in facts.emergency_signs))
    if facts.leg_symptoms is LegSymptoms.BOTH_LEGS:
        return yes("both_legs")
    if Slot.EMERGENCY_SIGNS in facts.checked:
        return NO
    return _ask(facts, Slot.EMERGENCY_SIGNS)


def _conditions(group: Iterable[HealthCondition]) -> Callable[[Facts], Verdict]:
    members = frozenset(group)

    def when(facts: Facts) -> Verdict:
        present = members & facts.health_conditions
        if present:
            return Verdict(True, frozenset(Reason(code.value) for code in present))
        if Slot.HEALTH_CONDITIONS in facts.checked:
            return NO
        return _ask(facts, Slot.HEALTH_CONDITIONS)

    return when


def _injury(facts: Facts) -> Verdict:
    if facts.recent_injury is None:
        return _ask(facts, Slot.RECENT_INJURY)
    return yes("recent_injury") if facts.recent_injury else NO


def _age(facts: Facts, holds: Callable[[int], bool]) -> Verdict:
    if facts.age is None:
        return _ask(facts, Slot.AGE)
    return yes("age", facts.age) if holds(facts.age) else NO


_fragile_bones = _conditions(FRAGILE_BONES)
_urgent_condition = _conditions(URGENT_CONDITIONS)
_pregnant = _conditions({HealthCondition.PREGNANCY})


def _urgent(facts: Facts) -> Verdict:
    return any_of(_urgent_condition(facts), all_of(_pregnant(facts), _severe(facts)))


def _violence(facts: Facts) -> Verdict:
    # Told or not: it is never asked in a list.
    return yes("violence") if VIOLENCE & facts.health_conditions else NO


def _injury_in_fragile_patient(facts: Facts) -> Verdict:
    older = _age(facts, lambda years: years >= OLDER_YEARS)
    return all_of(_injury(facts), any_of(_fragile_bones(facts), older))


def _severe(facts: Facts) -> Verdict:
    if facts.pain_severity is None:
        return _ask(facts, Slot.PAIN_SEVERITY)
    if facts.pain_severity >= SEVERE_FROM:
        return yes("pain_severity", facts.pain_severity)
    return NO


def _injury_or_inflammation(facts: Facts) -> Verdict:
    inflammation = yes("inflammation") if facts.inflammation else NO
    return any_of(_injury(facts), inflammation)


def _massage_hurt(facts: Facts) -> Verdict:
    if facts.massage_response is None:
        return _ask(facts, Slot.MASSAGE_RESPONSE)
    return yes("massage_worse") if facts.massage_response is MassageResponse.WORSE else NO


def _child(facts: Facts) -> Verdict:
    return _age(facts, lambda years: years < ADULT_YEARS)


def _leg_not_examined(facts: Facts) -> Verdict:
    if facts.leg_symptoms is None:
        # The conditions checklist asks about the legs, so nobody is asked twice.
        if Slot.HEALTH_CONDITIONS in facts.checked:
            return NO
        return _ask(facts, Slot.HEALTH_CONDITIONS)
    if facts.leg_symptoms is LegSymptoms.NONE or facts.leg_examined:
        return NO
    if facts.leg_below_knee is None:
        return _ask(facts, Slot.LEG_SYMPTOMS)
    return yes("leg_below_knee") if facts.leg_below_knee else NO


def _given_up(facts: Facts) -> Verdict:
    missing = facts.given_up & (DECIDING - {Slot.EMERGENCY_SIGNS})
    if missing:
        return Verdict(True, frozenset(Reason(f"unknown_{slot.value}") for slot in missing))
    return NO


def _emergency_unanswered(facts: Facts) -> Verdict:
    if Slot.EMERGENCY_SIGNS in facts.given_up:
        return yes(f"unknown_{Slot.EMERGENCY_SIGNS.value}")
    return NO


def _spasm(facts: Facts) -> Verdict:
    if facts.muscle_spasm is None:
        return _ask(facts, Slot.MUSCLE_SPASM)
    return yes("muscle_spasm") if facts.muscle_spasm else NO


def _massages_without_change(facts: Facts) -> Verdict:
    if facts.massage_response is None:
        return _ask(facts, Slot.MASSAGE_RESPONSE)
    if facts.massage_response is not MassageResponse.NO_CHANGE:
        return NO
    if facts.massage_sessions is None:
        return _ask(facts, Slot.MASSAGE_SESSIONS)
    if facts.massage_sessions >= SPASM_TRIAL_MASSAGES:
        return yes("massage_no_change", facts.massage_sessions)
    return NO


def _spasm_after_massages(facts: Facts) -> Verdict:
    return all_of(_spasm(facts), _massages_without_change(facts))


def _chronic(facts: Facts) -> Verdict:
    if facts.pain_duration is None:
        return _ask(facts, Slot.PAIN_DURATION)
    if facts.pain_duration >= CHRONIC_DAYS:
        return yes("pain_duration", f"{facts.pain_duration:g}")
    return NO


def _always(facts: Facts) -> Verdict:
    return yes("nothing_against_massage")


_DOCTOR, _COMBINED, _MASSAGE = Outcome.DOCTOR_FIRST, Outcome.COMBINED, Outcome.MASSAGE

RULES: tuple[Rule, ...] = (
    Rule(
        "E1",
        "any emergency sign, or more pain relief than allowed, at any moment of the conversation",
        _DOCTOR,
        Urgency.EMERGENCY,
        NO_PLAN,
        "NHS 999 list; cauda equina warning card (Greenhalgh, Finucane, Mercer); "
        "NICE NG156 for aneurysm; NICE CG16 for pain relief; NICE NG225 for self-harm",
        _emergency,
    ),
    Rule(
        "U0b",
        "hurt by another person, afraid at home, or a child is hurt",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "NICE PH50, CG89",
        _violence,
    ),
    Rule(
        "U1",
        "any condition of the urgent group, or severe pain in pregnancy",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "NHS 111 list; Downie 2013 (BMJ 347:f7095); IFOMPT framework (Finucane 2020)",
        _urgent,
    ),
    Rule(
        "U2",
        "recent injury, even minor, with steroids, osteoporosis or age 65 or over",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "Downie 2013: fracture",
        _injury_in_fragile_patient,
    ),
    Rule(
        "U3",
        "the emergency questions stay unanswered after two differently worded tries",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "do not guess",
        _emergency_unanswered,
    ),
    Rule(
        "D1",
        f"pain of {SEVERE_FROM} or more out of 10, or severe by words",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "article, precaution 3; Boonstra 2016 for the cut",
        _severe,
    ),
    Rule(
        "D2",
        "injury in the last 6 weeks, or swelling, heat or bruising",
        _DOCTOR,
        Urgency.SOON,
        AFTER_INFLAMMATION,
        "article, precaution 1",
        _injury_or_inflammation,
    ),
    Rule(
        "D3",
        "massage made it worse, or its pressure did not evoke relaxation",
        _DOCTOR,
        Urgency.SOON,
        AFTER_INFLAMMATION,
        "article, precaution 1",
        _massage_hurt,
    ),
    Rule(
        "D4",
        "any condition of the precaution group, steroids or osteoporosis",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "massage contraindication lists (NCCIH and others)",
        _conditions(PRECAUTIONS),
    ),
    Rule(
        "D5",
        "under 18; or pain below the knee or pins and needles in one leg, never examined",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "KNGF 2021; common practice",
        lambda facts: any_of(_child(facts), _leg_not_examined(facts)),
    ),
    Rule(
        "D6",
        "a deciding fact, other than the emergency signs, is still unknown after two differently "
        "worded questions",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "do not guess",
        _given_up,
    ),
    Rule(
        "C1",
        "muscle spasm with 2 or more massages and no change",
        _COMBINED,
        Urgency.NONE,
        OTHER_THERAPY,
        "article, precaution 2",
        _spasm_after_massages,
    ),
    Rule(
        "C2",
        "12 weeks or more, or coming and going for that long",
        _COMBINED,
        Urgency.NONE,
        COMBINED,
        "article; chronic = 12 weeks (ACP 2017)",
        _chronic,
    ),
    Rule(
        "M1",
        "muscle spasm",
        _MASSAGE,
        Urgency.NONE,
        SPASM_COURSE,
        "article, precaution 2",
        _spasm,
    ),
    Rule(
        "M2",
        "otherwise",
        _MASSAGE,
        Urgency.NONE,
        MASSAGE_COURSE,
        "article",
        _always,
    ),
)
