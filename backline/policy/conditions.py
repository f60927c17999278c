"""When the rules hold: each condition on what is known of one patient, three-valued.

`backline.policy.rules` puts them into the table that decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from backline.facts import (
    EMERGENCY_LISTS,
    PARTED,
    Course,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Onset,
    Slot,
)
from backline.policy.checklists import owed
from backline.policy.follow_ups import (
    FOLLOW_UPS,
    LEG,
    NERVES,
    PAIN,
    SEVERE_FROM,
    THOUGHTS,
    TICKED_SIGNS,
    VESSEL_RISK_YEARS,
)
from backline.policy.three_valued import (
    HOLDS,
    NO,
    Reason,
    Verdict,
    all_of,
    any_of,
    unknown,
    unknown_detail,
    yes,
)

CHRONIC_DAYS = 84
"""12 weeks: American College of Physicians 2017."""
OLDER_YEARS = 65
"""Fracture risk after a minor injury: Downie 2013."""
CHILD_YEARS = 16
"""Back pain in children is examined first: KNGF 2021."""
ADULT_YEARS = 18
"""Who is younger is told the helpline for children and young people."""
NIGHT_PAIN_YEARS = 50
"""From this age on pain every night is urgent: Harding 2005, Downie 2013."""
INFLAMMATORY_BELOW_YEARS = 45
"""Inflamed spines begin before this age: NICE NG65."""
LEG_PAIN_DAYS = 42
"""6 weeks: leg pain that lasts longer is examined (NICE NG59)."""
FIRST_PAIN_YEARS = 70
"""From this age on a first sudden pain is examined: KNGF 2021, BACE."""
TRIAL_MASSAGES = 2
"""Article, precaution 2: after 2 massages without response, another therapy."""

FRAGILE_BONES = frozenset({HealthCondition.STEROIDS, HealthCondition.OSTEOPOROSIS})
URGENT_CONDITIONS = frozenset(
    {
        HealthCondition.FEVER,
        HealthCondition.WEIGHT_LOSS,
        HealthCondition.CANCER_HISTORY,
        HealthCondition.FOOT_DROP,
        HealthCondition.LUMP_OR_DEFORMITY,
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
IF_LATELY = frozenset(
    {
        HealthCondition.HEART_OR_STROKE,
        HealthCondition.KNOWN_SPINE_DISEASE,
        HealthCondition.EPILEPSY,
    }
)
"""Conditions that count where they are new or not settled, and are a note to the therapist where
they are not."""
MAY_BE_NOTES = IF_LATELY | {
    HealthCondition.INFLAMMATORY,
    HealthCondition.DIABETES_NEUROPATHY,
    HealthCondition.SETTLED_ILLNESS,
}
"""Conditions that may turn out to keep nobody from massage, so that alone they settle no list."""
PRECAUTIONS = frozenset(HealthCondition) - URGENT_CONDITIONS - VIOLENCE - MAY_BE_NOTES
"""Conditions that a doctor looks at first, whatever else is known."""

_SIGN_CODES = frozenset(sign.value for sign in EmergencySign)
_ACUTE = {asked.code: name for name, asked in FOLLOW_UPS.items() if asked.at_once}
"""By group of ticked signs, the follow-up that tells whether they are an emergency."""
_ASKED_ABOUT = frozenset().union(*TICKED_SIGNS.values())
_MILDER_IS_URGENT = [group for group in TICKED_SIGNS if group not in (NERVES, THOUGHTS)]

DECIDING = frozenset(Slot) - {Slot.CONSENT, Slot.PAIN_LOCATION, Slot.CHECK, Slot.SUSPICION}
"""Questions that lead to a doctor where nobody could answer them: every one that a rule needs."""


def _ask(facts: Facts, slot: Slot) -> Verdict:
    """Wait for this answer, unless the patient could not give it."""
    return unknown() if slot in facts.given_up else unknown(slot)


def _unasked(facts: Facts, codes: Set[str]) -> Verdict:
    """Wait for the lists that may tell one of these codes.

    What a line stands for that was ticked, and that nobody could tell apart, may be any of it.
    """
    lists = owed(facts, codes)
    not_told_apart = lists & facts.given_up & PARTED
    if not_told_apart:
        return Verdict(True, frozenset(Reason(f"unknown_{line.value}") for line in not_told_apart))
    return unknown(*(lists - facts.given_up)) if lists else NO


def emergency(facts: Facts) -> Verdict:
    """Look for an emergency sign, whatever else is known."""
    ticked = facts.emergency_signs & facts.ticked & _ASKED_ABOUT
    told = facts.emergency_signs - ticked
    if told:
        return _signs(told)
    if facts.leg_symptoms is LegSymptoms.BOTH_LEGS and EmergencySign.BOTH_LEGS not in ticked:
        return yes("both_legs")
    acute = any_of(*(_if_acute(facts, group) for group in TICKED_SIGNS))
    if acute.holds is not False:
        return acute
    return _unasked(facts, _SIGN_CODES)


def _signs(signs: Iterable[EmergencySign]) -> Verdict:
    return Verdict(True, frozenset(Reason(sign.value) for sign in signs))


def _ticked(facts: Facts, group: str) -> Verdict:
    """Look for signs of a group that were ticked."""
    signs = facts.emergency_signs & facts.ticked & TICKED_SIGNS[group]
    return _signs(signs) if signs else NO


def _if_acute(facts: Facts, group: str) -> Verdict:
    ticked = _ticked(facts, group)
    asked = _ACUTE[group]
    return all_of(ticked, _detail(facts, asked, FOLLOW_UPS[asked].yes)) if ticked.holds else NO


def _if_milder(facts: Facts, group: str) -> Verdict:
    """Look for ticked signs that were asked about, and are not the emergency they may be."""
    return _ticked(facts, group) if _if_acute(facts, group).holds is False else NO


def _older_nerve_signs(facts: Facts, *, examined: bool) -> Verdict:
    """Look for nerve signs that are known not to be new, by whether their cause is known."""
    older = _if_milder(facts, NERVES)
    return all_of(older, _detail(facts, "nerves_examined", examined)) if older.holds else NO


def thoughts_without_plan(facts: Facts) -> Verdict:
    """Look for thoughts of ending one's life that were ticked, without a plan (NICE NG225)."""
    return _if_milder(facts, THOUGHTS)


