"""Typing errors within a letter of the clinical vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from wordfreq import get_frequency_dict

from backline.nlu.lexicon import CLINICAL, COMPOSED, FOLDER, read_yaml

SPARED = (COMPOSED, "aside.yml", "figures.yml")
"""Files whose words are everyday ones: they are kept as they are written."""
MIN_LETTERS = 5
LONG_WORD = 10
MAX_LETTERS = 40
"""No longer word is a misspelling of one of ours."""
MAX_CORRECTED = 200
"""So many different unknown words of a message are looked up: each takes a search of its own."""
COMMON = 10**-5.5
"""Of all English words, the share from which one is taken to be meant (wordfreq)."""

# What a line matches is no vocabulary of its own.
_EXAMPLE = re.compile(r"""\bpattern:|\blike: *(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^,}\n]*)""")


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Words never to correct, words to correct to, readings, and beginnings never to correct."""
    plain: set[str] = set()
    stems: set[str] = set()
    for name in (*CLINICAL, "sets.yml", "context.yml", "quantities.yml", "answers.yml"):
        body = _body(name)
        plain |= set(re.findall(r"[a-z]{3,}", body))
        stems |= set(re.findall(r"([a-z]{3,})\*", body))
    targets = tuple(sorted(w for w in plain if len(w) >= MIN_LETTERS))
    common = {w for w, share in get_frequency_dict("en", "small").items() if share >= COMMON}
    readings = dict(read_yaml("spelling.yml")["readings"])
    # Everyday words that make a danger only together are kept as they are written; nothing is
    # corrected to them.
    spared = set(re.findall(r"[a-z]{3,}", "".join(map(_body, SPARED))))
    return frozenset(plain | common | spared), targets, readings, tuple(stems)


def _body(name: str) -> str:
    """Give a lexicon file without its comments and examples."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return _EXAMPLE.sub("", body)


@lru_cache(maxsize=4096)
def _correction(word: str) -> str | None:
    known, targets, readings, stems = _known()
    if word in readings:
        return readings[word]
    if not MIN_LETTERS <= len(word) <= MAX_LETTERS or word in known:
        return None
    if word.endswith("in") and f"{word}g" in known:
        # "Standin", "peein": as it is said.
        return f"{word}g"
    swapped_back = _swapped_back(word, known)
    if swapped_back or word.startswith(stems):
        return swapped_back
    if any(
        word.endswith(end) and word[: -len(end)] in known
        for end in ("s", "es", "ed", "ing", "ly", "d", "er", "y")
    ):
        return None
    allowed = 2 if len(word) >= LONG_WORD else 1
    best = process.extractOne(word, targets, scorer=OSA.distance, score_cutoff=allowed)
    if best is None or best[0][0] != word[0]:
        return _stem_correction(word, stems)
    return str(best[0])


def _swapped_back(word: str, known: Set[str]) -> str | None:
    """The word that two neighbouring letters, typed in the other order, would make."""
    swaps = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))
    return next((swap for swap in swaps if swap in known), None)


def _stem_correction(word: str, stems: Iterable[str]) -> str | None:
    """ "dedalifting", where the vocabulary has only the beginning "deadlift"."""
    for stem in stems:
        beginning = word[: len(stem)]
        if len(stem) < MIN_LETTERS + 1 or len(word) <= len(stem) or stem[0] != word[0]:
            continue
        if OSA.distance(beginning, stem, score_cutoff=1) <= 1:
            return stem + word[len(stem) :]
    return None


def is_clinical(word: str) -> bool:
    """Tell whether the vocabulary has this lower-case word, of at least five letters."""
    return word in _known()[1]


def is_known(word: str) -> bool:
    """Tell whether this lower-case word is in the vocabulary or common in English."""
    return word in _known()[0]


def corrections(text: str) -> dict[str, str]:
    """Map each misspelt word of a message, lower-case without apostrophes, to the one meant."""
    out = {}
    known = _known()[0]
    unknown = 0
    # In their order, so that the same ones are looked up each time.
    for raw in dict.fromkeys(re.findall(r"[^\W\d_]+(?:['’`´][^\W\d_]+)*", text.lower())):
        word = re.sub(r"['’`´]", "", raw)
        unknown += word not in known
        if unknown > MAX_CORRECTED:
            break
        meant = _correction(word)
        if meant is not None:
            out[word] = meant
    return out
