"""What the second reader learns from, and how. Scikit-learn is needed here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backline.nlu.clauses import clauses, sentences
from backline.nlu.encoder import Encoder
from backline.nlu.second_reading.scorer import BUCKETS, ClauseScorer, Floats, grams_of
from backline.nlu.tokenizer import words_of
from backline.yaml_text import read_words

NOTHING = "nothing"
"""Stands for a code in `texts.yml` where a clause tells none."""
DATA = Path(__file__).resolve().parents[3] / "data"
TEXTS = DATA / "second_reader" / "texts.yml"
ORDINARY_TALK = DATA / "lexicon" / "ordinary_talk.txt"
"""Sentences that tell nothing, one a line; training does without it."""
WIDTH, SOFTNESS, REGULARITY = 1.0, 4.0, 3.0
"""Gamma and C of the machine, C of the regression; chosen by cross-validation."""

MOST_OF_A_CODE, MOST_ORDINARY = 150, 7500
"""Texts that tell a code, and that tell nothing, of all there are: more make training longer and
hardly anything better (docs/understanding.md)."""


@dataclass(frozen=True)
class Example:
    """A clause, and the code that it tells, or `NOTHING`."""

    text: str
    code: str

    @property
    def tells(self) -> bool:
        return self.code != NOTHING


def pieces_of_text(text: str) -> Iterator[str]:
    """Each clause and each sentence of a text, as it is written."""
    words = words_of(text, {})
    for start, end in dict.fromkeys([*clauses(words.line), *sentences(words.line)]):
        first, last = words.span(start, end)
        yield text[first:last]


def examples(ordinary: Iterable[str] = ()) -> list[Example]:
    """All there is to learn from, each clause once.

    Args:
        ordinary: further texts that tell nothing, such as examples of questions.
    """
    told: dict[str, list[str]] = read_words(TEXTS)
    found = [Example(text, code) for code, texts in told.items() for text in texts]
    found += [Example(piece, NOTHING) for text in ordinary for piece in pieces_of_text(text)]
    found += [Example(p, NOTHING) for line in ordinary_talk() for p in pieces_of_text(line)]
    # What tells something stands first, so that it counts where both are the same.
    found.sort(key=lambda example: not example.tells)
    own = {" ".join(e.text.lower().split()): e for e in reversed(found)}
    return _bounded(list(reversed(own.values())))


def _bounded(found: Sequence[Example]) -> list[Example]:
    """Leave out what is beyond the bounds, evenly."""
    by_code: dict[str, list[Example]] = {}
    for example in found:
        by_code.setdefault(example.code, []).append(example)
    return [
        example
        for code, own in by_code.items()
        for example in _evenly(own, MOST_ORDINARY if code == NOTHING else MOST_OF_A_CODE)
    ]


def _evenly(given: Sequence[Example], most: int) -> list[Example]:
    count = min(len(given), most)
    return [given[n * len(given) // count] for n in range(count)]


def ordinary_talk() -> list[str]:
    """The lines of `ORDINARY_TALK`, if it is there."""
    if not ORDINARY_TALK.is_file():
        return []
    lines = ORDINARY_TALK.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def learn(given: Sequence[Example], encoder: Encoder) -> ClauseScorer:
    """Learn from examples; takes about a minute for 14,000."""
    return learn_from(given, encoder.embed([e.text for e in given]))


def learn_from(given: Sequence[Example], vectors: Floats) -> ClauseScorer:
    """The same for examples whose vectors are known."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    tells = np.asarray([e.tells for e in given])
    machine = SVC(C=SOFTNESS, gamma=WIDTH, class_weight="balanced", cache_size=500)
    machine.fit(vectors, tells)
    regression = LogisticRegression(C=REGULARITY, class_weight="balanced", solver="liblinear")
    regression.fit(_counts([e.text for e in given]), tells)
    telling = [n for n, e in enumerate(given) if e.tells]
    return ClauseScorer(
        support=_small(machine.support_vectors_),
        dual=machine.dual_coef_[0].astype(np.float32),
        bias=float(machine.intercept_[0]),
        gamma=WIDTH,
        weights=_small(regression.coef_[0]),
        intercept=float(regression.intercept_[0]),
        phrases=np.asarray([given[n].text for n in telling]),
        codes=np.asarray([given[n].code for n in telling]),
        vectors=_small(vectors[telling]),
    )


def _small(numbers: Any) -> Floats:
    return np.ascontiguousarray(numbers, np.float32)


def _counts(texts: Sequence[str]) -> Any:
    """One row a text, of length one, as `ClauseScorer.by_grams` weighs it."""
    from scipy.sparse import csr_matrix

    places = [grams_of(text) for text in texts]
    ends = np.cumsum([0, *(len(p) for p in places)])
    values = np.concatenate([np.full(len(p), 1 / np.sqrt(max(len(p), 1))) for p in places])
    return csr_matrix((values, np.concatenate(places), ends), shape=(len(texts), BUCKETS))
