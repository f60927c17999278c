"""A turn of the audio stream that keys alone answer: no voice and no noise does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backline.phone.audio.vad import (
    NoSpeech,
    SpeechEnded,
    SpeechSegment,
    SpeechStarted,
    SpeechTooLong,
)
from backline.phone.events import BotTurn, ListenOptions, NoInput, Phrase
from backline.phone.gateways.media_stream_attempt import Attempt
from backline.phone.gateways.media_stream_call import StreamedCall, _NoEvent

LISTENING = ListenOptions(wait_s=8.0, speech=False)
ENDED = SpeechEnded(SpeechSegment(b"", 0.0, 1.0))


class Waiting:
    """A call that waits for a key, by a clock that a test sets.

    Attributes:
        waits: how often it began to wait anew.
    """

    def __init__(self, *, said: bool) -> None:
        self.now, self.waits = 100.0, 0
        self.attempt = Attempt(BotTurn(3, (Phrase("Press one."),), listening=LISTENING), "3", False)
        self.attempt.said = said
        self.attempt.said_at = self.now if said else None
        self._call: Any = StreamedCall.__new__(StreamedCall)
        self._call._loop = SimpleNamespace(time=lambda: self.now)
        self._call._endpointer = SimpleNamespace(wait=self._wait)

    def _wait(self) -> None:
        self.waits += 1

    def hears(self, happened: Any) -> Any:
        return self._call._wait_for_keys(self.attempt, LISTENING, happened)


@pytest.mark.parametrize("happened", [SpeechStarted(), ENDED])
def test_no_voice_stops_what_is_said(happened: Any) -> None:
    call = Waiting(said=False)
    assert call.hears(happened) is _NoEvent.GO_ON
    assert not call.attempt.cut_short


@pytest.mark.parametrize("happened", [ENDED, SpeechTooLong()])
def test_words_answer_nothing_and_it_waits_on(happened: Any) -> None:
    call = Waiting(said=True)
    assert call.hears(happened) is _NoEvent.GO_ON
    assert call.waits == 1


@pytest.mark.parametrize("happened", [ENDED, SpeechTooLong()])
def test_who_only_talks_for_as_long_as_it_waits_pressed_nothing(happened: Any) -> None:
    call = Waiting(said=True)
    call.now += LISTENING.wait_s
    assert call.hears(happened) == NoInput()


@pytest.mark.parametrize("noisy", [False, True])
def test_silence_and_noise_are_the_same(noisy: bool) -> None:
    assert Waiting(said=True).hears(NoSpeech(noisy)) == NoInput()
