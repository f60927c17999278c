"""Transcribe recordings of finished calls, each channel, by the clinic's own recogniser."""

from __future__ import annotations

import asyncio
import audioop
import os
import re
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from backline.facts import Finding
from backline.failures import Told
from backline.phone.audio.asr import (
    Recogniser,
    WorkerRecogniser,
    check_model,
    command,
    workers_and_threads,
)
from backline.phone.audio.media_frames import QUIET, SAMPLE_RATE
from backline.phone.audio.vad import Endpointer, SpeechEnded, SpeechSegment, silero
from backline.phone.events import ListenOptions, Transcript
from backline.phone.review.questions import question_in
from backline.phone.review.review import SpokenLine
from backline.phone.review.roles import Roles
from backline.phone.review.transcripts import TranscriptError, WrittenTurn, as_call
from backline.settings import SettingsError

LONGEST_HOURS = 3
PIECE_S = 28.0
"""A recogniser takes up to thirty seconds at once."""
PAUSE_S = 0.7
NEVER_S = 1e9
PATIENCE_S = 120.0
"""Seconds that one utterance may take, since nobody waits for it on the line."""
UNHEARD = "[inaudible]"
ONE_CHANNEL = "the recording"
"""Who speaks where both speak on one channel."""


class RecordingError(Told, ValueError):
    """A file that is no recording of a call; the sentence says what is wrong."""


async def read_recording(file: Path, model: Path) -> list[WrittenTurn]:
    """Transcribe a recording, in the order in which it was said.

    Args:
        file: a WAV file with one channel, or with one for each of two speakers.
        model: the folder of the recogniser's model.

    Raises:
        RecordingError: it is none.
        backline.phone.audio.asr.RecogniserError: the recogniser does not start.
    """
    channels = channels_of(file)
    workers, threads = workers_and_threads()
    recogniser = WorkerRecogniser(command(model, threads), workers, PATIENCE_S)
    await recogniser.start()
    try:
        return await transcribe_channels(
            channels, recogniser, lambda: Endpointer(silero()), at_once=workers
        )
    finally:
        await recogniser.close()


def load_model(environ: Mapping[str, str] | None = None) -> Path:
    """Load and check the model of `BACKLINE_SPEECH_MODEL`.

    Raises:
        SettingsError: none is set, or something that it needs is missing.
    """
    model = (os.environ if environ is None else environ).get("BACKLINE_SPEECH_MODEL", "")
    if not model:
        raise SettingsError(
            "BACKLINE_SPEECH_MODEL is missing; recordings need the folder of a Whisper model"
        )
    check_model(Path(model))
    return Path(model).resolve()


def channels_of(file: Path) -> list[bytes]:
    """Read each channel of a WAV file as mu-law of 8 kHz.

    Raises:
        RecordingError: it is no such file, has more than two channels, or is too long.
    """
    try:
        with wave.open(str(file), "rb") as recording:
            count, width, rate, frames, *_ = recording.getparams()
            if count > 2:
                raise RecordingError(f"{file} has {count} channels; a call has one or two")
            if not 8000 <= rate <= 192_000 or frames > LONGEST_HOURS * 3600 * rate:
                raise RecordingError(f"{file} is no recording of a call of up to three hours")
            data = recording.readframes(frames)
    except OSError as error:
        raise RecordingError(f"{file} cannot be read ({error.strerror})") from None
    except (wave.Error, EOFError) as error:
        raise RecordingError(f"{file} is no WAV file with plain PCM ({error})") from None
    whole = len(data) - len(data) % (width * count)
    data = data[:whole]
    if width == 1:
        # WAV has eight bits without a sign.
        data = audioop.bias(data, 1, -128)
    sides = [data] if count == 1 else [audioop.tomono(data, width, *s) for s in ((1, 0), (0, 1))]
    return [_mu_law(side, width, rate) for side in sides]


def _mu_law(data: bytes, width: int, rate: int) -> bytes:
    pcm = data if width == 2 else audioop.lin2lin(data, width, 2)
    if rate != SAMPLE_RATE:
        pcm, _ = audioop.ratecv(pcm, 2, 1, rate, SAMPLE_RATE, None)
    return audioop.lin2ulaw(pcm, 2)


async def transcribe_channels(
    channels: Sequence[bytes],
    recogniser: Recogniser,
    endpointer: Callable[[], Endpointer],
    at_once: int = 2,
) -> list[WrittenTurn]:
    """Transcribe each channel, in the order in which it was said.

    Args:
        ear: makes what listens to one channel.
        at_once: how many utterances are given to the recogniser at the same time.
    """
    gate = asyncio.Semaphore(at_once)

    async def said(label: str, utterance: SpeechSegment) -> WrittenTurn:
        async with gate:
            heard = await recogniser.transcribe(utterance.audio)
        if isinstance(heard, Transcript):
            text, sure = heard.text, heard.confidence
        else:
            text, sure = UNHEARD, None
        return WrittenTurn(label, text, utterance.began_at, utterance.ended_at, sure)

    found = []
    for number, channel in enumerate(channels, start=1):
        label = f"channel {number}" if len(channels) > 1 else ONE_CHANNEL
        utterances = await asyncio.to_thread(_all_in, channel, endpointer())
        found += [said(label, utterance) for utterance in utterances]
    turns = await asyncio.gather(*found)
    return sorted((t for t in turns if t.text.strip()), key=lambda t: t.begin or 0.0)


def utterances_in(channel: bytes, endpointer: Endpointer) -> Iterator[SpeechSegment]:
    """Find what was said on a channel, in pieces that a recogniser can take."""
    endpointer.attend(ListenOptions(pause_s=PAUSE_S, longest_s=NEVER_S))
    # The end of the recording ends what is being said.
    for sound in endpointer.feed(channel + QUIET * SAMPLE_RATE * 2):
        if isinstance(sound, SpeechEnded):
            yield from _pieces(sound.said)


def _all_in(channel: bytes, endpointer: Endpointer) -> list[SpeechSegment]:
    return list(utterances_in(channel, endpointer))


def _pieces(said: SpeechSegment) -> Iterator[SpeechSegment]:
    step = int(PIECE_S * SAMPLE_RATE)
    for at in range(0, len(said.audio), step):
        audio = said.audio[at : at + step]
        began = said.began_at + at / SAMPLE_RATE
        yield SpeechSegment(audio, began, began + len(audio) / SAMPLE_RATE)


def call_of(
    said: Sequence[WrittenTurn], read: Callable[[str], list[Finding]], caller: str | None = None
) -> tuple[list[SpokenLine], Roles]:
    """Read a recording as a call, and tell who is who in it.

    Where both speak on one channel, who says what is not known: questions are taken for the
    receptionist's, and of the rest only what tells of a danger counts.

    Raises:
        TranscriptError: nobody speaks in it, or who is the caller cannot be told.
    """
    if not said:
        raise TranscriptError("nobody speaks in it")
    if any(s.speaker != ONE_CHANNEL for s in said):
        return as_call(said, read, caller)
    # A question and its answer may stand in one utterance, with a short pause between.
    sentences = [
        replace(turn, text=sentence)
        for turn in said
        for sentence in re.split(r"(?<=[.?!])\s+", turn.text)
    ]
    asks = [question_in(s.text, read) is not None for s in sentences]
    call, who = as_call(sentences if any(asks) else said, read, ONE_CHANNEL)
    if not any(asks):
        return call, who
    return [
        replace(spoken, by_caller=not asking, unclear=True)
        for spoken, asking in zip(call, asks, strict=True)
    ], who
