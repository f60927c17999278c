"""A finder of written answers, trained once for all modules."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backline.nlu.answer_finder import AnswerFinder
from backline.nlu.intents import ASKED_ABOUT
from backline.nlu.rasa_components import FINDINGS
from tests.conftest import PROJECT


def intent_examples() -> list[Message]:
    found = []
    for file in sorted((PROJECT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            lines = block.get("examples", "").splitlines()
            texts = [line[2:].strip() for line in lines if line.startswith("- ")]
            found += [Message({TEXT: t, INTENT: block.get("intent")}) for t in texts]
    return found


@pytest.fixture(scope="session")
def finder(tmp_path_factory: pytest.TempPathFactory) -> AnswerFinder:
    """One that was trained, kept and loaded again."""
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
    resource, context = Resource("answers"), ExecutionContext(GraphSchema({}))
    made = AnswerFinder.create({}, storage, resource, context)
    made.train(TrainingData(intent_examples()))
    return AnswerFinder.load({}, storage, resource, context)


def asked_of(finder: AnswerFinder, text: str) -> list[str]:
    """Name the written answers that a message asks for."""
    (message,) = finder.process([Message({TEXT: text})])
    findings: list[Any] = message.get(FINDINGS) or []
    return [f.value for f in findings if f.kind == ASKED_ABOUT]
