"""Rasa's logistic regression, laid out for one short message at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(LogisticRegressionClassifier):
    """The same classifier for sparse features alone, such as counts of n-grams.

    It classifies as Rasa's does; that one joins the counts to dense features that nobody made,
    and copies its whole table of weights for each message. It is kept as three arrays: the format
    that Rasa keeps it in (skops) imports all of scikit-learn, a third of the time to start, and
    has had advisories of its own.
    """

    def persist(self) -> None:
        """Keep what was learned: weights (intents x features), intercepts, names of the intents."""
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(
                _file(folder, self._resource),
                weights=self.clf.coef_,
                intercepts=self.clf.intercept_,
                intents=self.clf.classes_,
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
            # In this order a sparse row is multiplied with the weights where they are.
            loaded.clf.coef_ = np.asfortranarray(learned["weights"])
            loaded.clf.intercept_ = learned["intercepts"]
            loaded.clf.classes_ = learned["intents"]
        return loaded

    def _create_X(self, messages: list[Message]) -> Any:
        if len(messages) != 1:
            return super()._create_X(messages)
        return messages[0].get_sparse_features(attribute=TEXT)[1].features.tocsr()


def _file(folder: Path, resource: Resource) -> Path:
    return folder / f"{resource.name}.npz"
