"""Random texts that a pattern matches, for a reader to judge what it lets in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from random import Random

from backline.nlu.patterns import (
    GAP_WORDS,
    Alternative,
    Grammar,
    Item,
    PlainWords,
    Range,
    Run,
    WordChoice,
)

FILLERS = (
    *("the", "a", "my", "it", "and", "so", "really", "just", "i", "was", "is", "that", "now", "of"),
    *("to", "then", "when", "you", "not", "all", "day", "bit", "with", "for", "she", "he", "at"),
)
"""What stands in gaps; any other word but "but" might."""
MOST_LETTERS = 14
"""Of a word that stands for a beginning."""


class Sampler:
    """Makes texts of patterns.

    Args:
        grammar: of the file's sets.
        random: seeded, for the same texts again.
        words: words to complete a beginning with; without a fitting one it stands as it is.
    """

    def __init__(self, grammar: Grammar, random: Random, words: Sequence[str] = ()) -> None:
        self._grammar, self._random = grammar, random
        self._words = sorted({word for word in words if word.isascii() and word.isalpha()})

    def sample(self, item: Item) -> str:
        """Give a text that the pattern matches from its first word to its last.

        Raises:
            PatternError: it is no pattern, or uses a set that there is not.
        """
        return " ".join(self._run(self._random.choice(self._grammar.pattern(item).runs)))

    def _run(self, run: Run) -> list[str]:
        out: list[str] = []
        taken = [not part.optional or self._random.random() < 0.5 for part in run.parts]
        for n, part in enumerate(run.parts):
            if not taken[n]:
                continue
            if run.gaps[n] and self._has_gap(run, taken, n):
                out += self._random.choices(FILLERS, k=self._random.randint(0, GAP_WORDS))
            out += self._part(part)
        return out

    @staticmethod
    def _has_gap(run: Run, taken: Sequence[bool], n: int) -> bool:
        # A gap goes with what may be missing: behind what leads, before anything else.
        return n > run.first_required or taken[n - 1]

    def _part(self, part: WordChoice) -> list[str]:
        return self._alternative(self._random.choice(part.alternatives))

    def _alternative(self, one: Alternative) -> list[str]:
        if isinstance(one, PlainWords):
            return [*one.words[:-1], self._ended(one.words[-1], one.ending)]
        if isinstance(one, Range):
            return [str(self._random.randint(one.low, one.high))]
        return self._run(self._random.choice(self._grammar.runs_of(one.name)))

    def _ended(self, word: str, ending: str) -> str:
        if ending == "(s)":
            return word + self._random.choice(("", "s"))
        if ending == "*":
            first = bisect_left(self._words, word)
            last = bisect_left(self._words, f"{word}{{")
            fitting = [w for w in self._words[first:last] if len(w) <= MOST_LETTERS]
            return self._random.choice(fitting) if fitting else word
        return word
