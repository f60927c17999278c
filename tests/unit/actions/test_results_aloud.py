"""Results as callers hear them: at most seventy words, with the reason and whom to call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest

from actions.wording import Wording
from backline.facts import (
    CHECKLISTS,
    Course,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
)
from backline.phone.text.verbalize import spoken
from backline.policy import (
    FOLLOW_UPS,
    Recommendation,
    decide,
    open_follow_up,
    open_slots,
)
from backline.policy.plans import Therapy
from backline.responses import Responses, clinic_words, fill, result_response
from backline.settings import load_settings
from tests.plain import PLAIN_FACTS
from tests.unit.actions.conftest import DOMAIN

MOST_WORDS = 70
PLAIN = replace(PLAIN_FACTS, checked=CHECKLISTS)
CLINIC = load_settings({}).clinic


def of_many_callers() -> Iterator[Facts]:
    """Each sign and each illness alone, illnesses in pairs, and what else decides."""
    changes: list[dict[str, Any]] = [
        {},
        {"pain_severity": 9},
        {"pain_duration": 200.0},
        {"muscle_spasm": True},
        {"massage_response": MassageResponse.WORSE, "massage_sessions": 2},
        {"massage_response": MassageResponse.NO_CHANGE, "massage_sessions": 3},
        {"leg_symptoms": LegSymptoms.ONE_LEG, "leg_below_knee": True, "leg_examined": True},
        {"leg_symptoms": LegSymptoms.ONE_LEG, "leg_below_knee": True, "leg_examined": False},
    ]
    for change in changes:
        facts = replace(PLAIN, **change)
        yield facts
        for code in HealthCondition:
            yield replace(facts, health_conditions=frozenset({code}))
    for pair in combinations(HealthCondition, 2):
        yield replace(PLAIN, health_conditions=frozenset(pair))
    for sign in EmergencySign:
        yield replace(PLAIN, emergency_signs=frozenset({sign}))
    yield replace(PLAIN, recent_injury=True).with_detail("recent_injury", force=True)
    yield replace(PLAIN, recent_injury=True, inflammation=True)
    yield replace(PLAIN, recent_injury=True, inflammation=False).with_detail(
        "recent_injury", force=False, course=Course.BETTER
    )


def settled(facts: Facts, answer: bool) -> Facts:
    """The facts once everything that is asked about them is answered the same."""
    while (name := open_follow_up(facts)) is not None:
        asked = FOLLOW_UPS[name]
        facts = asked.told(facts, asked.yes if answer else asked.no)
    return facts


def aloud(facts: Facts, decided: Recommendation, response: str) -> str:
    wording = Wording(DOMAIN, None, "phone")
    values = {
        "reasons": "; ".join(wording.deciding_reasons(decided)),
        "plan": wording.plan(decided, CLINIC.therapies),
        "safety_net": wording.say("utter_safety_net"),
        "lines": wording.lines(facts.age),
    }
    told = Responses(DOMAIN["responses"]).on("phone").say(response, **values)
    return spoken(fill(told, {**clinic_words(CLINIC), "you": "you", "your": "your", "s": ""}))


@pytest.fixture(scope="module")
def told() -> list[tuple[str, str]]:
    """What many callers hear, with the response that words it."""
    heard = []
    for facts, answer in product(of_many_callers(), (True, False)):
        facts = settled(facts, answer)
        if open_slots(facts):
            continue
        decided = decide(facts)
        response = result_response(decided.rule.id, decided.outcome.value, decided.urgency.value)
        heard.append((response, aloud(facts, decided, response)))
    return heard


def test_no_result_has_more_than_seventy_words(told: list[tuple[str, str]]) -> None:
    longest = max((text for _, text in told), key=lambda text: len(text.split()))
    assert len(longest.split()) <= MOST_WORDS, longest


def test_every_kind_of_result_is_heard(told: list[tuple[str, str]]) -> None:
    kinds = {response.removeprefix("utter_result_") for response, _ in told}
    assert {"emergency", "urgent", "soon", "massage", "combined", "violence"} <= kinds


def test_every_result_says_why_or_whom_to_talk_to(told: list[tuple[str, str]]) -> None:
    assert all("The reason is that" in text or "Talk to" in text for _, text in told)


def test_every_result_that_is_no_emergency_says_when_to_call(told: list[tuple[str, str]]) -> None:
    doctor_or_less = [t for r, t in told if r.rpartition("_")[2] not in ("emergency", "violence")]
    assert doctor_or_less
    assert all("Call zero zero zero if a danger sign that I named" in t for t in doctor_or_less)


def test_results_in_the_chat_are_as_long_as_they_were() -> None:
    decided = decide(replace(PLAIN, health_conditions=frozenset({HealthCondition.CANCER_HISTORY})))
    chat = Wording(DOMAIN)
    assert chat.deciding_reasons(decided) == chat.reasons(decided)
    assert "Numbness between the legs" in chat.say("utter_safety_net")


def test_what_the_therapist_has_to_know_is_said_before_what_fits_everybody() -> None:
    epilepsy = replace(PLAIN, health_conditions=frozenset({HealthCondition.EPILEPSY}))
    facts = settled(epilepsy, True)
    plan = Wording(DOMAIN, None, "phone").plan(decide(facts), tuple(Therapy))
    assert "Tell the therapist about your epilepsy." in plan.replace("{your}", "your")
