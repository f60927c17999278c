"""Training, and whether a model is still the one that the project's files describe."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from backline.failures import Told
from backline.nlu.second_reading.learning import ORDINARY_TALK
from backline.settings import Settings

STAMP = ".trained-from.json"
SOURCES = ("domain.yml", "config.yml", "data/**/*.yml")
RASA_COMPONENTS = Path(__file__).resolve().parents[1] / "nlu"
LEARNING = (
    *("rasa_*.py", "second_reader.py", "answer_finder.py", "encoder.py", "clauses.py"),
    *("second_reading/scorer.py", "second_reading/learning.py"),
)
"""The code by which a model is learned."""


class TrainingError(Told, RuntimeError):
    """Training failed; the text says where to look."""


def fingerprint(settings: Settings) -> str:
    """A digest of everything a model is made from."""
    digest = hashlib.sha256(f"rasa {version('rasa')}".encode())
    files = {path for pattern in SOURCES for path in settings.project.glob(pattern)}
    # The lexicon is read when the server starts; of it only this goes into the model.
    lexicon = settings.project / "data" / "lexicon"
    learned = lexicon / ORDINARY_TALK.name
    files |= {learned} if learned.is_file() else set()
    for path in sorted(files):
        if path == learned or lexicon not in path.parents:
            digest.update(path.relative_to(settings.project).as_posix().encode())
            digest.update(path.read_bytes())
    for path in sorted(p for pattern in LEARNING for p in RASA_COMPONENTS.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(settings: Settings) -> bool:
    """True if the newest model was trained from the files as they are."""
    stamp = settings.models / STAMP
    if not stamp.is_file():
        return False
    try:
        made = json.loads(stamp.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return (
        made.get("fingerprint") == fingerprint(settings)
        and (settings.models / str(made.get("model"))).is_file()
    )


def train_model(settings: Settings) -> Path:
    """Train and return the model's path.

    Raises:
        TrainingError: there is no project, or Rasa printed what is wrong in its data.
    """
    from rasa.model_training import train
    from rasa.shared.exceptions import RasaException

    before = fingerprint(settings)
    try:
        result = train(
            domain=str(settings.project / "domain.yml"),
            config=str(settings.project / "config.yml"),
            training_files=[
                str(settings.project / "data" / part) for part in ("nlu", "rules", "stories")
            ],
            output=str(settings.models),
            force_training=True,
        )
    except RasaException as error:
        raise TrainingError(
            f"{settings.project} has no project that can be trained ({type(error).__name__}): "
            "BACKLINE_PROJECT takes the folder of domain.yml, config.yml and data/"
        ) from None
    if result.code != 0 or result.model is None:
        raise TrainingError("training failed; `rasa data validate` shows problems in the data")
    model = Path(result.model)
    stamp = {"fingerprint": before, "model": model.name}
    (settings.models / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return model
