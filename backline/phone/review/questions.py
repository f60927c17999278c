"""Read what a receptionist asks about, so that a caller's bare answer has a meaning. Pure.

A sentence may ask for a fact ("how bad is it?"), or about single lines of the checklists ("any
fever?"). Words for it are in `data/lexicon/asked.yml`; signs and conditions are found by the
vocabulary of patients as well. What is not known to be asked about is asked about nothing. What a
yes and a no mean is told by `polarity`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backline.dialogue import LEG_ITEM
from backline.dialogue.questions import CONDITION_ITEMS, SIGN_ITEMS
from backline.facts import MAX_AGE_YEARS, Finding, HealthCondition, Slot
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.quantity_words import any_of, vocabulary
from backline.nlu.tokenizer import words_of
from backline.phone.review.polarity import (
    Asks,
    Phrasing,
    Polarity,
    asks_nothing,
    leads,
    polarity_of,
    without_tag,
)

Read = Callable[[str], list[Finding]]
ITEMS = frozenset({*SIGN_ITEMS, *CONDITION_ITEMS})
PLAINLY_WRONG = Polarity(Asks.WRONG)
ACCIDENTS = frozenset({"bladder_change", "bowel_change", "serious_accident"})
"""Lines that are asked about with the word "accident", which is then no injury."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True)
class AskedQuestion:
    """A question, and what it asks about.

    Attributes:
        text: the sentence.
        slot: the fact that it asks for, None if it asks for none.
        items: the lines of the checklists that it asks about.
        polarity: what a yes and a no to it mean.
        for_birth_date: it asks when somebody was born.
        read_back: the age that it reads back ("so you're 69?").
    """

    text: str
    slot: Slot | None = None
    items: frozenset[str] = frozenset()
    polarity: Polarity = PLAINLY_WRONG
    for_birth_date: bool = False
    read_back: int | None = None

    @property
    def leading(self) -> bool:
        """Return whether it expects a no ("no fever, right?"), so that a bare yes says nothing."""
        return self.polarity.form in (Phrasing.EXPECTS_NO, Phrasing.EXPECTS_ASSENT)

    @property
    def known(self) -> bool:
        """Return whether it is known what it asks about."""
        return self.slot is not None or bool(self.items)


@dataclass(frozen=True)
class OpenQuestions:
    """The questions that are open when a caller speaks, the last one last."""

    questions: tuple[AskedQuestion, ...] = ()

    @property
    def last(self) -> AskedQuestion | None:
        """Return the question that a bare answer answers."""
        return self.questions[-1] if self.questions else None

    @property
    def items(self) -> frozenset[str]:
        """Return all lines that were asked about at once, as "none of these" answers them."""
        return frozenset().union(*(q.items for q in self.questions if q.polarity.denied_by_none))

    @property
    def touched(self) -> frozenset[str]:
        """Return all lines that were asked about, in whatever form."""
        return frozenset().union(*(q.items for q in self.questions))


def asked_after(
    asked: OpenQuestions, said: str, read: Read, *, answered: bool, explains: bool = False
) -> OpenQuestions:
    """Return the open questions after a receptionist said something.

    Args:
        asked: those that were open before.
        read: the understanding of a text.
        answered: the caller has spoken since they were asked.
        explains: the caller wanted to know what is meant.
    """
    sentences = _sentences(said)
    questions = tuple(q for q in (question_in(s, read) for s in sentences) if q is not None)
    if questions:
        earlier = () if answered else asked.questions
        return OpenQuestions((*earlier, *questions))
    if explains or all(_acknowledges(sentence) for sentence in sentences):
        return asked
    # Whatever was said may have been a question that was not understood.
    return OpenQuestions()


