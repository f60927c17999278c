"""What is asked as a vector of the sentence encoder: a dense feature beside the counted n-grams.

It sees what the n-grams see, in training and at run time. Without the encoder's file it adds
nothing, and the classifier has the n-grams alone; the encoder's own line in the log says why.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backline.failures import describe
from backline.nlu.encoder import Encoder, Vectors, encoder
from backline.nlu.intents import decided
from backline.nlu.rasa_components import (
    FINDINGS,
    SEEN,
    read_text,
    tell_broken_reader,
    took_long,
)

logger = logging.getLogger(__name__)

NAME = "sentence_vectors"
"""How it is counted where it fails (`backline_readers_failed_total`)."""
MOST_CHARACTERS = 1000
"""The encoder looks at some sixty words at most; a longer text need not be cut into pieces."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(GraphComponent):
    """Adds the vector of what a message asks, unless its intent is decided without a guess."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVectors:
        made = encoder()
        if made is None:
            logger.warning("Intents are guessed by n-grams alone: there is no encoder")
        return cls(made)

    def __init__(self, made: Encoder | None) -> None:
        self._encoder = made

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add its vector to each example."""
        if self._encoder is not None:
            examples = [e for e in training_data.training_examples if e.get(TEXT)]
            vectors = self._encoder.embed([_seen(example) for example in examples])
            for example, vector in zip(examples, vectors, strict=True):
                _add(example, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add its vector to each message whose intent is not decided by its words."""
        for message in messages:
            text = message.get(TEXT)
            if text is None or self._encoder is None or took_long(message):
                continue
            if not _is_decided(message, text):
                self._embed(message, self._encoder)
        return messages

    def _embed(self, message: Message, made: Encoder) -> None:
        try:
            _add(message, made.embed([_seen(message)])[0])
        except Exception as error:  # noqa: BLE001 - whatever breaks, the n-grams are there
            logger.error("Left out of reading a message: %s (%s)", NAME, describe(error))
            tell_broken_reader(NAME, error)


def _is_decided(message: Message, text: str) -> bool:
    findings = message.get(FINDINGS)
    return decided(text, read_text(text) if findings is None else findings) is not None


def _seen(message: Message) -> str:
    """What of the message the n-grams are counted in, too."""
    return str(message.get(SEEN) or message.get(TEXT))[:MOST_CHARACTERS]


def _add(message: Message, vector: Vectors) -> None:
    row = np.asarray(vector, np.float32)[np.newaxis]
    message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, NAME))
