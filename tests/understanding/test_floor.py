"""The labelled utterances themselves, and that understanding stays above its floor."""

from __future__ import annotations

import pytest

from tests.understanding.labels import HALVES, LabelError, half_of, utterances
from tests.understanding.report import measure, shortfalls


def test_there_are_enough_utterances_in_both_halves() -> None:
    assert len(utterances()) >= 600
    assert all(len(half_of(half)) >= 300 for half in HALVES)


def test_there_are_enough_everyday_messages() -> None:
    assert sum(u.topic == "everyday" for u in utterances()) >= 200


def test_no_utterance_stands_in_both_halves() -> None:
    texts = [{u.text.lower() for u in half_of(half) if u.topic != "everyday"} for half in HALVES]
    # Bare replies such as "none" are the same in any half.
    assert {t for t in texts[0] & texts[1] if len(t.split()) > 3} == set()


def test_a_wrong_label_is_reported_with_its_text() -> None:
    from tests.understanding import labels

    with pytest.raises(ValueError, match="unknown fact 'pain'"):
        labels._utterance("dev", {"text": "x", "topic": "x", "facts": {"pain": 3}})
    assert issubclass(LabelError, ValueError)


def test_understanding_is_above_its_floor() -> None:
    # How fast it is belongs to `make eval`: other tests may run beside this one.
    measures = measure(with_intents=False)
    measures.median_ms = measures.load_s = 0.0
    assert shortfalls(measures) == []