def question_in(sentence: str, read: Read) -> AskedQuestion | None:
    """Read what one sentence asks; None if it asks nothing."""
    line = words_of(sentence, {}).line
    stem, tag = without_tag(line)
    asks = sentence.rstrip().endswith("?") or _words().begins.match(line) or (leads(line) and tag)
    if not asks:
        return None
    if asks_nothing(line):
        return AskedQuestion(sentence.strip())
    parts = sentence.split(";")
    items = frozenset().union(*(_items_in(part, read(part)) for part in parts))
    slot, polarity = _slot_in(stem, items), polarity_of(line, items)
    age = _words().read_back_in(stem) if slot in (None, Slot.AGE) and not items else None
    slot = slot if age is None else Slot.AGE
    return AskedQuestion(
        sentence.strip(),
        slot,
        items | polarity.well,
        polarity,
        for_birth_date=slot is Slot.AGE and _words().birth.search(line) is not None,
        read_back=age,
    )


def _slot_in(line: str, items: frozenset[str]) -> Slot | None:
    """Find the fact that a line asks for, unless it asks for lines of a checklist instead."""
    words = _words()
    slot = next((s for s in words.order if words.slots[s].search(line)), None)
    if slot is Slot.RECENT_INJURY and items & ACCIDENTS and not words.injury(line):
        slot = None
    if slot in (None, Slot.LEG_SYMPTOMS) and LEG_ITEM in items:
        slot = Slot.LEG_SYMPTOMS if items == {LEG_ITEM} else None
    return slot


def _items_in(part: str, findings: Sequence[Finding]) -> frozenset[str]:
    words = _words()
    line = words_of(part, {}).line
    kinds = ("emergency_sign", "health_condition")
    found = {str(f.value) for f in findings if f.kind in kinds}
    if any(f.kind == "leg_detail" and f.value == "below_knee" for f in findings):
        found.add(LEG_ITEM)
    # That is whatever else is wrong: only a question about everything else asks for it.
    found.discard(HealthCondition.OTHER_SYMPTOM.value)
    found |= {code for code, pattern in words.items.items() if pattern.search(line)}
    for code, others in words.not_beside.items():
        if code in found:
            found -= set(others)
    return frozenset(found & ITEMS)


def _sentences(said: str) -> list[str]:
    return [m[0].strip() for m in _SENTENCE.finditer(said) if re.search(r"\w", m[0])]


def _acknowledges(sentence: str) -> bool:
    return set(re.findall(r"[a-z'-]+", sentence.lower())) <= _words().acknowledgements


class _Words:
    """The compiled `asked.yml`."""

    def __init__(self) -> None:
        data = read_yaml("asked.yml")
        sets = read_yaml("sets.yml")
        never = re.compile(r"(?!)")
        openers, begins = any_of(data["openers"]), any_of(data["begins"])
        self.begins = re.compile(rf" (?:(?:{openers})(?: ,)? )*(?:{begins}) ")
        vocab = vocabulary()
        before, after = any_of(data["read_back"]["before"]), any_of(data["read_back"]["after"])
        self._read_back = re.compile(
            rf" (?:{before}) (?:now )?({vocab.number})(?: (?:{after}))?(?: [,.?])* $"
        )
        self.birth = compile_all(data["birth"], sets) or never
        self.acknowledgements = frozenset(data["acknowledgements"])
        self.order = [Slot(name) for name in data["order"]]
        self.slots = {
            Slot(name): compile_all(patterns, sets) or never
            for name, patterns in data["slots"].items()
        }
        self.items = {
            name: compile_all(patterns, sets) or never for name, patterns in data["items"].items()
        }
        self.not_beside: dict[str, list[str]] = data["not_beside"]
        unknown = set(self.items) - ITEMS
        if unknown:
            raise ValueError(f"asked.yml: no lines of a checklist: {', '.join(sorted(unknown))}")

    def read_back_in(self, line: str) -> int | None:
        """Find the age that a line reads back ("so you're 69 now?")."""
        match = self._read_back.search(line)
        years = vocabulary().value(match[1]) if match else -1
        return int(years) if 0 <= years <= MAX_AGE_YEARS else None

    @staticmethod
    def injury(line: str) -> bool:
        """Return whether any injury is asked about, not only a serious one."""
        return re.search(r" (?:injur\w*|hurt|lift\w*|twist\w*) ", line) is not None


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()
