"""The intent classifier gives what Rasa's gives, whatever is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from backline.understanding.classifier import NgramIntentClassifier

WIDTH = 4


def message(counts: list[int], intent: str | None = None) -> Message:
    made = Message({TEXT: "words", "intent": intent})
    matrix = csr_matrix([counts], dtype=np.float64)
    made.add_features(Features(matrix, FEATURE_TYPE_SENTENCE, TEXT, "counts"))
    return made


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Rasa's classifier and ours, loaded from the same trained one."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("model"))
    context = ExecutionContext(GraphSchema({}), "model", node_name="classifier")
    config = NgramIntentClassifier.get_default_config()
    resource = Resource("classifier")
    examples = [
        message([3 if i == k else 0 for i in range(WIDTH)], f"intent {k}")
        for k in range(WIDTH)
        for _ in range(3)
    ]
    new = NgramIntentClassifier.create(config, storage, resource, context)
    new.train(TrainingData(examples))
    theirs, ours = (
        kind.load(config, storage, resource, context)
        for kind in (LogisticRegressionClassifier, NgramIntentClassifier)
    )
    return theirs, ours


@given(counts=st.lists(st.integers(0, 9), min_size=WIDTH, max_size=WIDTH))
def test_ranks_intents_as_rasa_does(trained: tuple[Any, Any], counts: list[int]) -> None:
    theirs, ours = (
        classifier.process([message(counts)])[0].get("intent_ranking") for classifier in trained
    )
    assert [r["name"] for r in ours] == [r["name"] for r in theirs]
    assert [r["confidence"] for r in ours] == pytest.approx([r["confidence"] for r in theirs])