def _conditions(group: Iterable[HealthCondition]) -> Callable[[Facts], Verdict]:
    members = frozenset(group)
    codes = frozenset(code.value for code in members)

    def when(facts: Facts) -> Verdict:
        present = members & facts.health_conditions
        if present:
            return Verdict(True, frozenset(Reason(code.value) for code in present))
        return _unasked(facts, codes)

    return when


def _injury(facts: Facts) -> Verdict:
    if facts.recent_injury is None:
        return _ask(facts, Slot.RECENT_INJURY)
    return yes("recent_injury") if facts.recent_injury else NO


def _age(facts: Facts, holds: Callable[[int], bool]) -> Verdict:
    if facts.age is None:
        return _ask(facts, Slot.AGE)
    return yes("age", facts.age) if holds(facts.age) else NO


def _detail(facts: Facts, follow_up: str, worse: Onset | Course | bool, *others: Course) -> Verdict:
    """Tell whether a detail is the worse one. What nobody could tell counts as that."""
    asks = FOLLOW_UPS[follow_up]
    if not asks.known(facts):
        return HOLDS if Slot.FOLLOW_UP in facts.given_up else unknown_detail(follow_up)
    return HOLDS if asks.value(facts) in (worse, *others) else NO


def _condition_if(
    condition: HealthCondition, follow_up: str, worse: Onset | Course | bool
) -> Callable[[Facts], Verdict]:
    present = _conditions({condition})

    def when(facts: Facts) -> Verdict:
        verdict = present(facts)
        if condition not in facts.health_conditions:
            return verdict
        return all_of(verdict, _detail(facts, follow_up, worse))

    return when


