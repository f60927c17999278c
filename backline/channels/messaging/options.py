"""Which option of a question is meant by a button, a row or a number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from backline.nlu.components.picks import leading_lines
from backline.nlu.components.replies import replies
from backline.nlu.digits import whole_number_of
from backline.nlu.tokenizer import words_of
from backline.replies import CHECKLIST, Question, questions_in

DONE = "done"
NUMBERED_KINDS = ("yes_no", "choice")
_NUMBER = re.compile(
    r"\W*(?:(?:option|number|answer|no|nr) ?)?\W*(?:the )?(\w+)(?: one| option)?\W*", re.IGNORECASE
)


@lru_cache(maxsize=1)
def _worth() -> dict[str, int]:
    """What a word for a number or a place counts, by `data/lexicon/answers.yml`."""
    known = replies()
    places = {word: place for word, place in known.ordinals.items() if place > 0}
    return {**{word: int(n) for word, n in known.numbers.items()}, **places}


class Questions:
    """The questions of a domain, by slot."""

    def __init__(self, responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._by_slot = questions_in(responses)

    def get(self, slot: str | None) -> Question | None:
        """The question of a slot, if there is one."""
        return self._by_slot.get(slot or "")

    def pressed(self, choice: str) -> tuple[Question, int | None] | None:
        """Question and place of a pressed option, None as place for "Done".

        What a client sends is only ever looked up: None if it names no option of ours.
        """
        slot, _, place = choice.rpartition(":")
        question = self.get(slot)
        if question is None:
            return None
        if place == DONE and question.kind == CHECKLIST:
            return question, None
        places = {str(n): n for n in range(len(question.titles))}
        return (question, places[place]) if place in places else None


def chosen(slot: str, place: int | str) -> str:
    """What a button carries, at most 64 bytes: looked up again by `Questions.pressed`."""
    return f"{slot}:{place}"


def by_number(question: Question, text: str) -> str | None:
    """The option that "2", "option two" or "the second one" means, where numbers were shown.

    What is said behind the number ("2, for a day or so") is kept behind the option.
    """
    if question.kind not in NUMBERED_KINDS:
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        return _by_leading_number(question, text)
    word = match[1].lower()
    told = whole_number_of(word) if word.isascii() else None
    number = _worth().get(word, 0) if told is None else told
    return question.titles[number - 1] if 1 <= number <= len(question.titles) else None


def _by_leading_number(question: Question, text: str) -> str | None:
    words = words_of(text, {})
    lines = list(leading_lines(words))
    if len(lines) != 1 or lines[0][0] > len(question.titles):
        return None
    number, start, end = lines[0]
    behind = text[words.span(start, end)[1] :].lstrip(" \n.,:;)-")
    return f"{question.titles[number - 1]}; {behind}"


def ticked(question: Question, places: Sequence[int]) -> str:
    """What somebody says who ticked these lines."""
    return "; ".join(question.titles[place] for place in sorted(places))
