"""Serving without TensorFlow.

Rasa imports TensorFlow whatever the model is made of: its policies reach training callbacks, whose
classes derive from TensorFlow's. No component of our model runs it. Left out, the server is ready
about two seconds earlier and needs half the memory (docs/operating.md has the figures).

In the serving process only, the names that Rasa derives classes and annotations from are given by
a stand-in, and whatever would run TensorFlow fails with a sentence. `rasa train`, `rasa test` and
`rasa shell` are untouched.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

SUPPORTED_RASA = "3.6.21"
LEFT_OUT = frozenset({"tensorflow", "tensorflow_addons", "keras"})
DERIVED_FROM = frozenset({"SparseTensor", "Tensor", "TensorShape", "TensorSpec", "Model"})
"""What Rasa 3.6.21 takes from TensorFlow while its modules are imported, beside submodules."""

WITHOUT_TENSORFLOW = (
    "backline.",
    "rasa.core.policies.ensemble.",
    "rasa.core.policies.memoization.",
    "rasa.core.policies.rule_policy.",
    "rasa.graph_components.",
    "rasa.nlu.classifiers.fallback_classifier.",
    "rasa.nlu.classifiers.keyword_intent_classifier.",
    "rasa.nlu.classifiers.logistic_regression_classifier.",
    "rasa.nlu.classifiers.regex_message_handler.",
    "rasa.nlu.classifiers.sklearn_intent_classifier.",
    "rasa.nlu.extractors.entity_synonyms.",
    "rasa.nlu.extractors.regex_entity_extractor.",
    "rasa.nlu.featurizers.sparse_featurizer.",
    "rasa.nlu.tokenizers.",
)
"""Where the components live that never call TensorFlow."""


def leave_out(models: Path) -> bool:
    """Leave TensorFlow out of this process, if no model of the folder needs it.

    To be called before anything of Rasa is imported. Nothing is left out, and False returned, for
    another Rasa than the one that was looked at, for a model with a component that is not known
    to do without, and where TensorFlow is there already.
    """
    if LEFT_OUT & sys.modules.keys() or version("rasa") != SUPPORTED_RASA:
        return False
    if not all(_does_without(model) for model in models.glob("*.tar.gz")):
        return False
    sys.meta_path.insert(0, _Finder())
    return True


def _does_without(model: Path) -> bool:
    try:
        with tarfile.open(model) as archive:
            metadata = archive.extractfile("metadata.json")
            schema = json.load(metadata)["predict_schema"] if metadata else {}
        used = [str(node["uses"]) for node in schema["nodes"].values()]
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, AttributeError):
        # Loading it says what is wrong with it.
        return False
    return bool(used) and all(name.startswith(WITHOUT_TENSORFLOW) for name in used)


class _AbsentType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent


class _Absent(metaclass=_AbsentType):
    """In place of a class of TensorFlow: to derive from and to annotate with, not to use."""

    def __init__(self, *_: object, **__: object) -> None:
        raise RuntimeError(
            "TensorFlow was left out of this process, for no component of its models needs it "
            "(backline/runtime/tensorflow_stub.py)"
        )


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name not in DERIVED_FROM:
            raise AttributeError(f"{self.__name__} was left out of this process: {name}")
        return _Absent


class _Namespace(_Module):
    """A submodule, such as `tensorflow.keras.callbacks`: every name in it is a class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] not in LEFT_OUT:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        kind = _Namespace if "." in spec.name else _Module
        module = kind(spec.name)
        if spec.name == "tensorflow":
            for name in ("keras", "types", "data", "nn", "math", "losses"):
                setattr(module, name, _Namespace(f"tensorflow.{name}"))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""
