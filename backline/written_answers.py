"""Answers written beforehand to what people ask: `data/answers/`, ours and the clinic's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from backline.failures import Told
from backline.yaml_text import read_words

FOLDER = Path(__file__).resolve().parents[1] / "data" / "answers"
FILES = ("general.yml", "visit.yml", "words.yml", "clinic.yml")
"""In this order: an answer of the clinic stands before one of ours that has the same name."""
STANDINGS: Mapping[str, str] = {"soon": "soon", "urgent": "urgent", "none": "programme"}
"""By the urgency of a result, under which name an answer has other words for it."""
NO_MASSAGE = "no_massage"
"""The name of the words for a programme without massage, where an answer has them."""
_OTHERWISE = (*STANDINGS.values(), NO_MASSAGE)
FEWEST_EXAMPLES = 3


class WrittenAnswersError(Told, ValueError):
    """A file of answers that cannot be used: the message names it, and what is wrong."""


@dataclass(frozen=True)
class WrittenAnswer:
    """One question, and what is said to it.

    Attributes:
        examples: the question in several wordings.
        explains: the lines of lists whose words it explains, by their names.
        says: the words, unless the result asks for others.
        otherwise: those others, by the values of `STANDINGS` and `NO_MASSAGE`.
    """

    name: str
    examples: tuple[str, ...]
    says: str
    otherwise: Mapping[str, str]
    explains: frozenset[str] = frozenset()

    def words(self, standing: str | None, *, no_massage: bool = False) -> str:
        """Give the words that fit.

        Args:
            standing: the urgency of the result that was given; None without one.
            no_massage: the result is a programme that has no massage in it.
        """
        if no_massage and NO_MASSAGE in self.otherwise:
            return self.otherwise[NO_MASSAGE]
        return self.otherwise.get(STANDINGS.get(standing or "", ""), self.says)


@lru_cache(maxsize=1)
def written_answers() -> Mapping[str, WrittenAnswer]:
    """Read all answers by their names, once.

    Raises:
        WrittenAnswersError: an answer lacks words or examples, or has what is none of its parts.
    """
    return {answer.name: answer for file in FILES for answer in read_answers_of(FOLDER / file)}


def explanations_of(line: str) -> list[str]:
    """Name the answers that explain the words of a line of a list, in the order of the file."""
    return [name for name, answer in written_answers().items() if line in answer.explains]


def read_answers_of(file: Path) -> Iterator[WrittenAnswer]:
    """Read the answers of a file, in its order.

    Raises:
        WrittenAnswersError: as above.
    """
    data = read_words(file)
    for item in data["answers"]:
        yield _answer(file, item, data.get("frames") or ())


def _answer(file: Path, item: Mapping[str, Any], frames: Sequence[str]) -> WrittenAnswer:
    name = str(item.get("name", ""))
    where = f"{file.name}: the answer {name!r}" if name else f"{file.name}: an answer without name"
    unknown = set(item) - {"name", "examples", "terms", "explains", "says", *_OTHERWISE}
    if unknown:
        raise WrittenAnswersError(f"{where} has {sorted(unknown)[0]!r}, which is no part of one.")
    if not name or not str(item.get("says", "")).strip():
        raise WrittenAnswersError(f"{where} needs `name` and `says`.")
    framed = [frame.format(term=term) for term in item.get("terms") or () for frame in frames]
    examples = tuple(str(example) for example in [*(item.get("examples") or ()), *framed])
    if len(examples) < FEWEST_EXAMPLES:
        raise WrittenAnswersError(f"{where} needs at least {FEWEST_EXAMPLES} `examples`.")
    otherwise = {key: str(item[key]) for key in _OTHERWISE if key in item}
    explains = frozenset(str(line) for line in item.get("explains") or ())
    return WrittenAnswer(name, examples, str(item["says"]), otherwise, explains)
