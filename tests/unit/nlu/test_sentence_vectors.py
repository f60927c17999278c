"""Sentence vectors: none where the intent is decided anyway, and none without an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backline.nlu import rasa_components
from backline.nlu.encoder import DIMENSIONS, Vectors
from backline.nlu.rasa_components import AskingTokenizer
from backline.nlu.sentence_vectors import SentenceVectors


class Recorded:
    """Stands for the encoder and keeps what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return np.ones((len(texts), DIMENSIONS), np.float32)


class Broken:
    def embed(self, texts: Sequence[str]) -> Vectors:
        raise RuntimeError("no memory")


TOKENIZER = AskingTokenizer(
    {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}
)


def read(text: str, made: Any) -> Message:
    """A message as the components before leave it, with its vector."""
    message = Message({TEXT: text})
    TOKENIZER.process([message])
    return SentenceVectors(made).process([message])[0]


def vector_of(message: Message) -> Any:
    return message.get_dense_features(TEXT)[1]


@pytest.mark.parametrize(
    "text", ["no", "none of these", "yes", "not sure", "go back please", "delete my data"]
)
def test_what_is_decided_by_its_words_has_no_vector(text: str) -> None:
    recorded = Recorded()
    assert vector_of(read(text, recorded)) is None
    assert recorded.texts == []


@pytest.mark.parametrize("text", ["how dear would that come to?", "what for", "grand weather"])
def test_what_has_to_be_guessed_has_one(text: str) -> None:
    recorded = Recorded()
    assert vector_of(read(text, recorded)).features.shape == (1, DIMENSIONS)
    assert recorded.texts == [text]


def test_the_vector_is_of_what_is_asked_as_the_ngrams_are() -> None:
    recorded = Recorded()
    read("it's a 6, how many massages would I need?", recorded)
    assert len(recorded.texts) == 1
    assert "6" not in recorded.texts[0]
    assert "how many" in recorded.texts[0]


def test_what_asks_nothing_is_seen_whole() -> None:
    recorded = Recorded()
    SentenceVectors(recorded).process_training_data(  # type: ignore[arg-type]
        TrainingData([read("my lower back is sore since Monday, it is the desk", None)])
    )
    assert recorded.texts == ["my lower back is sore since Monday, it is the desk"]


def test_examples_are_seen_as_messages_are() -> None:
    recorded = Recorded()
    text = "it's a 6, how many massages would I need?"
    example = read(text, None)
    vectors = SentenceVectors(recorded)  # type: ignore[arg-type]
    vectors.process_training_data(TrainingData([example]))
    read(text, recorded)
    assert recorded.texts[0] == recorded.texts[1]


@pytest.mark.parametrize("made", [None, Broken()])
def test_without_an_encoder_that_works_there_is_no_vector(made: Any) -> None:
    assert vector_of(read("how dear would that come to?", made)) is None


def test_an_endless_message_is_embedded_by_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa_components, "LEARNED_S", 60.0)
    recorded = Recorded()
    read("tell me more " * 5000, recorded)
    assert len(recorded.texts[0]) <= 1000


def test_a_long_message_that_took_long_already_is_classified_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rasa_components, "LEARNED_S", 0.0)
    recorded = Recorded()
    read("tell me more " * 500, recorded)
    assert recorded.texts == []


def test_the_start_says_that_there_is_no_encoder(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("backline.nlu.sentence_vectors.encoder", lambda: None)
    storage, resource = LocalModelStorage(Path()), Resource("vectors")
    context = ExecutionContext(GraphSchema({}))
    SentenceVectors.create({}, storage, resource, context)
    assert caplog.messages == ["Intents are guessed by n-grams alone: there is no encoder"]
