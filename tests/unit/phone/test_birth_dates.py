"""A birth date is read in every form in which people say it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.phone.review.review import SpokenLine, review
from backline.phone.text.birth_dates import (
    age_by_birth_date,
    birth_date_in,
    calendar_of,
    with_age,
)
from tests.unit.phone.test_review import READ

TODAY = dt.date(2026, 11, 23)
HERE = calendar_of("AU", TODAY)
STATES = calendar_of("US", TODAY)


@pytest.mark.parametrize(
    "said",
    [
        *("The ninth of March 1961.", "9th of March, '61", "9 Mar 61", "March the ninth, 1961"),
        *("March ninth, sixty-one", "ninth of the third sixty-one", "It's the 9th, March, 61."),
        *("oh nine oh three sixty-one", "nought nine nought three sixty one", "09031961"),
        *("zero nine zero three six one", "nine three sixty-one", "9/3/61", "09-03-1961"),
        *(
            "9.3.61",
            "1961-03-09",
            "nine, three, nineteen sixty-one",
            "nineteen sixty-one, March 9th",
        ),
        *("Oh dear. Um, oh nine oh three sixty one. Ninth of the third.",),
    ],
)
def test_a_birth_date_is_read_however_it_is_said(said: str) -> None:
    assert birth_date_in(said, HERE) == dt.date(1961, 3, 9)


def test_the_order_is_that_of_the_clinics_country() -> None:
    assert birth_date_in("4/5/57", HERE) == dt.date(1957, 5, 4)
    assert birth_date_in("4/5/57", STATES) == dt.date(1957, 4, 5)
    assert birth_date_in("oh four oh five fifty-seven", STATES) == dt.date(1957, 4, 5)


@pytest.mark.parametrize("calendar", [HERE, STATES])
def test_what_can_be_no_month_is_the_day(calendar: object) -> None:
    assert birth_date_in("25/12/80", calendar) == dt.date(1980, 12, 25)  # type: ignore[arg-type]
    assert birth_date_in("12/25/80", calendar) == dt.date(1980, 12, 25)  # type: ignore[arg-type]
    assert birth_date_in("the fourth of the fifth fifty", calendar) == dt.date(1950, 5, 4)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("first of May two thousand and three", 2003),
        ("first of May twenty eleven", 2011),
        ("first of May nineteen oh nine", 1909),
        ("first of May oh four", 2004),
        ("oh one, double oh, two thousand", None),
        ("first of the fifth, double six", 1966),
    ],
)
def test_years_are_said_in_many_ways(said: str, year: int | None) -> None:
    born = birth_date_in(said, HERE)

    assert (born.year if born else None) == year


@pytest.mark.parametrize(
    "said",
    [
        *("31/2/80", "seven", "May 1957", "oh four one two five five six seven eight nine", ""),
        *("4 5 26", "the fourth of May 2031", "two to three weeks, maybe six", "it's 7 out of 10"),
    ],
)
def test_what_is_no_single_date_of_the_past_is_none(said: str) -> None:
    assert birth_date_in(said, HERE) is None


def test_a_birthday_that_is_still_to_come_does_not_count() -> None:
    assert age_by_birth_date("22/11/1980", HERE) == 46
    assert age_by_birth_date("24/11/1980", HERE) == 45


def test_on_the_line_a_birth_date_answers_how_old_somebody_is() -> None:
    assert with_age("it's the ninth of March sixty-one", HERE) == "65"
    assert with_age("sixty-five", HERE) == "sixty-five"


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    born = birth_date_in(text, HERE)

    assert born is None or born <= TODAY


def age(*lines: str) -> int | None:
    call = [SpokenLine(line[0] == "C", line[3:]) for line in lines]
    return review(call, READ, HERE).facts.age


def test_a_birth_date_in_a_call_is_an_age() -> None:
    assert age("A: And your date of birth?", "C: The ninth of March 1961.") == 65
    assert age("A: When were you born?", "C: oh nine oh three sixty-one") == 65


def test_the_parts_of_a_date_that_is_not_read_are_no_age() -> None:
    assert age("A: Your date of birth?", "C: It was the ninth of something in sixty.") is None


@pytest.mark.parametrize("agreed", ["Yes.", "That's right.", "Yeah, I am."])
def test_an_age_that_is_read_back_counts_when_it_is_agreed_to(agreed: str) -> None:
    assert age("A: So you're sixty-five?", f"C: {agreed}") == 65


def test_an_age_that_is_read_back_wrongly_does_not_count() -> None:
    assert age("A: So that makes you sixty-five?", "C: No.") is None
    assert age("A: So that makes you sixty-five?", "C: No, sixty-six.") == 66


def test_a_strength_that_is_read_back_is_no_age() -> None:
    assert age("A: So you're seven out of ten?", "C: Yes.") is None


@pytest.mark.parametrize(
    ("answer", "years"),
    [
        *(("The big six oh.", 60), ("Double four.", 44), ("seven one", 71)),
        *(("Seventy-two years young.", 72), ("I'll be fifty in May.", 49)),
    ],
)
def test_ages_are_said_in_many_ways(answer: str, years: int) -> None:
    assert age("A: How old are you?", f"C: {answer}") == years


def test_years_of_a_job_are_no_age() -> None:
    assert (
        age("A: What brings you here?", "C: I'm a welder, twenty two years, so it had to.") is None
    )
