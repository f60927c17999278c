"""The intent classifier gives what Rasa's gives, whatever is counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
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

from backline.nlu.rasa_classifier import NgramIntentClassifier

WIDTH = 4


def message(counts: list[int], intent: str | None = None) -> Message:
    made = Message({TEXT: "words", "intent": intent})
    matrix = csr_matrix([counts], dtype=np.float64)
    made.add_features(Features(matrix, FEATURE_TYPE_SENTENCE, TEXT, "counts"))
    return made


EXAMPLES = [
    message([3 if i == k else 0 for i in range(WIDTH)], f"intent {k}")
    for k in range(WIDTH)
    for _ in range(3)
]


def trained(kind: type[LogisticRegressionClassifier], folder: Path) -> Any:
    """A classifier that was trained, kept and loaded again."""
    storage, resource = LocalModelStorage(folder), Resource("classifier")
    given = (kind.get_default_config(), storage, resource, ExecutionContext(GraphSchema({})))
    kind.create(*given).train(TrainingData(EXAMPLES))
    return kind.load(*given)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return trained(LogisticRegressionClassifier, tmp_path_factory.mktemp("theirs"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return trained(NgramIntentClassifier, tmp_path_factory.mktemp("ours"))


@given(counts=st.lists(st.integers(0, 9), min_size=WIDTH, max_size=WIDTH))
def test_ranks_intents_as_rasa_does(theirs: Any, ours: Any, counts: list[int]) -> None:
    expected, ranking = (
        classifier.process([message(counts)])[0].get("intent_ranking")
        for classifier in (theirs, ours)
    )
    assert [r["name"] for r in ranking] == [r["name"] for r in expected]
    assert [r["confidence"] for r in ranking] == pytest.approx([r["confidence"] for r in expected])


def test_a_model_that_another_version_kept_is_refused(tmp_path: Path) -> None:
    trained(LogisticRegressionClassifier, tmp_path)
    storage, context = LocalModelStorage(tmp_path), ExecutionContext(GraphSchema({}))
    config = NgramIntentClassifier.get_default_config()
    with pytest.raises(FileNotFoundError):
        NgramIntentClassifier.load(config, storage, Resource("classifier"), context)


def test_loading_does_not_import_what_rasa_keeps_models_with(tmp_path: Path) -> None:
    """It would import all of scikit-learn: a third of the time to start a server."""
    trained(NgramIntentClassifier, tmp_path)
    loads = (
        "import sys\n"
        "from pathlib import Path\n"
        "from rasa.engine.graph import ExecutionContext, GraphSchema\n"
        "from rasa.engine.storage.local_model_storage import LocalModelStorage\n"
        "from rasa.engine.storage.resource import Resource\n"
        "from backline.nlu.rasa_classifier import NgramIntentClassifier as Ours\n"
        "Ours.load(Ours.get_default_config(), LocalModelStorage(Path(sys.argv[1])),\n"
        "          Resource('classifier'), ExecutionContext(GraphSchema({})))\n"
        "sys.exit('skops' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", loads, str(tmp_path)], check=True)
