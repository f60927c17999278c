"""Tell which answers are whole as soon as they are said, so that nobody waits for more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from backline.phone.dialogue.wording import read_yaml, thresholds
from backline.phone.events import ListenOptions, NoMatch, Transcript
from backline.phone.text.verbalize import number

_WORDS = re.compile(r"[a-z0-9']+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class WholeAnswers:
    """The whole answers of `data/phone/stream.yml`.

    Attributes:
        yes_no, numbers: the answers, in small letters without marks.
        pause_s: seconds of silence that are enough after one.
    """

    yes_no: frozenset[str]
    numbers: frozenset[str]
    pause_s: float


@lru_cache(maxsize=1)
def whole_answers() -> WholeAnswers:
    """Load the whole answers, once."""
    data = read_yaml("stream.yml")
    answers = {name: frozenset(said) for name, said in data["whole_answers"].items()}
    return WholeAnswers(**answers, pause_s=float(data["pause_s"]))


def is_whole(heard: Transcript | NoMatch, listening: ListenOptions) -> bool:
    """Return whether this is surely a whole answer to what was asked.

    A number of several digits ("forty ... two") never is, nor what comes with a unit.
    """
    if isinstance(heard, NoMatch) or listening.keys > 1:
        return False
    if heard.confidence is None or heard.confidence < thresholds()["stream"].sure:
        return False
    spelt = _DIGITS.sub(lambda m: f" {number(m[0])} ", heard.text.lower())
    said = " ".join(_WORDS.findall(spelt))
    answers = whole_answers()
    if said in answers.yes_no:
        return "yes" in listening.hints or "no" in listening.hints
    return said in answers.numbers and said in listening.hints
