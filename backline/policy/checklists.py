"""The lists that are asked: which lines each has, and what a line stands for.

A list has at most five lines, as many as are read in one breath. A line is a sign, a condition or
another fact, by its code; or it stands for several, and is then called as the list that tells
them apart, which only who ticks it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from backline.facts import PARTED, EmergencySign, Facts, HealthCondition, Slot
from backline.policy.follow_ups import INJURY, LEG
from backline.replies import SKIP

S, C = EmergencySign, HealthCondition
SPASM = "muscle_spasm"
BACK_FACTS = (INJURY, SPASM)
"""Lines of the list about the back that are facts of their own, and true or false."""
OWN_FACTS = (*BACK_FACTS, LEG)
"""Lines of lists that are facts of their own, and no signs or conditions."""

LISTS: Mapping[Slot, tuple[str, ...]] = {
    Slot.EMERGENCY_SIGNS: (
        S.SADDLE_NUMBNESS.value,
        S.BLADDER_CHANGE.value,
        S.BOWEL_CHANGE.value,
        S.SEXUAL_NUMBNESS.value,
        # Its words take in legs that give way, which mean the same (GIRFT cauda equina pathway).
        S.BOTH_LEGS.value,
    ),
    Slot.DANGER_SIGNS: (
        S.CHEST_PAIN.value,
        S.TEARING_PAIN_COLLAPSE.value,
        S.SERIOUS_ACCIDENT.value,
        S.FAINTING.value,
        S.SEPSIS.value,
    ),
    Slot.SAFETY: (S.SELF_HARM.value, C.VIOLENCE.value, SKIP),
    Slot.HEALTH_CONDITIONS: (
        C.FEVER.value,
        C.WEIGHT_LOSS.value,
        C.CANCER_HISTORY.value,
        Slot.MEDICINES.value,
        Slot.OTHER_ILLNESS.value,
    ),
    Slot.BACK_SIGNS: (
        INJURY,
        Slot.ONE_LEG.value,
        C.NIGHT_PAIN.value,
        C.INFLAMMATORY.value,
        SPASM,
    ),
    Slot.MEDICINES: (C.BLOOD_THINNERS.value, C.STEROIDS.value, C.WEAK_IMMUNITY.value),
    Slot.ONE_LEG: (LEG, C.FOOT_DROP.value),
    Slot.OTHER_ILLNESS: (
        Slot.OPERATION.value,
        Slot.HEART_OR_FITS.value,
        Slot.URINE_OR_BELLY.value,
        Slot.NEW_SIGN.value,
        Slot.LASTING.value,
    ),
    Slot.OPERATION: (C.RECENT_SURGERY.value, C.RECENT_SPINAL_PROCEDURE.value),
    Slot.HEART_OR_FITS: (
        C.HEART_OR_STROKE.value,
        C.EPILEPSY.value,
        C.DIABETES_NEUROPATHY.value,
    ),
    Slot.URINE_OR_BELLY: (C.URINARY_SIGNS.value, C.BLEEDING.value, C.ABDOMINAL_PAIN.value),
    Slot.NEW_SIGN: (
        C.LUMP_OR_DEFORMITY.value,
        C.BLOOD_CLOT.value,
        C.BALANCE_OR_ARMS.value,
        C.SKIN_PROBLEM.value,
        C.RASH_OR_UNWELL.value,
    ),
    Slot.LASTING: (
        C.PREGNANCY.value,
        C.OSTEOPOROSIS.value,
        C.KNOWN_SPINE_DISEASE.value,
        C.OTHER_SYMPTOM.value,
    ),
}
"""In the order asked. "None of these" stands after the lines."""
_TOLD_BESIDE: Mapping[str, str] = {C.OTHER_SYMPTOM.value: C.SETTLED_ILLNESS.value}
"""By line, what is told there in words and never ticked: an illness that rules no massage out."""


def _stands_for(asked: Slot) -> Iterator[str]:
    for line in LISTS[asked]:
        if line in PARTED:
            yield from _stands_for(Slot(line))
        elif line != SKIP:
            yield from (line, _TOLD_BESIDE.get(line, line))


CODES: Mapping[Slot, frozenset[str]] = {asked: frozenset(_stands_for(asked)) for asked in LISTS}
"""What each list asks for in the end."""


def lists_within(asked: Slot) -> frozenset[Slot]:
    """Give the lists that tell apart what lines of a list stand for, and those within them."""
    own = frozenset(Slot(line) for line in LISTS[asked] if line in PARTED)
    return own.union(*(lists_within(part) for part in own))


def stands_for(line: str) -> frozenset[str]:
    """Give the codes of a line, by its name."""
    return CODES[Slot(line)] if line in PARTED else frozenset({line})


def codes_present(facts: Facts) -> frozenset[str]:
    """Give the codes of all lines that are known to hold."""
    signs = {sign.value for sign in facts.emergency_signs}
    known = signs | {condition.value for condition in facts.health_conditions}
    return frozenset(known | {name for name in OWN_FACTS if getattr(facts, name)})


def told_apart(facts: Facts) -> Facts:
    """Ask no more for what a ticked line stands for where one of its parts is known."""
    present = codes_present(facts)
    known = frozenset(line for line in facts.parted if not CODES[line].isdisjoint(present))
    return replace(facts, checked=facts.checked | known) if known - facts.checked else facts


def owed(facts: Facts, codes: Collection[str]) -> frozenset[Slot]:
    """Find the lists that were not answered and may tell one of these codes."""
    return frozenset(
        asked
        for asked in LISTS
        if asked not in facts.checked
        and (asked not in PARTED or asked in facts.parted)
        and not CODES[asked].isdisjoint(codes)
    )
