"""The intent classifier weighs n-grams as scikit-learn does, with a vector or without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
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
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from backline.nlu.rasa_classifier import NgramIntentClassifier

WIDTH = 4


def message(
    counts: list[int], intent: str | None = None, vector: list[float] | None = None
) -> Message:
    made = Message({TEXT: "words", "intent": intent})
    matrix = csr_matrix([counts], dtype=np.float64)
    made.add_features(Features(matrix, FEATURE_TYPE_SENTENCE, TEXT, "counts"))
    if vector is not None:
        row = np.asarray([vector], np.float32)
        made.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, "vectors"))
    return made


COUNTS = [[3 if i == k else i % 2 for i in range(WIDTH)] for k in range(WIDTH) for _ in range(3)]
INTENTS = [f"intent {k}" for k in range(WIDTH) for _ in range(3)]
EXAMPLES = [message(counts, intent) for counts, intent in zip(COUNTS, INTENTS, strict=True)]
POINTING = [
    message(counts, intent, [float(i == n // 3) for i in range(WIDTH)])
    for n, (counts, intent) in enumerate(zip(COUNTS, INTENTS, strict=True))
]


def trained(
    kind: type[LogisticRegressionClassifier], folder: Path, examples: list[Message] = EXAMPLES
) -> Any:
    """A classifier that was trained, kept and loaded again."""
    storage, resource = LocalModelStorage(folder), Resource("classifier")
    # To the end, so that two ways to the same minimum can be compared.
    config = {**kind.get_default_config(), "tol": 1e-10, "max_iter": 5000}
    given = (config, storage, resource, ExecutionContext(GraphSchema({})))
    kind.create(*given).train(TrainingData(examples))
    return kind.load(*given)


def ranked(classifier: Any, made: Message) -> dict[str, float]:
    ranking = classifier.process([made])[0].get("intent_ranking")
    return {guess["name"]: guess["confidence"] for guess in ranking}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return trained(NgramIntentClassifier, tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def pointed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return trained(NgramIntentClassifier, tmp_path_factory.mktemp("pointed"), POINTING)


@pytest.fixture(scope="module")
def theirs() -> Any:
    # Of examples that are the same Rasa keeps one.
    return make_pipeline(
        TfidfTransformer(sublinear_tf=True),
        LogisticRegression(C=20.0, class_weight="balanced", tol=1e-10, max_iter=5000),
    ).fit(csr_matrix(COUNTS[::3], dtype=np.float64), INTENTS[::3])


@settings(deadline=None)
@given(counts=st.lists(st.integers(0, 9), min_size=WIDTH, max_size=WIDTH))
def test_ranks_intents_as_scikit_learn_does(ours: Any, theirs: Any, counts: list[int]) -> None:
    expected = theirs.predict_proba(csr_matrix([counts], dtype=np.float64))[0]
    got = ranked(ours, message(counts))
    assert [got[name] for name in theirs.classes_] == pytest.approx(list(expected), abs=1e-3)


def test_a_vector_decides_where_the_words_do_not(pointed: Any) -> None:
    for k in range(WIDTH):
        got = ranked(pointed, message([0] * WIDTH, vector=[float(i == k) for i in range(WIDTH)]))
        assert max(got, key=got.__getitem__) == f"intent {k}"


def test_a_message_without_its_vector_is_guessed_by_its_words(pointed: Any) -> None:
    got = ranked(pointed, message(COUNTS[0]))
    assert max(got, key=got.__getitem__) == "intent 0"


def test_a_vector_counts_for_nothing_where_none_was_learned_from(ours: Any) -> None:
    with_one, without = message(COUNTS[3], vector=[9.0] * WIDTH), message(COUNTS[3])
    assert ranked(ours, with_one) == ranked(ours, without)


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
