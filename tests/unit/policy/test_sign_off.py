"""A policy that the clinic has not signed recommends no massage, and takes no danger away."""

from __future__ import annotations

from typing import Any

import pytest

from backline.facts import Facts, Outcome, Urgency
from backline.policy import RULES, UNSIGNED, decide, withheld
from tests.desk.people import EMERGENCY, SPASM, URGENT

CHRONIC = {**SPASM, "pain_duration": 200}


@pytest.mark.parametrize("facts", [SPASM, CHRONIC])
def test_who_would_be_recommended_hands_on_work_is_sent_to_a_doctor(facts: dict[str, Any]) -> None:
    decided = decide(Facts.from_json(facts))
    assert decided.outcome is not Outcome.DOCTOR_FIRST
    instead = withheld(decided)
    assert (instead.outcome, instead.urgency) == (Outcome.DOCTOR_FIRST, Urgency.SOON)
    assert instead.rule_ids == [UNSIGNED.id, *decided.rule_ids]
    assert instead.plan.massage_sessions is None
    assert instead.plan.postponed_until is not None


@pytest.mark.parametrize("facts", [EMERGENCY, URGENT])
def test_who_is_sent_to_a_doctor_is_so_for_the_same_reasons(facts: dict[str, Any]) -> None:
    decided = decide(Facts.from_json(facts))
    assert withheld(decided) == decided


def test_it_is_no_rule_of_the_policy() -> None:
    assert UNSIGNED.id not in {rule.id for rule in RULES}
