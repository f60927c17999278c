"""What a correction changes, and what it leaves open."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.dialogue.questions import CONDITION_ITEMS
from backline.facts import Facts, Finding, HealthCondition, Slot, Status
from backline.nlu import Understander
from backline.nlu.intents import is_correction

READER = Understander(lambda: dt.date(2026, 11, 23))

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


def test_a_bare_time_in_a_correction_is_the_pains_where_that_was_asked_last() -> None:
    told = Understanding([Finding("time", 21.0)], corrects=True)
    before = replace(LASTS_A_YEAR, answered=(Slot.PAIN_DURATION,))
    assert update(before, told).facts.pain_duration == 21


@pytest.mark.parametrize(
    "text",
    [
        "the bladder was in summer, it is finished since months",
        "sorry, on the tablets for years",
        "It was in 2019",
        "I saw her last month",
        "thats stupid tonsils have nothing to do with my back that was feb",
    ],
)
def test_a_time_of_something_else_in_a_correction_is_not_the_pains(text: str) -> None:
    before = replace(LASTS_A_YEAR, asked=None)
    told = Understanding(READER.read(text), corrects=True)
    assert update(before, told).facts.pain_duration == 365


@pytest.mark.parametrize(
    ("text", "days"), [("sorry, my back has hurt for 3 weeks", 21), ("wrong, it is 3 weeks", 21)]
)
def test_a_time_of_the_pain_in_a_correction_is(text: str, days: int) -> None:
    before = replace(LASTS_A_YEAR, asked=None)
    told = Understanding(READER.read(text), corrects=True)
    assert update(before, told).facts.pain_duration == days


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


PICKED = Conversation(
    facts=replace(
        Facts(),
        health_conditions=frozenset({HealthCondition.BLOOD_THINNERS}),
        checked=frozenset({Slot.HEALTH_CONDITIONS}),
    ),
    consent=True,
    answered=(Slot.HEALTH_CONDITIONS,),
)


def _line_of(condition: HealthCondition) -> int:
    return CONDITION_ITEMS.index(condition.value) + 1


def test_a_wrong_line_is_changed_for_the_right_one() -> None:
    number = Finding("number", _line_of(HealthCondition.PREGNANCY))
    heard = update(PICKED, Understanding([number], corrects=True))
    assert heard.facts.health_conditions == {HealthCondition.PREGNANCY}


def test_of_several_lines_none_is_taken_back_for_another() -> None:
    both = frozenset({HealthCondition.BLOOD_THINNERS, HealthCondition.FEVER})
    picked = replace(PICKED, facts=replace(PICKED.facts, health_conditions=both))
    number = Finding("number", _line_of(HealthCondition.PREGNANCY))
    heard = update(picked, Understanding([number], corrects=True))
    assert heard.facts.health_conditions == both | {HealthCondition.PREGNANCY}


@pytest.mark.parametrize("status", [Status.ABSENT, Status.PAST, Status.OTHER_PERSON])
def test_a_condition_that_a_correction_denies_or_gives_to_another_is_taken_back(
    status: Status,
) -> None:
    other = Finding("health_condition", "blood_thinners", status)
    assert not update(PICKED, Understanding([other], corrects=True)).facts.health_conditions


def test_an_illness_of_another_takes_nothing_back_where_nobody_corrects() -> None:
    other = Finding("health_condition", "blood_thinners", Status.OTHER_PERSON)
    heard = update(PICKED, Understanding([other]))
    assert heard.facts.health_conditions == {HealthCondition.BLOOD_THINNERS}


@pytest.mark.parametrize(
    "text",
    [
        "I misspoke, I am not pregnant",
        "the clot was my uncle's, not mine",
        "I ticked the wrong line, it is 3",
        "remove the warfarin, my thumb slipped",
        "correction: months",
    ],
)
def test_words_that_take_something_back(text: str) -> None:
    assert is_correction(text)


@pytest.mark.parametrize("said", ["57 yrs", "57 years", "about 57 years"])
def test_years_are_an_age_where_it_was_asked(said: str) -> None:
    asked = Conversation(consent=True, asked=Slot.AGE)
    heard = update(asked, Understanding(READER.read(said)))
    assert (heard.facts.age, heard.facts.pain_duration) == (57, None)


def test_years_that_may_be_an_age_do_not_change_how_long_it_hurts() -> None:
    known = replace(Facts(), pain_duration=7)
    asked = Conversation(facts=known, consent=True, asked=Slot.MUSCLE_SPASM)
    heard = update(asked, Understanding(READER.read("57 yrs")))
    assert (heard.facts.age, heard.facts.pain_duration) == (57, 7)


def test_years_correct_how_long_it_hurts_where_that_is_said() -> None:
    known = replace(Facts(), pain_duration=7)
    asked = Conversation(facts=known, consent=True, asked=Slot.MUSCLE_SPASM)
    heard = update(asked, Understanding(READER.read("sorry, i meant 20 yrs"), corrects=True))
    assert heard.facts.pain_duration == 7300


def test_years_are_how_long_it_hurts_where_that_was_asked() -> None:
    asked = Conversation(consent=True, asked=Slot.PAIN_DURATION)
    heard = update(asked, Understanding(READER.read("20 yrs")))
    assert heard.facts.pain_duration == 7300


def test_years_of_the_pain_are_none_where_the_age_was_asked() -> None:
    asked = Conversation(consent=True, asked=Slot.AGE)
    heard = update(asked, Understanding(READER.read("61, and it has hurt for 3 years")))
    assert (heard.facts.age, heard.facts.pain_duration) == (61, 1095)


def test_what_is_to_come_dates_no_pain() -> None:
    asked = Conversation(consent=True, asked=Slot.PAIN_DURATION)
    heard = update(asked, Understanding(READER.read("my scan is due on Friday")))
    assert heard.facts.pain_duration is None
