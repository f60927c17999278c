"""What stays once it was told in a call, and what is of other people, times and things."""

from __future__ import annotations

import pytest

from tests.unit.phone.test_review import call

HOW_BAD = "A: How bad is the pain, out of ten?"
HOW_LONG = "A: How long has your back hurt?"


@pytest.mark.parametrize(
    "later",
    [
        *("Just now it is a three.", "At rest it's a one.", "I'd call it a four this morning."),
        *("It is a bit sore today.", "The best it gets is a two.", "Lying flat it's about a one."),
    ],
)
def test_the_highest_strength_of_this_pain_stays(later: str) -> None:
    assert call(HOW_BAD, "C: Seven.", f"C: {later}").facts.pain_severity == 7


def test_a_higher_strength_that_is_told_later_counts() -> None:
    assert call(HOW_BAD, "C: Four.", "C: In bed last night it was a nine.").facts.pain_severity == 9


def test_a_strength_that_is_clearly_corrected_is_gone() -> None:
    assert call(HOW_BAD, "C: Nine.", "C: Sorry, I meant five.").facts.pain_severity == 5


@pytest.mark.parametrize(
    "then",
    [
        "Last month it was a nine.",
        "Two years ago I had a ten with my kidney.",
        "When I was in labour that was a ten.",
        "Back then it was a nine out of ten.",
        "Last winter, with my shoulder, that was an eight.",
    ],
)
def test_a_strength_of_another_time_is_none_of_now(then: str) -> None:
    assert call(HOW_BAD, f"C: {then} This one is a four.").facts.pain_severity == 4


def test_a_strong_word_about_something_else_is_no_strength() -> None:
    found = call(HOW_BAD, "C: Four.", "A: Do you bruise easily?", "C: Oh yes, terribly.")

    assert found.facts.pain_severity == 4


@pytest.mark.parametrize(
    "later",
    ["It was nothing really.", "I wasn't hurt.", "I didn't bang my head.", "There's no injury."],
)
def test_a_told_injury_stays(later: str) -> None:
    told = "I slipped on the steps on Monday."

    assert call(f"C: {told}", f"C: {later}").facts.recent_injury is True


@pytest.mark.parametrize(
    "then",
    [
        "I fell off a horse twenty years ago.",
        "I had a car crash in 2009.",
        "When I was a kid I fell out of a tree.",
        "I twisted it last year.",
    ],
)
def test_an_injury_of_long_ago_is_no_recent_one(then: str) -> None:
    found = call("A: Have you had a fall?", f"C: {then}")

    assert found.facts.recent_injury is not True
    assert "serious_accident" not in found.facts.emergency_signs


def test_when_an_injury_was_tells_whether_it_is_recent() -> None:
    told = ("A: Did an injury start it?", "C: I lifted a sofa.", "A: When was that?")

    assert call(*told, "C: Three months ago.").facts.recent_injury is False
    assert call(*told, "C: Nine days ago.").facts.recent_injury is True
    assert call(*told, "C: Nine days ago.").facts.pain_duration == 9


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Do you smoke?", "Yes, for thirty years."),
        ("Do you have a fever?", "Yes, since Tuesday."),
        ("Any trouble with your bladder?", "Yes, it's been leaking for four days."),
        ("Are you on tablets?", "I've been on tramadol for a month."),
        ("How are you?", "I've been trying to ring for a week."),
        ("Are you working?", "I drove lorries for twenty years."),
    ],
)
def test_a_time_of_something_else_is_no_length_of_the_pain(question: str, answer: str) -> None:
    assert call(f"A: {question}", f"C: {answer}").facts.pain_duration is None


def test_what_was_asked_for_counts_before_what_was_told_beside() -> None:
    found = call("C: My back has been bad for a year on and off.", HOW_LONG, "C: Six days.")

    assert found.facts.pain_duration == 6


@pytest.mark.parametrize(
    "answer", ["Two weeks. No, sorry, five.", "Two weeks, no, make that five.", "Five weeks."]
)
def test_a_corrected_number_is_in_the_unit_of_the_first(answer: str) -> None:
    assert call(HOW_LONG, f"C: {answer}").facts.pain_duration == 35


@pytest.mark.parametrize(
    "relative",
    [
        "My uncle had a weak heart, he was gone at fifty.",
        "My wife does, the warfarin.",
        "My brother reckons it's only sciatica, he had it for years.",
        "My husband has a bad back as well, he had pins and needles.",
    ],
)
def test_what_a_relative_has_is_not_the_patients(relative: str) -> None:
    found = call("A: Anything else?", f"C: {relative}")

    assert found.facts.health_conditions == frozenset()
    assert found.facts.leg_symptoms is None


@pytest.mark.parametrize(
    "through_another",
    ["My wife says I can't feel my bottom.", "My son noticed that my legs gave way."],
)
def test_a_sign_that_another_noticed_is_the_patients(through_another: str) -> None:
    assert call(f"C: {through_another}").facts.emergency_signs


def test_who_speaks_for_another_tells_of_themselves_besides() -> None:
    found = call(
        "C: I'm calling about my mum, her back has hurt for three weeks.",
        "A: Has she had this before?",
        "C: I had the same thing for two years, and I take warfarin for it.",
    )

    assert found.facts.pain_duration == 21
    assert found.facts.health_conditions == frozenset()


@pytest.mark.parametrize(
    "once", ["I used to faint as a boy.", "I had shingles two years ago.", "I fainted in 1990."]
)
def test_what_was_once_is_not_denied_by_that(once: str) -> None:
    found = call("A: How is your health?", f"C: {once}")

    assert not [e for e in found.evidence if e.value == "denied"]
