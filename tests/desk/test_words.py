"""Staff see every answer, question and channel under a name."""

from __future__ import annotations

from dataclasses import fields

import pytest

from backline.channels.messaging.capabilities import CAPABILITIES
from backline.desk.clinical import known_of, missing_of
from backline.desk.words import FILE, load_words
from backline.dialogue import QUESTION_ORDER
from backline.facts import PARTED, EmergencySign, Facts, HealthCondition
from backline.settings import load_settings
from backline.yaml_text import read_words

WORDS = load_words(load_settings())
OWN = read_words(FILE)
IN_PARTS = {"checked", "details", "emergency_signs", "given_up", "health_conditions", "parted"}
"""Facts that the lists of positives, negatives and what is missing tell."""
PLAIN_FACTS = sorted({f.name for f in fields(Facts)} - IN_PARTS - {"ticked"})


@pytest.mark.parametrize("name", PLAIN_FACTS)
def test_every_fact_is_shown(name: str) -> None:
    assert name in OWN["facts"]


@pytest.mark.parametrize("asked", QUESTION_ORDER)
def test_every_question_that_may_be_missing_has_a_name(asked: str) -> None:
    assert asked in OWN["questions"]


@pytest.mark.parametrize("code", [*EmergencySign, *HealthCondition])
def test_every_sign_and_condition_has_a_name(code: EmergencySign | HealthCondition) -> None:
    assert code.value in WORDS.titles or code.value in OWN["codes"]


@pytest.mark.parametrize("channel", sorted(CAPABILITIES))
def test_every_messaging_service_has_a_name(channel: str) -> None:
    assert WORDS.channel(channel) != channel


def test_who_need_not_say_whether_they_are_safe_denied_nothing() -> None:
    assert not known_of({"checked": ["safety"]}, WORDS).negatives


def test_what_nobody_could_tell_apart_is_not_denied() -> None:
    facts = {"checked": ["health_conditions"], "parted": ["medicines"], "given_up": ["medicines"]}
    assert WORDS.title("steroids") not in known_of(facts, WORDS).negatives
    assert WORDS.title("fever") in known_of(facts, WORDS).negatives


def test_a_list_that_no_tick_leads_to_is_not_missing() -> None:
    missing = {lacking.question for lacking in missing_of(Facts(), WORDS)}
    assert not missing & {WORDS.name("questions", line.value) for line in PARTED}
