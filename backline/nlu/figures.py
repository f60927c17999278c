"""Figures of speech: words that name a danger and tell of none.

`data/lexicon/figures.yml` has them. Each word of one is covered in the line that entries are looked
for in, so that none fires there, and every other word stays where it is.
"""

from __future__ import annotations

from functools import lru_cache

from backline.nlu.lexicon import read_yaml
from backline.nlu.phrases import Phrases, WordLine, phrases_of

COVER = "x"
"""A letter that makes no word of any entry; a gap of a pattern goes over it as over other words."""


@lru_cache(maxsize=1)
def _figures() -> Phrases:
    data = read_yaml("figures.yml")
    figures = phrases_of(data["figures"], data["sets"])
    if figures is None:
        raise ValueError("figures.yml has no figures")
    return figures


def prepare_figures() -> None:
    """Compile the figures, which the first message would wait for."""
    _figures()


def covered(line: WordLine) -> WordLine:
    """Give a line without the words of its figures; itself if it has none."""
    places = _figures().all(line)
    if not places:
        return line
    text, out, last = line.text, [], 0
    for start, end in places:
        out += [text[last:start], " ".join(COVER * len(w) for w in text[start:end].split(" "))]
        last = end
    return WordLine("".join(out) + text[last:])
