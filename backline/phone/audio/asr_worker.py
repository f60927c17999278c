"""Recognise speech in a process: `python -m backline.phone.audio.asr_worker MODEL THREADS`.

Reads utterances from standard input and writes what was said to standard output, each with its
length before it (see `recogniser`).

No hints are given to the model. Given as a prompt ("zero, one, two, ... out of ten") they mend one
word in a hundred, and make it hear "five, five, five" in a cough, and be sure of it.
"""

from __future__ import annotations

import audioop
import math
import os
import re
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from backline.phone.audio.asr import packed
from backline.phone.audio.media_frames import QUIET, SAMPLE_RATE
from backline.phone.text.verbalize import number

FRAMES_A_SECOND = 100
CONTEXT, MARGIN = 10 * FRAMES_A_SECOND, 2 * FRAMES_A_SECOND
"""What the model is shown: ten seconds at least, or two more than was said. It was made for thirty;
with ten it takes a fifth of the time and makes as many mistakes, with less it makes more."""
LONGEST = 30 * FRAMES_A_SECOND
AROUND_S = 0.3
"""Seconds of silence that are put around what was said: without, the last sound is often lost."""
HYPOTHESES = 5
MAX_WORDS = 100
ALTERNATIVES = 3
REPETITIVE = 2.4
"""What compresses by more than this is no speech but a loop of the model: Whisper's own figure."""

WEIGHTS = {"likelihood": 4.33, "agreement": 6.67, "length": -1.77, "constant": 0.27}
"""How sure: the logarithm of the odds that every word is right. Fitted to the spoken sentences of
tests/phone/evaluation, clean and in noise; docs/phone.md says how well it does."""

_WORDS = re.compile(r"[a-z0-9']+")
_DIGITS = re.compile(r"\d+")
_SAME = {"yeah": "yes", "yep": "yes", "yup": "yes", "nope": "no"}
_GUESSED = re.compile(r"[?!…]+|\.{2,}")
"""Marks that tell how something was said, which the model cannot know: "yes?" is no answer."""
_SOUNDS = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪")
"""What the model writes for sounds that are no words, such as [Music]."""


class Whisper:
    """A loaded model."""

    def __init__(self, model: Path, threads: int) -> None:
        # Nothing may be fetched while a caller waits.
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer

        self._model = WhisperModel(
            str(model), device="cpu", compute_type="int8", cpu_threads=threads
        )
        multilingual = bool(self._model.model.is_multilingual)
        self._tokenizer = Tokenizer(
            self._model.hf_tokenizer,
            multilingual,
            task="transcribe" if multilingual else None,
            language="en" if multilingual else None,
        )
        self._prompt = self._model.get_prompt(self._tokenizer, [], without_timestamps=True)

    def transcribe(self, audio: bytes) -> dict[str, Any]:
        """Transcribe mu-law audio: `text` (empty for no words), `confidence`, `alternatives`."""
        import numpy as np

        around = QUIET * int(AROUND_S * SAMPLE_RATE)
        pcm = audioop.ulaw2lin(around + audio + around, 2)
        doubled, _ = audioop.ratecv(pcm, 2, 1, SAMPLE_RATE, 2 * SAMPLE_RATE, None)
        samples = np.frombuffer(doubled, np.int16).astype(np.float32) / 32768
        features = self._model.feature_extractor(samples)
        wanted = min(LONGEST, max(CONTEXT, features.shape[1] + MARGIN))
        features = features[:, :wanted]
        features = np.pad(features, [(0, 0), (0, wanted - features.shape[1])])
        result = self._model.model.generate(
            self._model.encode(features),
            [self._prompt],
            beam_size=HYPOTHESES,
            num_hypotheses=HYPOTHESES,
            return_scores=True,
            max_length=len(self._prompt) + 2 * MAX_WORDS,
        )[0]
        # The scores are a mean over the words' pieces.
        return judged(
            [
                (
                    _GUESSED.sub(".", self._tokenizer.decode(pieces)).strip(),
                    score * len(pieces),
                    len(pieces),
                )
                for pieces, score in zip(result.sequences_ids, result.scores, strict=True)
            ]
        )


def judged(hypotheses: Sequence[tuple[str, float, int]]) -> dict[str, Any]:
    """Decide what to make of the recogniser's hypotheses.

    Args:
        hypotheses: texts, the likeliest first, each with the logarithm of its likelihood and the
            number of pieces it was made of.
    """
    text, likelihood, pieces = hypotheses[0]
    words = _words(text)
    if not words or _repetitive(text):
        return {"text": ""}
    shares = [math.exp(other - likelihood) for _, other, _ in hypotheses]
    same = sum(
        share for share, other in zip(shares, hypotheses, strict=True) if _words(other[0]) == words
    )
    odds = (
        WEIGHTS["constant"]
        + WEIGHTS["likelihood"] * likelihood / (pieces + 1)
        + WEIGHTS["agreement"] * same / sum(shares)
        + WEIGHTS["length"] * math.log(1 + len(words))
    )
    others: dict[tuple[str, ...], str] = {}
    for other, _, _ in hypotheses[1:]:
        said = _words(other)
        if said and said != words:
            others.setdefault(said, other)
    return {
        "text": text,
        "confidence": round(1 / (1 + math.exp(-odds)), 3),
        "alternatives": list(others.values())[:ALTERNATIVES],
    }


def _words(text: str) -> tuple[str, ...]:
    """Reduce a text to its words: what sounds the same, such as "3" and "three", is the same."""
    spelt = _DIGITS.sub(lambda m: f" {number(m[0])} ", _SOUNDS.sub(" ", text.lower()))
    return tuple(_SAME.get(word, word) for word in _WORDS.findall(spelt))


def _repetitive(text: str) -> bool:
    written = text.encode()
    return len(written) / len(zlib.compress(written)) > REPETITIVE


def serve(whisper: Whisper, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more. What cannot be heard is told as failed."""
    length = struct.Struct("!I")
    while header := requests.read(length.size):
        audio = requests.read(length.unpack(header)[0])
        try:
            answer = whisper.transcribe(audio)
        except Exception:  # noqa: BLE001 - the next utterance is another one
            answer = {"text": "", "failed": True}
        answers.write(packed(answer))
        answers.flush()


def main(model: str, threads: str) -> None:
    """Load the model, say so, and serve."""
    answers = sys.stdout.buffer
    # What a library prints must not come between the answers.
    sys.stdout = sys.stderr
    try:
        whisper = Whisper(Path(model), int(threads))
        # The first time takes longer: nobody should wait for it.
        whisper.transcribe(bytes([255]) * SAMPLE_RATE)
    except Exception as error:  # noqa: BLE001 - whatever it is, the server is told
        reason = f"The speech model in {model} cannot be loaded ({type(error).__name__})."
        answers.write(packed({"error": reason}))
        answers.flush()
        return
    answers.write(packed({"ready": True}))
    answers.flush()
    serve(whisper, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
