"""Clauses of a message that say one thing and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from backline.nlu.patterns import Sets, compile_all

MOST_WORDS = 16
"""A clause of more words than this tells something."""
NEVER = re.compile(r"(?!)")
PAUSE = re.compile(r"(?<= )[.,!?;:\n](?= )")


def compile_whole(patterns: Sequence[str], sets: Sets) -> re.Pattern[str]:
    """Compile one expression for clauses that are one of these patterns from end to end."""
    compiled = compile_all(patterns, sets)
    return re.compile(rf" {compiled.pattern} ") if compiled else NEVER


def is_whole(pattern: re.Pattern[str], clause: str, around: Collection[str]) -> bool:
    """Tell whether a clause says this, with nothing but `around` before and behind it.

    Args:
        pattern: of `compile_whole`.
    """
    words = clause.split()
    if not words or len(words) > MOST_WORDS:
        return False
    telling = [n for n, word in enumerate(words) if word not in around]
    first, last = (telling[0], telling[-1] + 1) if telling else (len(words) - 1, 0)
    return any(
        pattern.fullmatch(f" {' '.join(words[start:end])} ")
        for start in range(first + 1)
        for end in range(max(last, start + 1), len(words) + 1)
    )
