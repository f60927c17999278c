"""Detect when a caller begins to speak, pauses and has finished, from the sound of the line.

Silero's network tells speech from noise, music, coughing and the tones of keys, window by window;
the one that faster-whisper brings. WebRTC's detector, which is more usual, takes all of these for
speech. All times are those of the sound, not of a clock: a line that stalls ends no answer.
"""

from __future__ import annotations

import audioop
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from backline.phone.audio.media_frames import SAMPLE_RATE
from backline.phone.events import ListenOptions

WINDOW = 256
"""Samples that are judged at once."""
WINDOW_S = WINDOW / SAMPLE_RATE

SPEECH, QUIET_AGAIN = 0.5, 0.35
"""From which likelihood on a window begins speech, and below which it is a pause: Silero's own."""
BEGINS_AFTER, WITHIN = 3, 5
"""So many windows of speech, of so many in a row, are somebody who begins to speak."""
BEFORE_S = 0.35
"""Seconds before speech was noticed that belong to it, since words begin softly."""
LOOK_AHEAD_S = 0.25
"""A pause of so many seconds is worth recognising what was said, while it may still go on."""
SETTLED_S = 0.5
"""A pause after which somebody who talked on and on has come to an end."""
UNLIKELY, FORGOTTEN_AFTER = 0.15, 32
"""After so many windows, a second, in which hardly anybody spoke, the network begins anew: its
memory of a long silence makes it miss a short "yes"."""
LOUD = 600
"""A window of more than this (root mean square of 16 bits) is no quiet line: about -35 dB."""
NOISY_SHARE = 0.2

SpeechDetector = Callable[[bytes], float]
"""How likely somebody speaks in a window of PCM (16 bits, 8 kHz), 0 to 1; it remembers the last."""


@dataclass(frozen=True)
class SpeechSegment:
    """A piece of speech as mu-law, with its times in seconds since the line was opened."""

    audio: bytes
    began_at: float
    ended_at: float


@dataclass(frozen=True)
class SpeechStarted:
    """Somebody began to speak."""


@dataclass(frozen=True)
class SpeechPaused:
    """They paused; it may be all they say."""

    said: SpeechSegment


@dataclass(frozen=True)
class SpeechResumed:
    """After a pause they went on: what was said before it was not all."""


@dataclass(frozen=True)
class SpeechEnded:
    """They have finished."""

    said: SpeechSegment


@dataclass(frozen=True)
class SpeechTooLong:
    """They have not finished in the time there was."""


@dataclass(frozen=True)
class NoSpeech:
    """Nobody spoke in the time there was.

    Attributes:
        noisy: the line was not quiet, though.
    """

    noisy: bool


SpeechEvent = SpeechStarted | SpeechPaused | SpeechResumed | SpeechEnded | SpeechTooLong | NoSpeech


