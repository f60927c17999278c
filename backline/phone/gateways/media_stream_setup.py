"""Set up the audio stream: its settings, and the parts put together.

Environment: `BACKLINE_SPEECH_MODEL` (folder of a Whisper model in CTranslate2's form; opens the
stream), `BACKLINE_PIPER_VOICE` (a voice's .onnx file; espeak-ng speaks without).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Blueprint, Sanic

from backline.phone.audio.asr import (
    RecogniserError,
    WorkerRecogniser,
    check_model,
    command,
    workers_and_threads,
)
from backline.phone.audio.tts import Voices, engines_for
from backline.phone.audio.vad import silero
from backline.phone.calls import CallService
from backline.phone.gateways.media_stream import stream_blueprint
from backline.settings import PhoneSettings, SettingsError


@dataclass(frozen=True)
class StreamSettings:
    """Settings of the audio stream.

    Attributes:
        token: what gateways show to be let in.
        model: folder of the model that recognises speech.
        piper_voice: the voice that speaks; None for espeak-ng.
    """

    token: str
    model: Path
    piper_voice: Path | None


def load_stream_settings(
    token: str | None, environ: Mapping[str, str] | None = None
) -> StreamSettings | None:
    """Load the settings of the audio stream, checked; None where there is none.

    Args:
        token: of `BACKLINE_PHONE_TOKEN`, if it is set.

    Raises:
        SettingsError: something that the stream needs is missing; the text says what.
    """
    env = os.environ if environ is None else environ
    model, voice = env.get("BACKLINE_SPEECH_MODEL", ""), env.get("BACKLINE_PIPER_VOICE", "")
    if not model:
        if voice:
            raise SettingsError(
                "BACKLINE_PIPER_VOICE is of no use without BACKLINE_SPEECH_MODEL (docs/phone.md)"
            )
        return None
    if token is None:
        raise SettingsError(
            "BACKLINE_PHONE_TOKEN is missing; the audio stream (BACKLINE_SPEECH_MODEL) needs it"
        )
    check_model(Path(model))
    if voice and not Path(voice).is_file():
        raise SettingsError(f"BACKLINE_PIPER_VOICE: there is no file {voice}")
    # A process that recognises may be started from another folder.
    return StreamSettings(token, Path(model).resolve(), Path(voice).resolve() if voice else None)


def audio_stream(line: CallService, phone: PhoneSettings, settings: StreamSettings) -> Blueprint:
    """Build the audio stream with its recogniser and voices, started before the first call."""
    workers, threads = workers_and_threads()
    recogniser = WorkerRecogniser(command(settings.model, threads), workers)
    voices = Voices(engines_for(phone.language, settings.piper_voice))
    blueprint = stream_blueprint(
        line, recogniser, voices, settings.token, silero, phone.transfer_to
    )

    @blueprint.listener("before_server_start")
    async def start(_app: Sanic, _loop: Any) -> None:
        await voices.check()
        try:
            await recogniser.start()
        except RecogniserError as error:
            raise SettingsError(str(error)) from None
        # Loaded once; the first caller should not wait for it.
        silero()

    @blueprint.listener("after_server_stop")
    async def close(_app: Sanic, _loop: Any) -> None:
        await recogniser.close()

    return blueprint
