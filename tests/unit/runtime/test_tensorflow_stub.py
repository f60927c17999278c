"""When TensorFlow is left out of the serving process, and what then happens."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.conftest import PROJECT

OURS = ["backline.nlu.rasa_components.BacklineUnderstanding"]


def model(folder: Path, name: str, metadata: object) -> None:
    body = json.dumps(metadata).encode()
    with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("metadata.json")
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))


def made_of(*uses: str) -> object:
    return {"predict_schema": {"nodes": {str(n): {"uses": name} for n, name in enumerate(uses)}}}


def run(code: str) -> str:
    """Run in a process of its own: what is imported cannot be taken back."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


def left_out(folder: Path) -> bool:
    code = (
        "from pathlib import Path\n"
        "from backline.runtime.tensorflow_stub import leave_out\n"
        f"print(leave_out(Path({str(folder)!r})))"
    )
    return run(code) == "True"


def test_a_model_that_needs_none_is_served_without(tmp_path: Path) -> None:
    model(tmp_path, "ours", made_of(*OURS, "rasa.core.policies.rule_policy.RulePolicy"))
    assert left_out(tmp_path)


@pytest.mark.parametrize(
    "metadata",
    [
        made_of(*OURS, "rasa.nlu.classifiers.diet_classifier.DIETClassifier"),
        made_of("rasa.core.policies.ted_policy.TEDPolicy"),
        made_of("somebody.elses.Component"),
        made_of(),
        {"predict_schema": {"nodes": {"0": {}}}},
        {},
        [],
    ],
)
def test_any_other_model_keeps_it(tmp_path: Path, metadata: object) -> None:
    model(tmp_path, "ours", made_of(*OURS))
    model(tmp_path, "another", metadata)
    assert not left_out(tmp_path)


def test_a_file_that_is_no_model_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "broken.tar.gz").write_bytes(b"no archive")
    assert not left_out(tmp_path)


def test_another_rasa_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backline.runtime import tensorflow_stub

    monkeypatch.setattr(tensorflow_stub, "SUPPORTED_RASA", "3.6.0")
    assert not tensorflow_stub.leave_out(tmp_path)


def test_rasa_is_imported_without_it_and_whoever_wants_to_use_it_is_told(tmp_path: Path) -> None:
    told = run(
        "from pathlib import Path\n"
        "from backline.runtime.tensorflow_stub import leave_out\n"
        f"assert leave_out(Path({str(tmp_path)!r}))\n"
        "import rasa.core.agent, tensorflow as tf\n"
        "assert not hasattr(tf, 'constant') and not hasattr(tf, '__version__')\n"
        "try:\n"
        "    tf.keras.layers.Dense(3)\n"
        "except RuntimeError as error:\n"
        "    print(error)"
    )
    assert told.startswith("TensorFlow was left out of this process")