_fragile_bones = _conditions(FRAGILE_BONES)
_urgent_condition = _conditions(URGENT_CONDITIONS)
_pregnant = _conditions({HealthCondition.PREGNANCY})
_thinners = _conditions({HealthCondition.BLOOD_THINNERS})
_night_pain = _conditions({HealthCondition.NIGHT_PAIN})
_weak_immunity = _conditions({HealthCondition.WEAK_IMMUNITY})
_heart_or_pressure = _conditions({HealthCondition.HEART_OR_STROKE})
_stiff_mornings = _conditions({HealthCondition.INFLAMMATORY})
_precaution = _conditions(PRECAUTIONS)
_beside_night_pain = _conditions((URGENT_CONDITIONS | PRECAUTIONS) - {HealthCondition.NIGHT_PAIN})
_weak_immunity_worse = _condition_if(
    HealthCondition.WEAK_IMMUNITY, "weak_immunity_worse", Course.WORSE
)
_not_settled = [
    *(
        _condition_if(condition, f"{condition.value}_settled", Onset.NEW)
        for condition in HealthCondition
        if condition in IF_LATELY
    ),
    _condition_if(HealthCondition.DIABETES_NEUROPATHY, "diabetes_feet", True),
]


def urgent(facts: Facts) -> Verdict:
    """Look for what a doctor sees the same day."""
    return any_of(
        _urgent_condition(facts),
        all_of(_pregnant(facts), severe(facts)),
        _weak_immunity_worse(facts),
        _older_nerve_signs(facts, examined=False),
        *(_if_milder(facts, group) for group in _MILDER_IS_URGENT),
    )


def night_pain_and_more(facts: Facts) -> Verdict:
    """Look for pain every night together with what makes it a danger."""
    night = _night_pain(facts)
    if not night.holds:
        return night
    by_age = _age(facts, lambda years: years >= NIGHT_PAIN_YEARS or years < CHILD_YEARS)
    more = any_of(
        _beside_night_pain(facts), by_age, *(unsettled(facts) for unsettled in _not_settled)
    )
    if not more.holds and not more.needs:
        more = _detail(facts, "night_pain_worse", Course.WORSE)
    return all_of(night, more)


def precautions(facts: Facts) -> Verdict:
    """Look for what a doctor sees before a masseur does."""
    return any_of(
        _precaution(facts),
        *(unsettled(facts) for unsettled in _not_settled),
        _older_nerve_signs(facts, examined=True),
    )


def first_sudden_pain_with_risk(facts: Facts) -> Verdict:
    """Look for what may be an aneurysm in somebody older (NICE NG156)."""
    first = _first_sudden_pain(facts, VESSEL_RISK_YEARS)
    if not first.holds:
        return first
    risk = _heart_or_pressure(facts)
    return all_of(first, risk if risk.holds else _own(facts, "vessel_risk"))


def _first_sudden_pain(facts: Facts, from_years: int) -> Verdict:
    """Look for a first pain that came suddenly, at an age (years) from which that matters.

    That it came suddenly is told or not, and never asked.
    """
    if not facts.sudden_pain:
        return NO
    older = _age(facts, lambda years: years >= from_years)
    if not older.holds:
        return older
    lasting = chronic(facts)
    recent = NO if lasting.holds else HOLDS if lasting.holds is False else lasting
    known = all_of(older, recent)
    return all_of(known, _own(facts, "first_pain")) if known.holds else known


def _own(facts: Facts, follow_up: str) -> Verdict:
    """Tell whether a detail that is a reason of its own holds."""
    verdict = _detail(facts, follow_up, worse=True)
    return yes(follow_up) if verdict.holds else verdict


