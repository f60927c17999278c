"""Callers' voices: two speech engines, several voices, as a telephone carries them."""

from __future__ import annotations

import audioop
import functools
import subprocess
from dataclasses import dataclass

import numpy as np

SAMPLE_RATE = 8000
NOISE_SEED = 1


@dataclass(frozen=True)
class Speaker:
    """A voice of espeak-ng or flite; both are Debian packages of the same name.

    Attributes:
        words_a_minute: how fast they speak; only espeak-ng takes it.
    """

    engine: str
    voice: str
    words_a_minute: int = 150

    def say(self, text: str) -> bytes:
        """The text as PCM, 16 bits, 8 kHz, one channel, held to what a telephone lets through."""
        return _spoken(self, text)


SPEAKERS = (
    Speaker("espeak-ng", "en-us"),
    Speaker("flite", "slt"),
    Speaker("espeak-ng", "en-gb-x-rp+f3", 140),
    Speaker("flite", "rms"),
    Speaker("flite", "awb"),
)


@functools.lru_cache(maxsize=1024)
def _spoken(speaker: Speaker, text: str) -> bytes:
    if speaker.engine == "flite":
        command = ["flite", "-voice", speaker.voice, "-t", text, "-o", "/dev/stdout"]
    else:
        command = ["espeak-ng", "-v", speaker.voice, "-s", str(speaker.words_a_minute), "--stdout"]
        command += ["--", text]
    wave = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    sox = ["sox", "-t", "wav", "-", "-t", "raw", "-r", str(SAMPLE_RATE), "-b", "16", "-c", "1"]
    sox += ["-e", "signed-integer", "-", "highpass", "300", "lowpass", "3400", "norm", "-6"]
    # The length in the header of what was written to a pipe is not known, which sox warns of.
    spoken = subprocess.run(sox, input=wave, check=True, capture_output=True, timeout=30)
    return spoken.stdout


def noisy(pcm: bytes, signal_to_noise_db: float = 15) -> bytes:
    """The speech in the noise of a street: louder in the lower tones, at a given distance."""
    speech = np.frombuffer(pcm, np.int16).astype(np.float64)
    loud = speech[np.abs(speech) > 200]
    power = float(np.mean(loud**2)) if len(loud) else 1.0
    noise = street_noise(len(speech))
    noise *= np.sqrt(power / 10 ** (signal_to_noise_db / 10) / np.mean(noise**2))
    return np.clip(speech + noise, -32768, 32767).astype(np.int16).tobytes()


def street_noise(samples: int) -> np.ndarray:
    """Pink noise of a fixed seed, of power 1."""
    random = np.random.default_rng(NOISE_SEED)
    spectrum = np.fft.rfft(random.standard_normal(max(samples, 2)))
    tones = np.arange(len(spectrum))
    tones[0] = 1
    noise = np.fft.irfft(spectrum / np.sqrt(tones), max(samples, 2))[:samples]
    return np.asarray(noise / np.std(noise))


def quiet(seconds: float) -> bytes:
    """Silence, as PCM."""
    return bytes(2 * int(seconds * SAMPLE_RATE))


def mu_law(pcm: bytes) -> bytes:
    """PCM as telephones encode it."""
    return audioop.lin2ulaw(pcm, 2)
