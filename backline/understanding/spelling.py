"""Typing errors within a letter of the clinical vocabulary."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from backline.understanding.lexicon import CLINICAL, FOLDER, read_yaml

MIN_LETTERS = 5
LONG_WORD = 10


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Words never to correct, words to correct to, readings, and beginnings never to correct."""
    plain: set[str] = set()
    stems: set[str] = set()
    for name in CLINICAL:
        text = (FOLDER / name).read_text(encoding="utf-8")
        body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        plain |= set(re.findall(r"[a-z]{3,}", body))
        stems |= set(re.findall(r"([a-z]{3,})\*", body))
    data = read_yaml("spelling.yml")
    common = set(data["common"])
    targets = tuple(sorted(w for w in plain if len(w) >= MIN_LETTERS))
    return frozenset(plain | common), targets, dict(data["readings"]), tuple(stems)


@lru_cache(maxsize=4096)
def _correction(word: str) -> str | None:
    known, targets, readings, stems = _known()
    if word in readings:
        return readings[word]
    if len(word) < MIN_LETTERS or word in known or word.startswith(stems):
        return None
    if any(
        word.endswith(end) and word[: -len(end)] in known
        for end in ("s", "es", "ed", "ing", "ly", "d", "er", "y")
    ):
        return None
    allowed = 2 if len(word) >= LONG_WORD else 1
    best = process.extractOne(word, targets, scorer=OSA.distance, score_cutoff=allowed)
    if best is None or best[0][0] != word[0]:
        return None
    if best[0].startswith(word) or word.startswith(best[0]):
        return None
    return str(best[0])


def corrections(text: str) -> dict[str, str]:
    """For each misspelt word of a message, lower-case without apostrophes, the word meant."""
    out = {}
    for raw in set(re.findall(r"[^\W\d_]+(?:['’`´][^\W\d_]+)*", text.lower())):
        word = re.sub(r"['’`´]", "", raw)
        meant = _correction(word)
        if meant is not None:
            out[word] = meant
    return out
