"""When somebody begins to speak, pauses, has finished, or says nothing."""

from __future__ import annotations

from collections.abc import Iterable

from backline.phone.audio.media_frames import QUIET
from backline.phone.audio.vad import (
    WINDOW,
    WINDOW_S,
    Endpointer,
    NoSpeech,
    SpeechEnded,
    SpeechEvent,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechTooLong,
)
from backline.phone.events import ListenOptions

LOUD = b"\x80"
"""The loudest sample of mu-law."""


def ear_of(*stretches: tuple[float, float]) -> tuple[Endpointer, bytes]:
    """An ear whose detector finds speech this likely for so many seconds, and sound as long."""
    likelihoods = iter([p for p, seconds in stretches for _ in range(round(seconds / WINDOW_S))])
    windows = sum(round(seconds / WINDOW_S) for _, seconds in stretches)
    return Endpointer(lambda _pcm: next(likelihoods)), QUIET * WINDOW * windows


def kinds(sounds: Iterable[SpeechEvent]) -> list[type]:
    return [type(sound) for sound in sounds]


def test_an_answer_ends_with_its_pause() -> None:
    ear, sound = ear_of((0, 1), (0.9, 1), (0, 1))
    ear.attend(ListenOptions(pause_s=0.6))
    sounds = ear.feed(sound)
    assert kinds(sounds) == [SpeechStarted, SpeechPaused, SpeechEnded]
    said = sounds[-1].said  # type: ignore[union-attr]
    assert 0.5 < said.began_at < 1
    assert abs(said.ended_at - 2) < 0.1


def test_a_pause_may_be_followed_by_more() -> None:
    ear, sound = ear_of((0.9, 0.5), (0, 0.4), (0.9, 0.5), (0, 1))
    ear.attend(ListenOptions(pause_s=0.6))
    assert kinds(ear.feed(sound)) == [
        SpeechStarted,
        SpeechPaused,
        SpeechResumed,
        SpeechPaused,
        SpeechEnded,
    ]


def test_who_has_surely_said_all_is_not_kept_waiting() -> None:
    ear, sound = ear_of((0.9, 0.5), (0, 0.28), (0, 0.25))
    ear.attend(ListenOptions(pause_s=2))
    half = len(sound) - round(0.25 / WINDOW_S) * WINDOW
    assert kinds(ear.feed(sound[:half])) == [SpeechStarted, SpeechPaused]
    ear.hurry(0.5)
    assert kinds(ear.feed(sound[half:])) == [SpeechEnded]


def test_a_single_knock_is_nobody_speaking() -> None:
    ear, sound = ear_of((0, 0.5), (0.9, 2 * WINDOW_S), (0, 1))
    assert ear.feed(sound) == []


def test_silence_counts_only_when_it_is_the_callers_turn() -> None:
    ear, sound = ear_of((0, 10))
    ear.attend(ListenOptions(wait_s=2))
    assert ear.feed(sound[: len(sound) // 2]) == []
    ear.wait()
    assert ear.feed(sound[len(sound) // 2 :]) == [NoSpeech(noisy=False)]


def test_a_noisy_line_is_no_silence() -> None:
    ear, sound = ear_of((0, 3))
    ear.attend(ListenOptions(wait_s=2))
    ear.wait()
    assert ear.feed(LOUD * len(sound)) == [NoSpeech(noisy=True)]


def test_who_begins_at_the_last_moment_is_heard() -> None:
    ear, sound = ear_of((0, 1.95), (0.9, 0.5), (0, 1))
    ear.attend(ListenOptions(wait_s=2, pause_s=0.5))
    ear.wait()
    assert kinds(ear.feed(sound)) == [SpeechStarted, SpeechPaused, SpeechEnded]


def test_who_talks_on_and_on_is_stopped_once() -> None:
    ear, sound = ear_of((0.9, 180))
    ear.attend(ListenOptions(longest_s=30))
    assert kinds(ear.feed(sound)) == [SpeechStarted, SpeechTooLong]


def test_who_talked_on_is_heard_again_after_a_pause() -> None:
    ear, sound = ear_of((0.9, 40), (0, 1), (0.9, 1), (0, 1))
    ear.attend(ListenOptions(longest_s=30, pause_s=0.6))
    assert kinds(ear.feed(sound)) == [
        SpeechStarted,
        SpeechTooLong,
        SpeechStarted,
        SpeechPaused,
        SpeechEnded,
    ]


def test_who_talked_on_is_heard_again_when_it_is_their_turn() -> None:
    ear, sound = ear_of((0.9, 40), (0.9, 1), (0, 1))
    ear.attend(ListenOptions(longest_s=30, pause_s=0.6))
    ear.feed(sound[: round(40 / WINDOW_S) * WINDOW])
    ear.wait()
    assert kinds(ear.feed(sound[round(40 / WINDOW_S) * WINDOW :])) == [
        SpeechStarted,
        SpeechPaused,
        SpeechEnded,
    ]


def test_sound_may_come_in_pieces_of_any_length() -> None:
    ear, sound = ear_of((0, 0.5), (0.9, 1), (0, 1))
    ear.attend(ListenOptions(pause_s=0.6))
    sounds = [s for at in range(0, len(sound), 77) for s in ear.feed(sound[at : at + 77])]
    assert kinds(sounds) == [SpeechStarted, SpeechPaused, SpeechEnded]
