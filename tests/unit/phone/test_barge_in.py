"""Words that came before a question was read to its end, where the entrance cannot tell so."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.phone.calls import _with_barge_in
from backline.phone.events import BotTurn, ListenOptions, NoInput, Phrase, Transcript
from backline.store.calls import UNDER_WAY, CallRecord

SAID_AT = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.timezone.utc)
GROUP = BotTurn(3, (Phrase(" ".join(["word"] * 36)),), listening=ListenOptions(pause_s=1.0))
"""Read in twelve seconds by the fastest voice."""


def call(entrance: str = "twilio") -> CallRecord:
    return CallRecord(
        "phone-1", entrance, 3, {"turn": GROUP.to_json()}, UNDER_WAY, None, None, SAID_AT, SAID_AT
    )


def heard_after(seconds: float, entrance: str = "twilio") -> bool:
    now = SAID_AT + dt.timedelta(seconds=seconds)
    event = _with_barge_in(call(entrance), Transcript("no", 0.95), now)
    assert isinstance(event, Transcript)
    return event.interrupted


@pytest.mark.parametrize("seconds", [2.5, 6.0, 12.5])
def test_an_answer_before_a_group_can_be_read_to_its_end_came_early(seconds: float) -> None:
    assert heard_after(seconds)


@pytest.mark.parametrize("seconds", [13.5, 40.0])
def test_an_answer_after_a_group_was_read_is_none_that_came_early(seconds: float) -> None:
    assert not heard_after(seconds)


def test_what_comes_sooner_than_anybody_can_speak_tells_no_time() -> None:
    assert not heard_after(0.1)


def test_the_audio_stream_tells_it_itself() -> None:
    assert not heard_after(6.0, "stream")


def test_silence_is_never_early() -> None:
    assert _with_barge_in(call(), NoInput(), SAID_AT) == NoInput()