def _first_pain_without_injury(facts: Facts) -> Verdict:
    first, injury = _first_sudden_pain(facts, FIRST_PAIN_YEARS), _injury(facts)
    without = NO if injury.holds else HOLDS if injury.holds is False else injury
    return all_of(first, without)


def violence(facts: Facts) -> Verdict:
    """Look for somebody who is hurt by another; it is told, or ticked in the list about safety."""
    return yes("violence") if VIOLENCE & facts.health_conditions else NO


def injury_in_fragile_patient(facts: Facts) -> Verdict:
    """Look for an injury that may have broken a bone, or bled."""
    injury = _injury(facts)
    if not injury.holds:
        return injury
    older = _age(facts, lambda years: years >= OLDER_YEARS)
    fell_on_thinners = all_of(_thinners(facts), _detail(facts, "injury_force", worse=True))
    return all_of(injury, any_of(_fragile_bones(facts), older, fell_on_thinners))


def severe(facts: Facts) -> Verdict:
    """Look for severe pain, 7 to 10 of 10 for most of the week (article, precaution 3)."""
    if facts.pain_severity is None:
        return _ask(facts, Slot.PAIN_SEVERITY)
    if facts.pain_severity < SEVERE_FROM:
        return NO
    usual = _detail(facts, "strength_usual", worse=True)
    return all_of(yes("pain_severity", facts.pain_severity), usual)


def examined(facts: Facts) -> bool:
    """Tell whether a doctor has examined this pain and found nothing against massage."""
    return facts.detail(PAIN).examined is True


def severe_and_not_examined(facts: Facts) -> Verdict:
    """Look for severe pain that no doctor has examined yet (article, precaution 3)."""
    verdict = severe(facts)
    known = facts.pain_severity is not None
    return NO if known and examined(facts) else verdict


def injury_or_inflammation(facts: Facts) -> Verdict:
    """Look for what may be inflamed (article, precaution 1).

    Swelling, heat and bruising wait until they are gone, whoever has examined them.
    """
    if facts.inflammation:
        return any_of(yes("inflammation"), _injury(facts))
    injury = _injury(facts)
    if not injury.holds:
        return injury
    inflamed = _detail(facts, "injury_inflamed", worse=True)
    if examined(facts):
        return all_of(injury, inflamed)
    force = _detail(facts, "injury_force", worse=True)
    not_better = _detail(facts, "injury_better", Course.SAME, Course.WORSE)
    return all_of(injury, any_of(force, not_better, inflamed))


def massage_hurt(facts: Facts) -> Verdict:
    """Look for a massage that made it worse (article, precaution 1)."""
    if facts.massage_response is None:
        return _ask(facts, Slot.MASSAGE_RESPONSE)
    return yes("massage_worse") if facts.massage_response is MassageResponse.WORSE else NO


def _child(facts: Facts) -> Verdict:
    return _age(facts, lambda years: years < CHILD_YEARS)


def leg_looked_after(facts: Facts) -> Verdict:
    """Look for leg pain that the rule before lets pass: examined, or neither worse nor long."""
    leg, not_examined = _leg_below_knee(facts), _leg_not_examined(facts)
    if not leg.holds or not_examined.holds is None:
        return leg if not leg.holds else Verdict(None, needs=not_examined.needs)
    return NO if not_examined.holds else yes("leg_looked_after")


def _leg_below_knee(facts: Facts) -> Verdict:
    if facts.leg_symptoms is None:
        # The list about the back asks for the legs, so nobody is asked twice.
        lists = owed(facts, {LEG})
        return unknown(*(lists - facts.given_up)) if lists else NO
    if facts.leg_symptoms is LegSymptoms.NONE:
        return NO
    if facts.leg_below_knee is None:
        return _ask(facts, Slot.LEG_SYMPTOMS)
    return yes("leg_below_knee") if facts.leg_below_knee else NO


