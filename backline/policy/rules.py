"""The rules, in order: the first that holds decides, all that hold are reported.

A rule is one line of the table at the end of this file: its id, when it holds, what it
recommends, and where it comes from. `docs/policy.md` is generated from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backline.facts import Facts, Outcome, Urgency
from backline.policy import conditions
from backline.policy.conditions import (
    CHILD_YEARS,
    FIRST_PAIN_YEARS,
    INFLAMMATORY_BELOW_YEARS,
    NIGHT_PAIN_YEARS,
    OLDER_YEARS,
    TRIAL_MASSAGES,
)
from backline.policy.follow_ups import SEVERE_FROM, VESSEL_RISK_YEARS
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
from backline.policy.three_valued import Verdict

POLICY_VERSION = "2026-12.5"


@dataclass(frozen=True)
class Rule:
    """One rule of the policy.

    Attributes:
        id: as in the clinical policy, for example `D1`.
        summary: when it holds, in a clinician's words.
        source: the guidance it comes from.
        when: the condition, evaluated on what is known so far.
        check_first: the clinic's clinician looks before any hands-on work.
    """

    id: str
    summary: str
    outcome: Outcome
    urgency: Urgency
    plan: Plan
    source: str
    when: Callable[[Facts], Verdict]
    check_first: bool = False

    @property
    def result(self) -> tuple[Outcome, Urgency, Plan | None, bool]:
        """What the patient would notice; the wait before massage does not make a new result."""
        plan = None if self.outcome is Outcome.DOCTOR_FIRST else self.plan
        return self.outcome, self.urgency, plan, self.check_first


ALARM_RULES = ("U0b",)
"""Rules whose result staff must see on top, like an emergency: somebody is hurt or afraid."""
_DOCTOR, _COMBINED, _MASSAGE = Outcome.DOCTOR_FIRST, Outcome.COMBINED, Outcome.MASSAGE

RULES: tuple[Rule, ...] = (
    Rule(
        "E1",
        "any emergency sign, or more pain relief than allowed, at any moment of the conversation; "
        "a sign that was ticked in the list, if it is new or worse within 4 weeks, there now, "
        "with a plan, or one of which nobody can tell",
        _DOCTOR,
        Urgency.EMERGENCY,
        NO_PLAN,
        "NHS 999 list; cauda equina warning card (Greenhalgh, Finucane, Mercer); "
        "NICE NG156 for aneurysm; NICE CG16 for pain relief; NICE NG225 for self-harm",
        conditions.emergency,
    ),
    Rule(
        "U0a",
        "thoughts of ending one's life that were ticked in the list, without a plan",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "NICE NG225",
        conditions.thoughts_without_plan,
    ),
    Rule(
        "U0b",
        "hurt by another person, afraid at home, or a child is hurt",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "NICE PH50, CG89",
        conditions.violence,
    ),
    Rule(
        "U1",
        "any condition of the urgent group; severe pain in pregnancy; a weak immune system or "
        "injected drugs with pain that gets worse; a ticked sign of the chest or the "
        "nerves that is no emergency, but for nerves of a known cause",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "NHS 111 list; Downie 2013 (BMJ 347:f7095); IFOMPT framework (Finucane 2020)",
        conditions.urgent,
    ),
    Rule(
        "U1n",
        f"pain every night that no position eases, with one of: age {NIGHT_PAIN_YEARS} or over or "
        f"under {CHILD_YEARS}, worse from week to week, any condition of U1 or D4",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "Harding 2005: 213 of 482 have night pain, none of them ill",
        conditions.night_pain_and_more,
    ),
    Rule(
        "U1v",
        f"age {VESSEL_RISK_YEARS} or over, a smoker or with high blood pressure or a known heart, "
        "and a first pain that came suddenly, within 12 weeks",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "NICE NG156",
        conditions.first_sudden_pain_with_risk,
    ),
    Rule(
        "U2",
        "injury in the last 6 weeks, even minor, with steroids, osteoporosis or age "
        f"{OLDER_YEARS} or over; or a fall or blow on blood thinners",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "Downie 2013: fracture",
        conditions.injury_in_fragile_patient,
    ),
    Rule(
        "U3",
        "the emergency questions stay unanswered after two differently worded tries",
        _DOCTOR,
        Urgency.URGENT,
        AFTER_EXAM,
        "do not guess",
        conditions.emergency_unanswered,
    ),
    Rule(
        "D1",
        f"pain of {SEVERE_FROM} or more out of 10, or severe by words, for most of the last week "
        "(of who told it that is asked once more), unless a doctor has examined this pain and "
        "found nothing against massage",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "article, precaution 3; Boonstra 2016 for the cut",
        conditions.severe_and_not_examined,
    ),
    Rule(
        "D2",
        "injury in the last 6 weeks that was a fall or a blow, or a strain that is not getting "
        "better, unless a doctor has examined it and found nothing against massage; swelling, heat "
        "or bruising",
        _DOCTOR,
        Urgency.SOON,
        AFTER_INFLAMMATION,
        "article, precaution 1",
        conditions.injury_or_inflammation,
    ),
    Rule(
        "D3",
        "massage made it worse, or its pressure did not evoke relaxation",
        _DOCTOR,
        Urgency.SOON,
        AFTER_INFLAMMATION,
        "article, precaution 1",
        conditions.massage_hurt,
    ),
    Rule(
        "D4",
        "any condition of the precaution group; within 3 months heart trouble, a stroke or blood "
        "pressure out of control; within 12 months a fit, or a spine that broke, was operated on "
        "or is being treated; older signs of the nerves of a known cause",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "massage contraindication lists (NCCIH and others)",
        conditions.precautions,
    ),
    Rule(
        "D5",
        f"under {CHILD_YEARS}; pain below the knee or pins and needles in one leg, worse or over 6 "
        f"weeks, and not examined; under {INFLAMMATORY_BELOW_YEARS} with 12 weeks or more, stiff "
        f"mornings and another sign of an inflamed spine; age {FIRST_PAIN_YEARS} or over with "
        "a first pain that came suddenly, within 12 weeks and without an injury",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "KNGF 2021; NICE NG59, NG65; BACE",
        conditions.child_leg_or_inflamed_spine,
    ),
    Rule(
        "D6",
        "a deciding fact, other than the emergency signs, is still unknown after two differently "
        "worded questions",
        _DOCTOR,
        Urgency.SOON,
        AFTER_EXAM,
        "do not guess",
        conditions.given_up,
    ),
    Rule(
        "C1",
        f"{TRIAL_MASSAGES} or more massages and no change, spasm or not",
        _COMBINED,
        Urgency.NONE,
        OTHER_THERAPY,
        "article, precaution 2",
        conditions.massages_without_change,
    ),
    Rule(
        "C2",
        "12 weeks or more, or coming and going for that long",
        _COMBINED,
        Urgency.NONE,
        COMBINED,
        "article; chronic = 12 weeks (ACP 2017)",
        conditions.chronic,
    ),
    Rule(
        "C3",
        "pain below the knee or pins and needles in one leg that is examined, or neither worse nor "
        "over 6 weeks",
        _COMBINED,
        Urgency.NONE,
        COMBINED,
        "NICE NG59",
        conditions.leg_looked_after,
        check_first=True,
    ),
    Rule(
        "M1",
        "muscle spasm",
        _MASSAGE,
        Urgency.NONE,
        SPASM_COURSE,
        "article, precaution 2",
        conditions.spasm,
    ),
    Rule(
        "M2",
        "otherwise",
        _MASSAGE,
        Urgency.NONE,
        MASSAGE_COURSE,
        "article",
        conditions.always,
    ),
)
