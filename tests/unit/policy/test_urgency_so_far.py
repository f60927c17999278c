"""What is known so far: whether a doctor comes first whatever else is answered."""

from __future__ import annotations

import pytest

from backline.facts import EmergencySign, Facts, HealthCondition, Slot, Urgency
from backline.policy import urgency_so_far


def test_nothing_known_sends_to_nobody() -> None:
    assert urgency_so_far(Facts()) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(health_conditions=frozenset({HealthCondition.BLOOD_THINNERS})), Urgency.SOON),
        (Facts(health_conditions=frozenset({HealthCondition.FEVER})), Urgency.URGENT),
        (Facts(emergency_signs=frozenset({EmergencySign.FAINTING})), Urgency.EMERGENCY),
        (Facts(pain_severity=8).with_detail("pain_severity", usual=True), Urgency.SOON),
        (Facts(pain_severity=8), None),
        (Facts(age=12), Urgency.SOON),
    ],
)
def test_a_rule_that_holds_already_is_told_before_all_is_asked(
    facts: Facts, expected: Urgency | None
) -> None:
    assert urgency_so_far(facts) is expected


def test_a_ticked_sign_that_is_asked_about_is_no_emergency_yet() -> None:
    sign = frozenset({EmergencySign.BOTH_LEGS})
    facts = Facts(emergency_signs=sign, ticked=sign, checked=frozenset({Slot.EMERGENCY_SIGNS}))
    assert urgency_so_far(facts) is None
