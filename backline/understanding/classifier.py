"""Rasa's logistic regression, laid out for one short message at a time."""

from __future__ import annotations

from typing import Any

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
    and copies its whole table of weights for each message.
    """

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramIntentClassifier:
        """The trained classifier (see Rasa's)."""
        loaded = super().load(config, model_storage, resource, execution_context, **kwargs)
        # In this order a sparse row is multiplied with the weights where they are.
        loaded.clf.coef_ = loaded.clf.coef_.copy(order="F")
        return loaded  # type: ignore[no-any-return]

    def _create_X(self, messages: list[Message]) -> Any:
        if len(messages) != 1:
            return super()._create_X(messages)
        return messages[0].get_sparse_features(attribute=TEXT)[1].features.tocsr()
