"""What a correction changes, and what it leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import Facts, Finding, Slot

RATED = Conversation(
    facts=replace(Facts(), pain_severity=4), consent=True, asked=Slot.RECENT_INJURY
)


def test_the_no_of_a_correction_answers_nothing_that_was_asked() -> None:
    heard = update(
        RATED, Understanding([Finding("answer", "no"), Finding("number", 7)], corrects=True)
    )
    assert heard.facts.pain_severity == 7
    assert heard.facts.recent_injury is None


def test_of_two_numbers_in_a_correction_the_last_is_meant() -> None:
    heard = update(
        RATED, Understanding([Finding("number", 4), Finding("number", 6)], corrects=True)
    )
    assert heard.facts.pain_severity == 6


def test_a_plain_no_is_an_answer() -> None:
    heard = update(RATED, Understanding([Finding("answer", "no")]))
    assert heard.facts.recent_injury is False


def test_a_year_beside_a_rating_is_no_second_rating() -> None:
    asked = Conversation(consent=True, asked=Slot.PAIN_SEVERITY)
    heard = update(asked, Understanding([Finding("number", 2023), Finding("number", 6)]))
    assert heard.facts.pain_severity == 6


def test_a_number_off_the_scale_beside_one_on_it_is_asked_again() -> None:
    asked = Conversation(consent=True, asked=Slot.PAIN_SEVERITY)
    heard = update(asked, Understanding([Finding("number", 15), Finding("number", 6)]))
    assert heard.facts.pain_severity is None


STRUGGLES = Finding("severity", 5, source="quantities:struggle")
UNBEARABLE = Finding("severity", 9, source="quantities:unbearable")


@pytest.mark.parametrize(
    ("told", "words", "known"),
    [
        *((8, STRUGGLES, 8), (3, STRUGGLES, 3), (None, STRUGGLES, 5)),
        *((8, UNBEARABLE, 9), (3, UNBEARABLE, 9), (10, UNBEARABLE, 10)),
    ],
)
def test_a_severity_that_was_told_stands_against_words_that_are_not_severe(
    told: int | None, words: Finding, known: int
) -> None:
    before = replace(RATED, facts=Facts(pain_severity=told))
    assert update(before, Understanding([words])).facts.pain_severity == known


def test_words_of_a_correction_do() -> None:
    before = replace(RATED, facts=Facts(pain_severity=8))
    assert update(before, Understanding([STRUGGLES], corrects=True)).facts.pain_severity == 5


def test_a_number_told_anew_is_taken_higher_or_lower() -> None:
    before = replace(RATED, facts=Facts(pain_severity=8))
    lower = Finding("severity", 4, source="quantities:number")
    assert update(before, Understanding([lower])).facts.pain_severity == 4


LASTS_A_YEAR = Conversation(facts=Facts(pain_duration=365), consent=True, asked=Slot.PAIN_SEVERITY)


def test_a_bare_time_in_a_correction_is_the_pains_where_one_is_known() -> None:
    told = Understanding([Finding("time", 21.0)], corrects=True)
    assert update(LASTS_A_YEAR, told).facts.pain_duration == 21


def test_a_bare_time_in_a_correction_is_nothings_where_no_time_is_known() -> None:
    told = Understanding([Finding("time", 21.0)], corrects=True)
    assert update(RATED, told).facts.pain_duration is None


def test_a_bare_time_without_a_correction_changes_nothing() -> None:
    told = Understanding([Finding("time", 21.0)])
    assert update(LASTS_A_YEAR, told).facts.pain_duration == 365


def test_a_no_that_cannot_answer_a_number_takes_back_what_it_tells_anew() -> None:
    told = Understanding([Finding("answer", "no"), Finding("duration", 6.0)])
    assert update(LASTS_A_YEAR, told).facts.pain_duration == 6


def test_a_no_that_answers_a_question_takes_nothing_back() -> None:
    asked = replace(LASTS_A_YEAR, asked=Slot.RECENT_INJURY)
    told = Understanding([Finding("answer", "no"), Finding("duration", 6.0)])
    after = update(asked, told).facts
    assert (after.pain_duration, after.recent_injury) == (365, False)
