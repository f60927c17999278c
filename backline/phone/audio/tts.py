"""Turn text into speech by an installed engine, in the sound that telephones carry.

The engines are programs of their own, started for each sentence: Piper with a voice the clinic
chose, or espeak-ng. Piper's licence (GPL) allows that, and not that it is imported.
"""

from __future__ import annotations

import asyncio
import audioop
import contextlib
import io
import logging
import re
import shutil
import wave
from asyncio.subprocess import DEVNULL, PIPE
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backline.phone.audio.media_frames import QUIET, SAMPLE_RATE
from backline.phone.events import Phrase
from backline.settings import SettingsError

logger = logging.getLogger(__name__)

LIMIT_S = 6.0
"""Seconds that an engine has for a sentence."""
CACHE_BYTES = 32 * 1024 * 1024
"""Speech that is kept: about an hour."""
AT_ONCE = 4
"""Engines that run at the same time at the most."""
PAUSE_S, SLOW_PAUSE_S = 0.15, 0.5
"""Seconds of silence after a sentence."""
SLOWER = 1.3
LOUDNESS = 0.5
"""The loudest sample, of the loudest there can be: telephones distort what is louder."""

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
"""Where speech may be cut: also after what begins every list, and is there at once from then on."""
_LANGUAGES = {"en-US": "en-us"}
_OTHER_LANGUAGE = "en-gb"
"""What espeak-ng has for each language of clinic.yml; it has no Australian voice."""


class VoiceError(Exception):
    """A text could not be spoken."""


class Engine(Protocol):
    """A program that speaks."""

    @property
    def name(self) -> str: ...

    def command(self, slowly: bool) -> list[str]:
        """Return the command; it reads text from its input and writes a WAV file to its output."""


@dataclass(frozen=True)
class Espeak:
    """espeak-ng: understood well enough, in a robot's voice, in 30 ms.

    Attributes:
        language: as espeak-ng names it, such as `en-gb`.
        words_a_minute: how fast; its own 175 is too fast for a telephone.
    """

    language: str
    words_a_minute: int = 155
    name: str = "espeak-ng"

    def command(self, slowly: bool) -> list[str]:
        speed = self.words_a_minute / (SLOWER if slowly else 1)
        return [self.name, "-v", self.language, "-s", str(round(speed)), "--stdin", "--stdout"]


@dataclass(frozen=True)
class Piper:
    """Piper: a natural voice.

    Attributes:
        voice: the voice's .onnx file, with its .onnx.json beside it.
    """

    voice: Path
    name: str = "piper"

    def command(self, slowly: bool) -> list[str]:
        length = str(SLOWER if slowly else 1.0)
        return [
            self.name, "--model", str(self.voice), "--length_scale", length, "--output_file", "-",
        ]  # fmt: skip


