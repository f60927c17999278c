"""The second reader as a Rasa graph component: what the lexicon left unread becomes a suspicion.

It stands behind the tokenizer, which has read the message with the lexicon, and adds a finding of
the kind `suspicion` to what that found. It never adds a fact.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backline.facts import UNREAD, Finding
from backline.failures import describe
from backline.nlu.encoder import encoder
from backline.nlu.intents import INFORM
from backline.nlu.rasa_components import (
    FINDINGS,
    read_text,
    tell_broken_reader,
    today,
    took_long,
)
from backline.nlu.second_reading.beside import read_beside_a_no
from backline.nlu.second_reading.learning import examples, learn
from backline.nlu.second_reading.scorer import ClauseScorer
from backline.nlu.second_reading.suspecting import Suspector

logger = logging.getLogger(__name__)

NAME = "second_reader"
"""How it is counted where it fails (`backline_readers_failed_total`)."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SecondReader(GraphComponent):
    """Learns what clauses of a danger sound like, and suspects them.

    Without the encoder's file the plain net of words is all that it has; the log says so once.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Set from which score on, 0 to 1, a clause is suspected."""
        return {"threshold": 0.93}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._threshold = float(config["threshold"])
        self._storage = storage
        self._resource = resource
        self._use(None)

    def _use(self, scorer: ClauseScorer | None) -> None:
        self._reader = Suspector(scorer, encoder() if scorer else None, self._threshold)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SecondReader:
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from `data/second_reader`, ordinary talk and the examples of questions."""
        made = encoder()
        scorer = None
        if made is not None:
            asking = [str(e.get(TEXT)) for e in training_data.intent_examples if _asks_only(e)]
            scorer = learn(examples(asking), made)
        with self._storage.write_to(self._resource) as folder:
            np.savez(_file(folder, self._resource), **(scorer.arrays if scorer else {}))
        self._use(scorer)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples of intents as they are."""
        return training_data

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SecondReader:
        """Load what was learned; a model that was trained without the encoder has nothing."""
        loaded = cls.create(config, model_storage, resource, execution_context)
        with (
            model_storage.read_from(resource) as folder,
            np.load(_file(folder, resource), allow_pickle=False) as learned,
        ):
            if learned.files:
                loaded._use(ClauseScorer.from_arrays(learned))
            else:
                logger.warning("The second reader is off: its model was trained without an encoder")
        return loaded

    def process(self, messages: list[Message]) -> list[Message]:
        """Add to each message's findings what may be of a danger and was not understood."""
        for message in messages:
            text = message.get(TEXT)
            if text is not None:
                message.set(FINDINGS, self._suspected(message, text))
        return messages

    def _suspected(self, message: Message, text: str) -> list[Any]:
        findings = message.get(FINDINGS)
        findings = read_text(text) if findings is None else list(findings)
        if took_long(message):
            # What it may have told is asked again.
            return [*findings, Finding(UNREAD, True, start=len(text), end=len(text), source=NAME)]
        try:
            found = self._reader.suspect(text, findings, today())
            return [*findings, *(found or read_beside_a_no(text, findings))]
        except Exception as error:  # noqa: BLE001 - whatever breaks, the lexicon has read
            logger.error("Left out of reading a message: %s (%s)", NAME, describe(error))
            tell_broken_reader(NAME, error)
            return findings


def _asks_only(example: Message) -> bool:
    """Whether an example of an intent tells no sign and no condition, by the lexicon."""
    if example.get(INTENT) == INFORM or not example.get(TEXT):
        return False
    found = read_text(str(example.get(TEXT)))
    return not any(f.kind in ("emergency_sign", "health_condition") and f.holds for f in found)


def _file(folder: Path, resource: Resource) -> Path:
    return folder / f"{resource.name}.npz"
