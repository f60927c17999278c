"""Finds the written answer to what a message asks, by the meaning of its examples.

It stands behind the tokenizer and adds a finding of the kind `asked_about` for each question of the
message that comes near enough to an example. Questions that have an intent of their own, such as
the price, compete with their examples, and win where they are nearer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
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

from backline.facts import Finding
from backline.failures import describe
from backline.nlu.components.wishes import complains
from backline.nlu.encoder import Encoder, Vectors, encoder
from backline.nlu.intents import (
    ASKED_ABOUT,
    CORRECTION,
    QUESTION,
    SPEAKS_WITHIN,
    UNTOLD,
    asks,
    decided,
    questions_of,
)
from backline.nlu.rasa_components import FINDINGS, read_text, tell_broken_reader, took_long
from backline.nlu.tokenizer import words_of
from backline.written_answers import written_answers

logger = logging.getLogger(__name__)

NAME = "answer_finder"
"""How it is counted where it fails (`backline_readers_failed_total`)."""
HEAD_START = 0.05
"""So much nearer an example of another intent has to be: a written answer says more of it."""
GENERAL = frozenset({"ask_diagnosis", "ask_privacy", "ask_self_care", "ask_why"})
"""Intents with one answer to many questions: a written one is always more to the point."""
THE_SAME = 0.9
"""From this likeness on, two examples ask the same."""
MOST_QUESTIONS = 3
"""More questions of one message are not answered: nobody reads as many answers."""


class NearestExample:
    """The examples of all questions, and which of them a text comes nearest to.

    Args:
        vectors: of length one, one row an example.
        names: of the written answer that each is of; empty where it is of another intent.
    """

    def __init__(self, vectors: Vectors, names: Sequence[str]) -> None:
        self.vectors = vectors
        self.names = list(names)
        self._written = np.array([bool(name) for name in names])

    def find(self, vector: Vectors) -> tuple[str, float]:
        """Name the written answer that is nearest, with its likeness of 0 to 1.

        The name is empty where another intent's example is nearer by more than `HEAD_START`.
        """
        likeness = self.vectors @ vector
        written = likeness * self._written
        place = int(np.argmax(written))
        theirs = float(np.max(likeness * ~self._written, initial=0.0))
        near = float(written[place]) >= theirs - HEAD_START
        return (self.names[place] if near else ""), float(written[place])


def without_the_same(known: NearestExample) -> NearestExample:
    """Leave out what other intents have of a matter that a written answer is about."""
    written = np.array([bool(name) for name in known.names])
    likeness = (known.vectors @ known.vectors[written].T).max(axis=1)
    kept = written | (likeness < THE_SAME)
    names = [name for name, keep in zip(known.names, kept, strict=True) if keep]
    return NearestExample(known.vectors[kept], names)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class AnswerFinder(GraphComponent):
    """Adds which written answers a message asks for. Without the encoder it adds nothing."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Set from which likeness on, 0 to 1, a question is taken for its nearest example.

        What has no form of a question ("you frighten me") has to be nearer.
        """
        return {"threshold": 0.62, "threshold_of_statements": 0.8}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._enough = float(config["threshold"])
        self._enough_of_statements = float(config["threshold_of_statements"])
        self._storage = storage
        self._resource = resource
        self._known: NearestExample | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AnswerFinder:
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the vectors of all examples."""
        made = encoder()
        texts = [(text, a.name) for a in written_answers().values() for text in a.examples]
        texts += [(str(e.get(TEXT)), "") for e in training_data.intent_examples if _asks(e)]
        learned = {}
        if made is not None:
            vectors = made.embed([t for t, _ in texts])
            self._known = without_the_same(NearestExample(vectors, [n for _, n in texts]))
            learned = {"vectors": self._known.vectors, "names": np.array(self._known.names)}
        with self._storage.write_to(self._resource) as folder:
            np.savez(_file(folder, self._resource), **learned)
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
    ) -> AnswerFinder:
        """Load the examples; a model that was trained without the encoder has none."""
        loaded = cls.create(config, model_storage, resource, execution_context)
        with (
            model_storage.read_from(resource) as folder,
            np.load(_file(folder, resource), allow_pickle=False) as learned,
        ):
            if learned.files:
                names = [str(name) for name in learned["names"]]
                loaded._known = NearestExample(learned["vectors"], names)
        return loaded

    def process(self, messages: list[Message]) -> list[Message]:
        """Add to each message's findings what it asks for."""
        made = encoder() if self._known is not None else None
        for message in messages:
            text = message.get(TEXT)
            if text is not None and made is not None and self._known is not None:
                message.set(FINDINGS, self._asked(message, text, made, self._known))
        return messages

    def _asked(
        self, message: Message, text: str, made: Encoder, known: NearestExample
    ) -> list[Finding]:
        findings = message.get(FINDINGS)
        findings = read_text(text) if findings is None else list(findings)
        if took_long(message):
            return findings
        try:
            return [*findings, *self._found(text, findings, made, known)]
        except Exception as error:  # noqa: BLE001 - whatever breaks, the lexicon has read
            logger.error("Left out of reading a message: %s (%s)", NAME, describe(error))
            tell_broken_reader(NAME, error)
            return findings

    def _found(
        self, text: str, findings: Sequence[Finding], made: Encoder, known: NearestExample
    ) -> Iterator[Finding]:
        found = decided(text, findings)
        if found is not None and not (found == CORRECTION and asks(text)):
            # A plain answer asks nothing, and the answer to an emergency is the call.
            return
        if not asks(text) and _tells(text, findings):
            # It asks nothing, and a vector takes longer than all else.
            return
        seen: set[str] = set()
        for start, end in questions_of(text)[:MOST_QUESTIONS]:
            name, likeness = known.find(made.embed([text[start:end]])[0])
            # The mark behind it tells a question that begins like none: "is Friday free?".
            asked = asks(text[start:end]) or text[end : end + 1] == "?"
            enough = self._enough if asked else self._enough_of_statements
            if name and likeness >= enough and name not in seen:
                seen.add(name)
                words = text[start:end]
                yield Finding(ASKED_ABOUT, name, start=start, end=end, text=words, source=NAME)


def _tells(text: str, findings: Sequence[Finding]) -> bool:
    """Whether a message tells a fact, or of a back at all."""
    facts = any(f.kind not in UNTOLD for f in findings)
    return facts or complains(words_of(text[:SPEAKS_WITHIN], {}).line)


def _asks(example: Message) -> bool:
    """Whether an example is of a question whose intent has an answer of its own."""
    intent = str(example.get(INTENT) or "")
    return intent.startswith(QUESTION) and intent not in GENERAL and bool(example.get(TEXT))


def _file(folder: Path, resource: Resource) -> Path:
    return folder / f"{resource.name}.npz"