def _leg_not_examined(facts: Facts) -> Verdict:
    leg = _leg_below_knee(facts)
    if facts.leg_examined or not leg.holds:
        return NO if facts.leg_examined else leg
    not_examined = _detail(facts, "leg_examined", worse=False)
    worse = _detail(facts, "leg_worse", Course.WORSE)
    return all_of(leg, not_examined, any_of(_lasts(facts, LEG_PAIN_DAYS), worse))


def _lasts(facts: Facts, longer_than: int) -> Verdict:
    if facts.pain_duration is None:
        return _ask(facts, Slot.PAIN_DURATION)
    return HOLDS if facts.pain_duration > longer_than else NO


def _inflamed_spine(facts: Facts) -> Verdict:
    stiff = _stiff_mornings(facts)
    if not stiff.holds:
        return stiff
    young = _age(facts, lambda years: years < INFLAMMATORY_BELOW_YEARS)
    pattern = all_of(_without_reason(young), _without_reason(chronic(facts)))
    if pattern.holds:
        pattern = _detail(facts, "inflammatory_pattern", worse=True)
    return all_of(stiff, pattern)


def _without_reason(verdict: Verdict) -> Verdict:
    return HOLDS if verdict.holds else verdict


def child_leg_or_inflamed_spine(facts: Facts) -> Verdict:
    """Look for a child, a nerve that nobody examined, or an inflamed spine."""
    return any_of(
        _child(facts),
        _leg_not_examined(facts),
        _inflamed_spine(facts),
        _first_pain_without_injury(facts),
    )


def given_up(facts: Facts) -> Verdict:
    """Look for questions that stayed without an answer, other than the emergency signs."""
    missing = facts.given_up & (DECIDING - EMERGENCY_LISTS)
    if missing:
        return Verdict(True, frozenset(Reason(f"unknown_{slot.value}") for slot in missing))
    return NO


def emergency_unanswered(facts: Facts) -> Verdict:
    """Look whether nobody could answer for the emergency signs."""
    if EMERGENCY_LISTS & facts.given_up:
        return yes(f"unknown_{Slot.EMERGENCY_SIGNS.value}")
    return NO


def spasm(facts: Facts) -> Verdict:
    """Look for muscle spasms."""
    if facts.muscle_spasm is None:
        return _ask(facts, Slot.MUSCLE_SPASM)
    return yes("muscle_spasm") if facts.muscle_spasm else NO


def massages_without_change(facts: Facts) -> Verdict:
    """Look for massages that changed nothing (article, precaution 2)."""
    if facts.massage_response is None:
        return _ask(facts, Slot.MASSAGE_RESPONSE)
    if facts.massage_response is not MassageResponse.NO_CHANGE:
        return NO
    if facts.massage_sessions is None:
        return _ask(facts, Slot.MASSAGE_SESSIONS)
    if facts.massage_sessions >= TRIAL_MASSAGES:
        return yes("massage_no_change", facts.massage_sessions)
    return NO


def chronic(facts: Facts) -> Verdict:
    """Look for pain of 12 weeks or more."""
    if facts.pain_duration is None:
        return _ask(facts, Slot.PAIN_DURATION)
    if facts.pain_duration >= CHRONIC_DAYS:
        return yes("pain_duration", f"{facts.pain_duration:g}")
    return NO


def always(facts: Facts) -> Verdict:
    """Hold whatever is known."""
    return yes("nothing_against_massage")


def notes_for(facts: Facts) -> tuple[str, ...]:
    """List what the therapist should know of somebody whom no doctor has to see first.

    Source: massage precautions (NCCIH); "start gently" after a strain that is getting better.
    """
    told = sorted(c.value for c in facts.health_conditions)
    if facts.recent_injury:
        told.append("injury_examined" if examined(facts) else "strain_getting_better")
    # Whether it is so strong usually is not asked of who was examined: that it may be is enough.
    return (*told, "severe_pain_examined") if severe(facts).holds is not False else tuple(told)
