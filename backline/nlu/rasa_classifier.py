"""Rasa's logistic regression over weighted n-grams and sentence vectors, kept as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack

Floats = npt.NDArray[np.float64]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(LogisticRegressionClassifier):
    """Rasa's classifier over weighted n-grams, and the vector of the sentence where there is one.

    The counts of n-grams are weighed by how rare they are (tf-idf) and brought to length one, as
    the vector is, so that neither drowns the other. It is kept as a few arrays: the format that
    Rasa keeps it in (skops) imports all of scikit-learn, a third of the time to start, and has had
    advisories of its own.
    """

    _rarities: Floats
    """Of each n-gram; the columns of weights behind these are the vector's."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Set how far weights may grow (C), and the vector's length beside the n-grams' one."""
        theirs = LogisticRegressionClassifier.get_default_config()
        return {**theirs, "C": 20.0, "vector_length": 1.0}

    def __init__(
        self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.C = float(self.config["C"])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the rarity of each n-gram, then the weights of all features."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        if examples:
            counts = vstack([_counts(example) for example in examples]).tocsr()
            self._rarities = _rarities(counts)
        return super().train(training_data)

    def persist(self) -> None:
        """Keep what was learned: weights (intents x features), intercepts, intents, rarities."""
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(
                _file(folder, self._resource),
                weights=self.clf.coef_,
                intercepts=self.clf.intercept_,
                intents=self.clf.classes_,
                rarities=self._rarities,
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramIntentClassifier:
        """Load the trained classifier.

        Raises:
            FileNotFoundError: another version of Backline trained it.
        """
        loaded = cls(config, execution_context.node_name, model_storage, resource)
        with (
            model_storage.read_from(resource) as folder,
            np.load(_file(folder, resource), allow_pickle=False) as learned,
        ):
            if "rarities" not in learned.files:
                raise FileNotFoundError("the classifier was trained by another version of Backline")
            # In this order a sparse row is multiplied with the weights where they are.
            loaded.clf.coef_ = np.asfortranarray(learned["weights"])
            loaded.clf.intercept_ = learned["intercepts"]
            loaded.clf.classes_ = learned["intents"]
            loaded._rarities = learned["rarities"]
        return loaded

    def _create_X(self, messages: list[Message]) -> Any:
        vectors = [_vector(message) for message in messages]
        width = max((v.shape[1] for v in vectors if v is not None), default=0)
        if hasattr(self.clf, "coef_"):
            # Learned with a vector or without one: this decides, not whether there is one now.
            width = self.clf.coef_.shape[1] - len(self._rarities)
        rows = [self._row(m, v, width) for m, v in zip(messages, vectors, strict=True)]
        return rows[0] if len(rows) == 1 else vstack(rows).tocsr()

    def _row(self, message: Message, vector: Floats | None, width: int) -> csr_matrix:
        """Weigh one message: n-grams of length one together, and the vector behind them."""
        counts = _counts(message)
        grams = len(self._rarities)
        weights = (1 + np.log(counts.data)) * self._rarities[counts.indices]
        weights /= max(float(np.sqrt(weights @ weights)), 1e-12)
        columns = counts.indices
        if vector is not None and width:
            weights = np.concatenate([weights, vector[0] * self.config["vector_length"]])
            columns = np.concatenate([columns, np.arange(grams, grams + width)])
        return csr_matrix((weights, columns, [0, len(columns)]), shape=(1, grams + width))


def _counts(message: Message) -> csr_matrix:
    made = csr_matrix(message.get_sparse_features(attribute=TEXT)[1].features, dtype=np.float64)
    made.sum_duplicates()
    made.eliminate_zeros()
    return made


def _vector(message: Message) -> Floats | None:
    features = message.get_dense_features(attribute=TEXT)[1]
    return None if features is None else np.asarray(features.features, np.float64)


def _rarities(counts: csr_matrix) -> Floats:
    """How rare each n-gram is, smoothed as scikit-learn does."""
    holding = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + holding)) + 1, np.float64)


def _file(folder: Path, resource: Resource) -> Path:
    return folder / f"{resource.name}.npz"