class Endpointer:
    """Listens to one line."""

    def __init__(self, voice: SpeechDetector) -> None:
        self._voice = voice
        self._listening = ListenOptions()
        self._windows = 0
        self._rest = b""
        self._before: deque[bytes] = deque(maxlen=round(BEFORE_S / WINDOW_S))
        self._lately: deque[bool] = deque(maxlen=WITHIN)
        self._said = bytearray()
        self._began = 0
        self._speaking = False
        self._pause = 0
        self._paused = False
        self._pause_s = self._listening.pause_s
        self._waiting: int | None = None
        self._loud = 0
        self._deaf = False

    @property
    def now(self) -> float:
        """Return the seconds of sound so far."""
        return self._windows * WINDOW_S

    @property
    def speaking(self) -> bool:
        """Return whether somebody speaks, or pauses in the middle."""
        return self._speaking

    def attend(self, listening: ListenOptions) -> None:
        """Listen by these times from now on. Silence does not count before `wait`."""
        self._listening = listening
        self._waiting = None

    def wait(self) -> None:
        """Count silence from now on: it is the caller's turn."""
        self._waiting = 0
        self._loud = 0
        self._deaf = False

    def hurry(self, pause_s: float) -> None:
        """End the answer after this pause, as what was said before it sounds whole."""
        if self._paused:
            self._pause_s = min(pause_s, self._pause_s)

    def feed(self, audio: bytes) -> list[SpeechEvent]:
        """Take in mu-law audio of any length, and tell what happened in it."""
        sounds: list[SpeechEvent] = []
        data = self._rest + audio
        whole = len(data) - len(data) % WINDOW
        self._rest = data[whole:]
        for at in range(0, whole, WINDOW):
            sound = self._window(data[at : at + WINDOW])
            if sound is not None:
                sounds.append(sound)
        return sounds

    def _window(self, window: bytes) -> SpeechEvent | None:
        pcm = audioop.ulaw2lin(window, 2)
        likely = self._voice(pcm)
        self._windows += 1
        if self._deaf:
            self._come_to_an_end(likely)
            return None
        if self._speaking:
            self._said += window
            return self._go_on(likely)
        self._before.append(window)
        self._lately.append(likely >= SPEECH)
        if sum(self._lately) >= BEGINS_AFTER:
            return self._begin()
        return self._be_silent(pcm)

    def _begin(self) -> SpeechEvent:
        self._speaking, self._paused, self._pause = True, False, 0
        self._pause_s = self._listening.pause_s
        self._said = bytearray(b"".join(self._before))
        self._began = self._windows - len(self._before)
        self._waiting = None
        self._before.clear()
        self._lately.clear()
        return SpeechStarted()

    def _go_on(self, likely: float) -> SpeechEvent | None:
        self._pause = self._pause + 1 if likely < QUIET_AGAIN else 0
        if self._windows - self._began >= self._listening.longest_s / WINDOW_S:
            self._speaking, self._deaf, self._pause = False, True, 0
            return SpeechTooLong()
        if self._pause == 0 and self._paused:
            self._paused = False
            self._pause_s = self._listening.pause_s
            return SpeechResumed()
        if self._pause >= self._pause_s / WINDOW_S:
            said = self._utterance()
            self._speaking = False
            return SpeechEnded(said)
        if self._pause >= LOOK_AHEAD_S / WINDOW_S and not self._paused:
            self._paused = True
            return SpeechPaused(self._utterance())
        return None

    def _utterance(self) -> SpeechSegment:
        end = self._windows - self._pause
        return SpeechSegment(bytes(self._said), self._began * WINDOW_S, end * WINDOW_S)

    def _be_silent(self, pcm: bytes) -> SpeechEvent | None:
        if self._waiting is None:
            return None
        self._waiting += 1
        self._loud += audioop.rms(pcm, 2) > LOUD
        # Who has just begun is not cut off by the end of the wait.
        if self._waiting < self._listening.wait_s / WINDOW_S or any(self._lately):
            return None
        noisy = self._loud >= NOISY_SHARE * self._waiting
        self._waiting = None
        return NoSpeech(noisy)

    def _come_to_an_end(self, likely: float) -> None:
        """Ignore who talks on and on until they pause, or until it is their turn."""
        self._pause = self._pause + 1 if likely < QUIET_AGAIN else 0
        self._deaf = self._pause < SETTLED_S / WINDOW_S


def silero() -> SpeechDetector:
    """Create a detector for one line; it remembers what it heard.

    Raises:
        ImportError: the extra packages for speech are not installed.
    """
    import numpy as np
    from faster_whisper.vad import get_vad_model

    session = get_vad_model().session
    context_size = 64
    state = {name: np.zeros((1, 1, 128), np.float32) for name in ("h", "c")}
    context = np.zeros(context_size, np.float32)
    resampler = None
    silent = 0

    def likely(pcm: bytes) -> float:
        nonlocal context, resampler, silent
        doubled, resampler = audioop.ratecv(pcm, 2, 1, SAMPLE_RATE, 2 * SAMPLE_RATE, resampler)
        samples = np.zeros(2 * WINDOW, np.float32)
        heard = np.frombuffer(doubled, np.int16).astype(np.float32) / 32768
        # The resampler's first answer is a sample short.
        samples[-len(heard) :] = heard
        window = np.concatenate([context, samples])[None, :]
        output, state["h"], state["c"] = session.run(None, {"input": window, **state})
        context = samples[-context_size:]
        likelihood = float(output.reshape(-1)[0])
        silent = silent + 1 if likelihood < UNLIKELY else 0
        if silent >= FORGOTTEN_AFTER:
            silent = 0
            state["h"], state["c"] = np.zeros_like(state["h"]), np.zeros_like(state["c"])
        return likelihood

    return likely
