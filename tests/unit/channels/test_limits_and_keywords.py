"""How much is taken from one person, and which words are for the channel."""

from __future__ import annotations

import pytest

from backline.channels.messaging.keywords import keyword
from backline.channels.messaging.messages import Kind
from backline.http_server.limits import REMEMBERED, Decision, Limits, Rate, VisitorLimits

HEAR, WARN, DROP = Decision.HEAR, Decision.WARN, Decision.DROP


def test_above_the_rate_a_person_is_warned_once_and_then_dropped() -> None:
    limits = Limits(per_person=3)
    verdicts = [limits.judge("ada", n) for n in range(6)]
    assert verdicts == [HEAR, HEAR, HEAR, WARN, DROP, DROP]


def test_one_person_does_not_use_up_what_is_anothers() -> None:
    limits = Limits(per_person=1)
    assert limits.judge("ada", 0) is HEAR
    assert limits.judge("ada", 1) is WARN
    assert limits.judge("bob", 1) is HEAR


def test_after_a_minutes_rest_one_is_heard_again() -> None:
    limits = Limits(per_person=2)
    for moment in (0, 1, 2):
        limits.judge("ada", moment)
    assert limits.judge("ada", 62) is HEAR


def test_all_together_have_a_limit_too() -> None:
    limits = Limits(per_person=9, altogether=2)
    assert [limits.judge(name, 0) for name in ("a", "b", "c")] == [HEAR, HEAR, WARN]


@pytest.mark.parametrize("text", ["STOP", "stop.", " Stop! ", "UNSUBSCRIBE", "opt out", "Quit"])
def test_words_that_mean_no_more_messages(text: str) -> None:
    assert keyword(text) is Kind.STOP


@pytest.mark.parametrize("text", ["START", "unstop", "Opt in"])
def test_words_that_mean_messages_again(text: str) -> None:
    assert keyword(text) is Kind.START


@pytest.mark.parametrize(
    "text", ["stop the pain", "it started Monday", "the end of my spine", "no", "cancelled", ""]
)
def test_what_people_say_of_their_backs_is_for_the_triage(text: str) -> None:
    assert keyword(text) is None


def test_of_one_address_so_many_requests_are_taken_at_once_and_then_evenly() -> None:
    limits = VisitorLimits(per_address=3)
    assert [limits.request("a", 0) for _ in range(4)] == [0, 0, 0, 20]
    assert limits.request("a", 19) == 1
    assert limits.request("a", 20) == 0
    assert limits.request("a", 20) == 20


def test_a_message_counts_for_its_conversation_and_its_address() -> None:
    limits = VisitorLimits(per_address=3, per_person=2)
    assert [limits.message("a", "ada", 0) for _ in range(3)] == [0, 0, 30]
    assert [limits.message("a", "bob", 0) for _ in range(2)] == [0, 20]
    assert limits.message("b", "bob", 0) == 0


def test_this_machines_own_programs_are_not_limited() -> None:
    limits = VisitorLimits(per_address=1, per_person=1)
    assert not any(limits.message(None, "ada", 0) for _ in range(5))


def test_what_is_remembered_of_visitors_does_not_grow_without_end() -> None:
    rate = Rate(10)
    for number in range(3 * REMEMBERED):
        rate.count(str(number), 0)
    assert len(rate._used_up) == REMEMBERED
