"""How much a clause sounds like one that tells a danger: learned arrays, plain numpy."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 17
"""Places for n-grams, which are told apart by a hash."""
SHORTEST_GRAM, LONGEST_GRAM = 3, 5
BY_VECTOR, BY_GRAMS = 2.0, 1.0
"""How much the two votes count; chosen by cross-validation (docs/understanding.md)."""
_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans("", "", "'’`´")

Floats = npt.NDArray[np.float32]


def grams_of(text: str) -> npt.NDArray[np.int64]:
    """The places of a text's n-grams: one and two words, and three to five letters of a word."""
    return np.fromiter({zlib.crc32(g.encode()) % BUCKETS for g in _grams(text)}, np.int64)


def _grams(text: str) -> Iterator[str]:
    words = _WORD.findall(text.lower().translate(_APOSTROPHES))
    yield from words
    yield from (f"{one} {other}" for one, other in pairwise(words))
    for word in words:
        padded = f"_{word}_"
        for size in range(SHORTEST_GRAM, LONGEST_GRAM + 1):
            for place in range(len(padded) - size + 1):
                yield f"#{padded[place : place + size]}"


@dataclass(frozen=True)
class ClauseScorer:
    """A support vector machine over vectors and a logistic regression over n-grams, joined.

    Attributes:
        support, dual, bias, gamma: of the machine; its kernel is a Gaussian's.
        weights, intercept: of the regression, a weight for each of `BUCKETS`.
        phrases, codes, vectors: the clauses that tell something, what, and where they lie.
    """

    support: Floats
    dual: Floats
    bias: float
    gamma: float
    weights: Floats
    intercept: float
    phrases: npt.NDArray[np.str_]
    codes: npt.NDArray[np.str_]
    vectors: Floats

    def score(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """How much each text sounds like one that tells something, 0 to 1."""
        by_grams = np.asarray([self.by_grams(text) for text in texts], np.float32)
        return joined(self.by_vector(vectors), by_grams)

    def by_grams(self, text: str) -> float:
        """The vote of a text's n-grams; above 0 it tells something."""
        places = grams_of(text)
        if not len(places):
            return self.intercept
        return float(self.weights[places].sum() / np.sqrt(len(places))) + self.intercept

    def by_vector(self, vectors: Floats) -> Floats:
        """The vote of each vector; above 0 it tells something."""
        # Both have length one, so that their distance follows from their product.
        near = np.exp(-2 * self.gamma * (1 - vectors @ self.support.T))
        return np.asarray(near @ self.dual + self.bias, np.float32)

    def nearest(self, vector: Floats) -> tuple[str, str]:
        """The labelled phrase that comes nearest, and the code that most of the nearest tell."""
        near = self.vectors @ vector
        best = np.argsort(near)[-NEIGHBOURS:][::-1]
        votes: dict[str, float] = {}
        for n in best:
            code = str(self.codes[n])
            votes[code] = votes.get(code, 0.0) + float(near[n])
        code = max(votes, key=lambda name: votes[name])
        own = next(n for n in best if str(self.codes[n]) == code)
        return str(self.phrases[own]), code

    @cached_property
    def arrays(self) -> dict[str, Any]:
        """What to keep of it."""
        return {name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> ClauseScorer:
        """The inverse of `arrays`."""
        given: dict[str, Any] = {name: arrays[name] for name in cls.__dataclass_fields__}
        for name in ("bias", "gamma", "intercept"):
            given[name] = float(given[name])
        return cls(**given)


NEIGHBOURS = 7


def joined(by_vector: Floats, by_grams: Floats) -> Floats:
    """Both votes as one score, 0 to 1."""
    votes = BY_VECTOR * by_vector + BY_GRAMS * by_grams
    return np.asarray(1 / (1 + np.exp(-votes)), np.float32)
