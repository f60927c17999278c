"""Who of the speakers of a call is the caller, and how sure that is."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import pytest

from backline.nlu import Understander
from backline.phone.review.review import review
from backline.phone.review.roles import Roles, SpeakerRole
from backline.phone.review.transcripts import TranscriptError, read_call

READ = lru_cache(Understander(lambda: dt.date(2026, 11, 27)).read)


def roles(*lines: str, caller: str | None = None) -> Roles:
    return read_call("\n".join(lines), READ, caller)[1]


def role(found: Roles, label: str) -> SpeakerRole:
    return next(speaker for speaker in found.speakers if speaker.label == label)


def test_a_label_that_names_a_role_tells_it() -> None:
    found = roles("Reception: Hello?", "Patient: Hello.")

    assert role(found, "Patient") == SpeakerRole("Patient", "caller", "label", 1.0)
    assert role(found, "Reception") == SpeakerRole("Reception", "receptionist", "label", 1.0)


def test_who_asks_is_the_receptionist_and_who_tells_is_the_caller() -> None:
    found = roles("Ann: Do you have a fever?", "Ben: No. My lower back hurts.")

    assert found.caller == "Ben"
    assert [(s.role, s.by) for s in found.speakers] == [
        ("receptionist", "words"),
        ("caller", "words"),
    ]


def test_the_more_there_is_to_go_by_the_surer_is_a_guess() -> None:
    short = ["Ann: Do you have a fever?", "Ben: No. My lower back hurts."]
    long = [*short, "Ann: How bad is it, zero to ten?", "Ben: Four. I have numb feet, too."]

    assert 0.7 <= role(roles(*short), "Ben").certainty < role(roles(*long), "Ben").certainty <= 0.99


@pytest.mark.parametrize(
    "lines", [("Ann: hello", "Ben: hello"), ("Ann: hello there", "Ben: My back hurts.")]
)
def test_where_a_guess_would_not_be_sure_nobody_is_guessed(lines: tuple[str, ...]) -> None:
    with pytest.raises(TranscriptError, match="'Ann', 'Ben': name one with --caller"):
        roles(*lines)


def test_who_is_told_to_be_the_caller_is() -> None:
    found = roles("Patient: Do you have a fever?", "Ben: My back hurts.", caller=" BEN ")

    assert role(found, "Ben") == SpeakerRole("Ben", "caller", "told", 1.0)


def test_a_caller_who_does_not_speak_is_refused() -> None:
    with pytest.raises(TranscriptError, match="nobody in it is called 'Eve'; there are 'Ann'"):
        roles("Ann: Hello?", "Ben: Hello.", caller="Eve")


@pytest.mark.parametrize("name", ["Guest-", "User ", "Agent ", "Person_"])
def test_labels_that_are_but_numbered_tell_nothing(name: str) -> None:
    found = roles(f"{name}1: Do you have a fever?", f"{name}2: No. My lower back hurts.")

    assert found.caller == f"{name}2"
    assert role(found, f"{name}2").by == "words"


@pytest.mark.parametrize("number", ["+61 400 000 000", "0400000000", "(02) 5550 0199"])
def test_a_phone_number_is_a_speaker(number: str) -> None:
    found = roles("Reception: Do you have a fever?", f"{number}: No.", f"{number}: None.")

    assert found.caller == number


def test_of_three_the_one_who_tells_is_the_caller_and_who_asks_the_receptionist() -> None:
    found = roles(
        "A: Do you have a fever? How bad is it, zero to ten?",
        "B: Four. My lower back has hurt for two weeks, and my foot is numb.",
        "C: Tell them about it.",
        "B: I fell on the stairs last week.",
        "C: Thanks.",
    )

    assert [s.role for s in found.speakers] == ["receptionist", "caller", "other"]


def test_thousands_of_speakers_are_no_call_and_not_all_are_listed() -> None:
    lines = (f"Ann {i}x: hello\nAnn {i}x: hello" for i in range(3000))
    with pytest.raises(TranscriptError, match=r"3000 speakers are in it, .* and 2994 more") as told:
        roles(*lines)

    assert len(str(told.value)) < 200


def test_of_words_of_nobody_knows_whom_only_dangers_count() -> None:
    call, found = read_call(
        "Reception: How bad is it, zero to ten?\nUnknown: Two.\nUnknown: I cannot feel my groin.\n"
        "Caller: Pardon?\n",
        READ,
    )
    came_to = review(call, READ)

    assert role(found, "Unknown").role == "unknown"
    assert came_to.facts.pain_severity is None
    assert [sign.value for sign in came_to.facts.emergency_signs] == ["saddle_numbness"]


def test_a_question_of_nobody_knows_whom_is_no_danger() -> None:
    call, _ = read_call(
        "Unknown: Is your groin numb?\nCaller: What do you mean?\nReception: Hello?\n", READ
    )

    assert review(call, READ).facts.emergency_signs == frozenset()


def test_turns_without_a_speaker_are_nobodys_where_others_have_one() -> None:
    call, found = read_call(
        '[{"speaker": "agent", "text": "Any fever?"}, {"text": "Two."},'
        ' {"speaker": "caller", "text": "No."}]',
        READ,
    )

    assert [line.unclear for line in call] == [False, True, False]
    assert role(found, "unknown").role == "unknown"
