"""What a message is for: the trained model on labelled utterances, and cross-validation."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from tests.understanding.labels import Utterance

PROJECT = Path(__file__).resolve().parents[2]
FOLDS = 5


@dataclass
class IntentScores:
    """Macro F1, F1 by intent, and how often one was taken for another."""

    f1: float = 0.0
    by_intent: dict[str, float] = field(default_factory=dict)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    count: int = 0


def score_pairs(pairs: Iterable[tuple[str, str]]) -> IntentScores:
    """Scores of (labelled, understood) pairs."""
    counted = Counter(pairs)
    labelled: Counter[str] = Counter()
    understood: Counter[str] = Counter()
    for (label, guess), n in counted.items():
        labelled[label] += n
        understood[guess] += n
    by_intent = {
        name: 2 * counted[name, name] / (n + understood[name])
        for name, n in sorted(labelled.items())
    }
    return IntentScores(
        f1=sum(by_intent.values()) / len(by_intent) if by_intent else 1.0,
        by_intent=by_intent,
        confused=Counter({pair: n for pair, n in counted.items() if pair[0] != pair[1]}),
        count=sum(labelled.values()),
    )


def heard_intents(utterances: Iterable[Utterance]) -> IntentScores:
    """The trained model's intents for utterances labelled with one."""
    labelled = [u for u in utterances if u.intent]
    return score_pairs(asyncio.run(_parse_all(labelled)))


async def _parse_all(utterances: list[Utterance]) -> list[tuple[str, str]]:
    from rasa.core.agent import Agent

    from backline.settings import load_settings

    # Rasa prints every message it parses.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    agent = Agent.load(str(load_settings().models))
    return [
        (str(u.intent), str((await agent.parse_message(u.text))["intent"]["name"]))
        for u in utterances
    ]


def cross_validated() -> IntentScores:
    """Rasa's own cross-validation of the training examples, as the pipeline settles them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rasa", "test", "nlu", "--cross-validation"]
        command += ["--folds", str(FOLDS), "--nlu", "data/nlu", "--config", "config.yml"]
        command += ["--out", folder, "--no-plot", "--successes"]
        subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=3600)
        return score_pairs(
            (item["intent"], item["intent_prediction"]["name"])
            for name in ("intent_successes.json", "intent_errors.json")
            for item in _items(Path(folder) / name)
        )


def _items(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    data = json.loads(path.read_text(encoding="utf-8"))
    return data if isinstance(data, list) else []
