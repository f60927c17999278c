"""Which question a message answers: the one that was to be seen when it was written."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.channels.messaging.replies import NOTHING_ASKED, Context, written_for
from backline.store import PendingMessage, SentQuestion

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.timezone.utc)
SECOND = dt.timedelta(seconds=1)
LAST = 20
"""The id of the message that is heard."""


def question(
    slot: str,
    *,
    sent_at: dt.datetime | None = None,
    sent_after: int | None = None,
    certain: bool = True,
) -> SentQuestion:
    return SentQuestion(1, slot, sent_at, sent_after, None, (), certain)


CONSENT = question("consent", sent_at=NOON - 9 * SECOND, sent_after=10)


def answers(latest: SentQuestion, written_at: dt.datetime | None = NOON) -> str:
    received = PendingMessage(LAST, "key", "ada", "body", None, 0, NOON)
    return written_for(Context(received, None, [latest, CONSENT], written_at))


def test_what_was_written_a_second_after_a_question_answers_it() -> None:
    sent = question("emergency_signs", sent_at=NOON - SECOND, sent_after=LAST)
    assert answers(sent) == "emergency_signs"


def test_what_was_written_a_second_before_a_question_answers_the_one_before() -> None:
    sent = question("emergency_signs", sent_at=NOON + SECOND, sent_after=LAST)
    assert answers(sent) == "consent"


@pytest.mark.parametrize("written_at", [NOON, None])
@pytest.mark.parametrize(
    ("sent_after", "answered"), [(LAST - 1, "emergency_signs"), (LAST, "consent")]
)
def test_within_a_second_or_without_a_clock_the_order_of_storing_tells(
    written_at: dt.datetime | None, sent_after: int, answered: str
) -> None:
    sent = question("emergency_signs", sent_at=NOON, sent_after=sent_after)
    assert answers(sent, written_at) == answered


@pytest.mark.parametrize(
    "latest",
    [
        question("emergency_signs", sent_at=NOON, sent_after=LAST, certain=False),
        question("emergency_signs", sent_at=NOON + SECOND, sent_after=LAST, certain=False),
        question("emergency_signs", certain=False),
    ],
)
def test_where_a_question_may_have_been_seen_before_it_was_noted_nothing_is_answered(
    latest: SentQuestion,
) -> None:
    assert answers(latest) == NOTHING_ASKED


def test_a_question_that_was_sent_again_and_then_answered_is_answered() -> None:
    again = question("emergency_signs", sent_at=NOON - SECOND, sent_after=LAST, certain=False)
    assert answers(again) == "emergency_signs"


def test_a_question_that_could_not_be_sent_is_not_answered() -> None:
    assert answers(question("emergency_signs")) == "consent"
