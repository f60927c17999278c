"""The sentence encoder: its vectors are the official ones, and without its files all else works."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from backline.nlu import encoder as encoder_module
from backline.nlu.encoder import VOCABULARY, NoEncoder, encoder, load_encoder

OFFICIAL = Path(__file__).with_name("official_vectors.npz")
"""What the official weights make of 500 labelled sentences (`scripts/official-vectors`)."""


@pytest.fixture
def anew() -> Iterator[None]:
    encoder.cache_clear()
    yield
    encoder.cache_clear()


def test_vectors_are_those_of_the_official_weights() -> None:
    made = encoder()
    assert made is not None
    with np.load(OFFICIAL, allow_pickle=False) as official:
        texts = [str(text) for text in official["texts"]]
        exact = official["vectors"].astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    cosines = (made.embed(texts) * exact).sum(axis=1)
    assert len(texts) == 500
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.99


def test_a_text_has_one_vector_whatever_stands_beside_it() -> None:
    made = encoder()
    assert made is not None
    texts = ["my back is sore", "no feeling down below", "since Monday", "no feeling between"]
    alone = np.concatenate([made.embed([text]) for text in texts])
    np.testing.assert_allclose(made.embed(texts), alone, atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)


def test_no_text_and_an_endless_one_are_embedded() -> None:
    made = encoder()
    assert made is not None
    assert made.embed([]).shape == (0, 384)
    assert made.embed(["", "pain " * 5000, "\ud83d🦴 痛い"[1:]]).shape == (3, 384)


def test_another_file_than_the_measured_one_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    with pytest.raises(NoEncoder, match=r"model\.onnx is not the one that was measured"):
        load_encoder(other, VOCABULARY)


@pytest.mark.usefixtures("anew")
def test_without_the_package_there_is_no_encoder_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(encoder_module, "PACKAGE", "no_such_package")
    with caplog.at_level(logging.WARNING):
        assert encoder() is None
        assert encoder() is None
    assert caplog.messages == [
        "The second reader is off: the package no_such_package is not installed"
    ]


@pytest.mark.usefixtures("anew")
def test_without_the_file_there_is_no_encoder(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(encoder_module, "WEIGHTS", "missing.onnx")
    with caplog.at_level(logging.WARNING):
        assert encoder() is None
    assert caplog.messages == ["The second reader is off: the file missing.onnx is missing"]