class Voices:
    """Speaks by the first engine that can, and keeps what was spoken."""

    def __init__(self, engines: Iterable[Engine]) -> None:
        self._engines = list(engines)
        self._kept: OrderedDict[tuple[str, bool], bytes] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[tuple[str, bool], asyncio.Task[bytes]] = {}
        self._slots: asyncio.Semaphore | None = None

    async def check(self) -> None:
        """Check that the preferred engine speaks.

        Raises:
            SettingsError: it does not; the text says what is missing.
        """
        engine = self._engines[0]
        try:
            await _run(engine, "Hello.", slowly=False)
        except VoiceError as error:
            raise SettingsError(
                f"The audio stream of the phone line needs {engine.name} to speak, and {error}; "
                "docs/phone.md says how to install it"
            ) from None

    async def speak(self, phrase: Phrase) -> AsyncIterator[bytes]:
        """Yield the phrase as mu-law at 8 kHz, sentence by sentence, each as soon as it is there.

        Raises:
            VoiceError: no engine speaks.
        """
        sentences = [s for s in _SENTENCE.split(phrase.text.strip()) if s]
        tasks: list[asyncio.Task[bytes]] = []
        for number in range(len(sentences)):
            # The next sentence is made while this one is heard.
            for sentence in sentences[len(tasks) : number + 2]:
                tasks.append(self._start(sentence, phrase.slowly))
            yield await asyncio.shield(tasks[number])

    def _start(self, sentence: str, slowly: bool) -> asyncio.Task[bytes]:
        key = (sentence, slowly)
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._sentence(sentence, slowly))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        return task

    def _done(self, key: tuple[str, bool], task: asyncio.Task[bytes]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            # Somebody who hung up does not ask for it any more.
            task.exception()

    async def _sentence(self, sentence: str, slowly: bool) -> bytes:
        key = (sentence, slowly)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._slots is None:
            self._slots = asyncio.Semaphore(AT_ONCE)
        async with self._slots:
            audio = await self._by_some_engine(sentence, slowly)
        audio += QUIET * int(SAMPLE_RATE * (SLOW_PAUSE_S if slowly else PAUSE_S))
        self._keep(key, audio)
        return audio

    async def _by_some_engine(self, sentence: str, slowly: bool) -> bytes:
        for engine in self._engines:
            try:
                return await _run(engine, sentence, slowly)
            except VoiceError as error:
                logger.warning("%s did not speak: %s", engine.name, error)
        raise VoiceError("no engine speaks")

    def _keep(self, key: tuple[str, bool], audio: bytes) -> None:
        self._kept[key] = audio
        self._kept_bytes += len(audio)
        while self._kept_bytes > CACHE_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest)


def engines_for(language: str, piper_voice: Path | None) -> list[Engine]:
    """Choose the engines: Piper if there is a voice for it, and espeak-ng to fall back on.

    Args:
        language: of clinic.yml, such as `en-AU`.
        piper_voice: the .onnx file of the voice, or None.
    """
    espeak: Engine = Espeak(_LANGUAGES.get(language, _OTHER_LANGUAGE))
    return [espeak] if piper_voice is None else [Piper(piper_voice), espeak]


async def _run(engine: Engine, text: str, slowly: bool) -> bytes:
    """Run the engine and return its speech as mu-law.

    Raises:
        VoiceError: it is missing, fails, hangs or writes no speech.
    """
    start = engine.command(slowly)
    if shutil.which(start[0]) is None:
        raise VoiceError(f"the program {start[0]} is not installed")
    try:
        process = await asyncio.create_subprocess_exec(
            *start, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as error:
        raise VoiceError(f"it does not start ({error.strerror})") from None
    try:
        written, _ = await asyncio.wait_for(process.communicate(text.encode() + b"\n"), LIMIT_S)
    except asyncio.TimeoutError:
        raise VoiceError(f"it took more than {LIMIT_S:g} seconds") from None
    except (OSError, RuntimeError):
        # The event loop has either for a pipe to a program that has ended.
        raise VoiceError("it ended before it read the text") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    if process.returncode != 0:
        raise VoiceError(f"it ended with exit code {process.returncode}")
    try:
        # Of a length that makes a difference to other calls.
        return await asyncio.get_running_loop().run_in_executor(None, _for_telephones, written)
    except (wave.Error, EOFError, ValueError):
        raise VoiceError("what it wrote is no speech") from None


def _for_telephones(written: bytes) -> bytes:
    """Convert a WAV file to mu-law at 8 kHz.

    Raises:
        wave.Error, EOFError, ValueError: it is none, or is empty.
    """
    # Large, and of no use where no calls are answered.
    import numpy as np
    from scipy.signal import resample_poly

    with wave.open(io.BytesIO(written)) as file:
        rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
        # The length in the header of what was written to a pipe is made up.
        pcm = file.readframes(len(written))
    if width != 2 or channels != 1:
        raise ValueError("not 16 bits in one channel")
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(np.float32)
    at_telephone_rate = resample_poly(samples, SAMPLE_RATE, rate)
    loudest = float(np.max(np.abs(at_telephone_rate), initial=0.0))
    if loudest == 0.0:
        raise ValueError("silence")
    at_telephone_rate *= LOUDNESS * 32767 / loudest
    return audioop.lin2ulaw(at_telephone_rate.astype(np.int16).tobytes(), 2)
