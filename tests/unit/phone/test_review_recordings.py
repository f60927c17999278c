"""Recordings of calls: channels, pauses, and who speaks."""

from __future__ import annotations

import audioop
import datetime as dt
import math
import struct
import wave
from pathlib import Path

import pytest

from backline.nlu import Understander
from backline.phone.audio.vad import Endpointer
from backline.phone.events import NoMatch, NoMatchReason, Transcript
from backline.phone.review.recordings import (
    ONE_CHANNEL,
    RecordingError,
    call_of,
    channels_of,
    load_model,
    transcribe_channels,
)
from backline.phone.review.review import Review, review
from backline.phone.review.transcripts import TranscriptError, WrittenTurn
from backline.settings import SettingsError

READ = Understander(lambda: dt.date(2026, 11, 27)).read
RATE = 8000


class Ears:
    """Recognises in the order in which it is asked."""

    def __init__(self, *heard: Transcript | NoMatch) -> None:
        self.heard = list(heard)
        self.lengths: list[float] = []

    async def transcribe(self, audio: bytes) -> Transcript | NoMatch:
        self.lengths.append(len(audio) / RATE)
        return self.heard.pop(0)


def ear() -> Endpointer:
    """Takes whatever is loud for speech."""
    return Endpointer(lambda pcm: 1.0 if audioop.rms(pcm, 2) > 500 else 0.0)


def sound(seconds: float, rate: int = RATE) -> bytes:
    count = int(seconds * rate)
    wave_ = (int(8000 * math.sin(2 * math.pi * 440 * i / rate)) for i in range(count))
    return struct.pack(f"<{count}h", *wave_)


def quiet(seconds: float, rate: int = RATE) -> bytes:
    return bytes(2 * int(seconds * rate))


def recording(
    folder: Path, *sides: bytes, rate: int = RATE, width: int = 2, channels: int | None = None
) -> Path:
    file = folder / "call.wav"
    data = sides[0]
    if len(sides) == 2:
        left, right = (
            audioop.tostereo(s, 2, *at) for s, at in zip(sides, ((1, 0), (0, 1)), strict=True)
        )
        data = audioop.add(left, right, 2)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels or len(sides))
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(data)
    return file


async def test_each_channel_is_a_speaker_and_turns_come_in_their_order(tmp_path: Path) -> None:
    agent = quiet(1) + sound(1) + quiet(4)
    caller = quiet(3) + sound(1) + quiet(2)
    channels = channels_of(recording(tmp_path, agent, caller))
    said = await transcribe_channels(
        channels, Ears(Transcript("Any fever?", 0.9), Transcript("No.", 0.8)), ear, at_once=1
    )

    assert [(s.speaker, s.text, s.confidence) for s in said] == [
        ("channel 1", "Any fever?", 0.9),
        ("channel 2", "No.", 0.8),
    ]
    assert said[0].begin == pytest.approx(0.8, abs=0.3)


async def test_what_was_not_recognised_is_told_as_such(tmp_path: Path) -> None:
    channels = channels_of(recording(tmp_path, quiet(1) + sound(1)))
    said = await transcribe_channels(channels, Ears(NoMatch(NoMatchReason.FAILED)), ear)

    assert [s.text for s in said] == ["[inaudible]"]


async def test_a_monologue_is_recognised_in_pieces(tmp_path: Path) -> None:
    ears = Ears(Transcript("one"), Transcript("two"), Transcript("three"))
    channels = channels_of(recording(tmp_path, quiet(1) + sound(70)))
    said = await transcribe_channels(channels, ears, ear, at_once=1)

    assert [s.text for s in said] == ["one", "two", "three"]
    assert max(ears.lengths) <= 28


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_any_usual_rate_is_brought_to_that_of_a_telephone(tmp_path: Path, rate: int) -> None:
    (channel,) = channels_of(recording(tmp_path, sound(2, rate), rate=rate))

    assert len(channel) == pytest.approx(2 * RATE, abs=10)


def test_eight_bits_are_read(tmp_path: Path) -> None:
    (channel,) = channels_of(recording(tmp_path, bytes([128]) * RATE, width=1))

    assert audioop.rms(audioop.ulaw2lin(channel, 2), 2) < 20


def test_three_channels_are_no_call(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="3 channels"):
        channels_of(recording(tmp_path, quiet(3), channels=3))


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3 an mp3", b"RIFF\x10\x00\x00\x00WAVEfmt "])
def test_another_file_is_no_recording(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(data)

    with pytest.raises(RecordingError, match="no WAV file"):
        channels_of(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        channels_of(tmp_path / "nowhere.wav")


def test_without_a_model_the_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="BACKLINE_SPEECH_MODEL"):
        load_model({})


def of_one_channel(*texts: str) -> Review:
    said = [
        WrittenTurn(ONE_CHANNEL, text, float(i), confidence=0.95) for i, text in enumerate(texts)
    ]
    return review(call_of(said, READ)[0], READ)


def test_on_one_channel_only_dangers_count() -> None:
    found = of_one_channel("How bad is it, zero to ten?", "Two.", "Any fever?", "No.")

    assert found.facts.pain_severity is None
    assert found.evidence == ()


def test_on_one_channel_a_danger_counts() -> None:
    found = of_one_channel("How can I help? My legs gave way.")

    assert [s.value for s in found.facts.emergency_signs] == ["leg_collapse"]


def test_a_message_that_somebody_left_is_theirs() -> None:
    found = of_one_channel("My back has been sore for three weeks.", "It's a four out of ten.")

    assert (found.facts.pain_duration, found.facts.pain_severity) == (21, 4)


def test_a_recording_in_which_nobody_speaks_is_told() -> None:
    with pytest.raises(TranscriptError, match="nobody speaks"):
        call_of([], READ)
