"""Which question comes next."""

from __future__ import annotations

from backline.facts import EmergencySign, Facts, HealthCondition, Slot
from backline.policy import open_slots

QUESTION_ORDER: tuple[Slot, ...] = (
    Slot.EMERGENCY_SIGNS,
    Slot.PAIN_DURATION,
    Slot.PAIN_SEVERITY,
    Slot.RECENT_INJURY,
    Slot.HEALTH_CONDITIONS,
    Slot.LEG_SYMPTOMS,
    Slot.MUSCLE_SPASM,
    Slot.MASSAGE_RESPONSE,
    Slot.MASSAGE_SESSIONS,
    Slot.AGE,
)
"""Emergency signs before anything else, then what decides most often."""

LEG_ITEM = "leg_below_knee"
"""The line about one leg in the conditions checklist; a fact of its own, not a condition."""

VOLUNTEERED_ONLY: frozenset[EmergencySign | HealthCondition] = frozenset(
    {
        EmergencySign.OVERDOSE,
        EmergencySign.OTHER_EMERGENCY,
        HealthCondition.PREGNANCY_PAIN_OR_BLEEDING,
        HealthCondition.VIOLENCE,
    }
)
"""Codes that count when they are told; no checklist asks for them."""

CHECKLIST_ITEMS: dict[Slot, tuple[str, ...]] = {
    Slot.EMERGENCY_SIGNS: tuple(
        sign.value for sign in EmergencySign if sign not in VOLUNTEERED_ONLY
    ),
    Slot.HEALTH_CONDITIONS: (
        *(
            code.value
            for code in HealthCondition
            if code not in VOLUNTEERED_ONLY and code is not HealthCondition.OTHER_SYMPTOM
        ),
        LEG_ITEM,
        HealthCondition.OTHER_SYMPTOM.value,
    ),
}
"""The lines of each checklist in the order shown, so that "the second one" can be understood."""

ASKS_BEFORE_GIVING_UP = 2
"""One question and one re-wording; then rule D6 decides, and U3 for the emergency signs."""


def next_question(facts: Facts) -> Slot | None:
    """The first question whose answer could still change the result, or None when decided."""
    still_open = open_slots(facts)
    return next((slot for slot in QUESTION_ORDER if slot in still_open), None)
