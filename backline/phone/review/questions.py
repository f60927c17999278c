"""Read what a receptionist asks about, so that a caller's bare answer has a meaning. Pure.

A sentence may ask for a fact ("how bad is it?"), or about single lines of the checklists ("any
fever?"). Words for it are in `data/lexicon/asked.yml`; signs and conditions are found by the
vocabulary of patients as well. What is not known to be asked about is asked about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backline.dialogue import CHECKLIST_ITEMS, LEG_ITEM
from backline.facts import Finding, HealthCondition, Slot
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.quantity_words import any_of
from backline.nlu.tokenizer import words_of

Read = Callable[[str], list[Finding]]
ITEMS = frozenset(code for lines in CHECKLIST_ITEMS.values() for code in lines)
NEGATIVE_WITHIN = 4
"""Behind so many words a "not" is of what is asked about: "losing weight without trying"."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True)
class AskedQuestion:
    """A question, and what it asks about.

    Attributes:
        text: the sentence.
        slot: the fact that it asks for, None if it asks for none.
        items: the lines of the checklists that it asks about.
        leading: it expects a no ("no fever, right?"), so that a bare yes says nothing.
        plain: it asks for what is wrong, as "do you have" and "any" do, so that a yes and a no are
            clear. To "are you able to walk?" they are not: the no of that tells the danger.
    """

    text: str
    slot: Slot | None = None
    items: frozenset[str] = frozenset()
    leading: bool = False
    plain: bool = True

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
        return frozenset().union(*(q.items for q in self.questions if q.plain))


def asked_after(asked: OpenQuestions, said: str, read: Read, *, answered: bool) -> OpenQuestions:
    """Return the open questions after a receptionist said something.

    Args:
        asked: those that were open before.
        read: the understanding of a text.
        answered: the caller has spoken since they were asked.
    """
    sentences = _sentences(said)
    questions = tuple(q for q in (question_in(s, read) for s in sentences) if q is not None)
    if questions:
        earlier = () if answered else asked.questions
        return OpenQuestions((*earlier, *questions))
    if all(_acknowledges(sentence) for sentence in sentences):
        return asked
    # Whatever was said may have been a question that was not understood.
    return OpenQuestions()


def question_in(sentence: str, read: Read) -> AskedQuestion | None:
    """Read what one sentence asks; None if it asks nothing."""
    words = _words()
    line = words_of(sentence, {}).line
    stem, tag = words.without_tag(line)
    leads = words.leads.match(line) is not None
    asks = sentence.rstrip().endswith("?") or words.begins.match(line) or (leads and tag)
    if not asks:
        return None
    parts = sentence.split(";")
    items = frozenset().union(*(_items_in(part, read(part)) for part in parts))
    plain = not tag and not leads and words.is_plain(line, items)
    return AskedQuestion(sentence.strip(), _slot_in(stem, items), items, leads, plain)


def _slot_in(line: str, items: frozenset[str]) -> Slot | None:
    """Find the fact that a line asks for, unless it asks for lines of a checklist instead."""
    words = _words()
    slot = next((s for s in words.order if words.slots[s].search(line)), None)
    if slot is Slot.RECENT_INJURY and "serious_accident" in items and not words.injury(line):
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
        self._tag = re.compile(rf"(?: ,)? (?:{any_of(data['tags'])})(?: [.!?])* $")
        denial = rf"(?:{any_of(data['leads'])})(?! ,)"
        behind = any_of(data["leads_behind"])
        first = any_of(word for word in data["openers"] if word != "no")
        self.leads = re.compile(rf" (?:(?:{first}|no ,)(?: ,)? )*(?:(?:{behind}) )?{denial} ")
        self.acknowledgements = frozenset(data["acknowledgements"])
        plain = compile_all(data["plain"], sets) or never
        verbs = any_of([*data["begins"], *data["not_words_alone"]])
        opened = rf" (?:(?:{openers})(?: ,)? )*"
        self._plain = re.compile(rf"{opened}(?:{plain.pattern}|(?!(?:{openers}|{verbs}) )[a-z])")
        negative = compile_all(data["plain_not"], sets) or never
        self._negative = re.compile(rf"(?: \S+){{0,{NEGATIVE_WITHIN}}}? {negative.pattern}")
        self._negative_of = compile_all(data["plain_not_of"], sets) or never
        self._well = compile_all(data["well"], sets) or never
        self._wrong = compile_all(data["wrong"], sets) or never
        self._functions = frozenset(data["functions"])
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

    def without_tag(self, line: str) -> tuple[str, bool]:
        """Cut the "right?" at the end of a line, and return whether it had one."""
        stem = self._tag.sub(" ", line)
        return (stem, True) if stem != line and stem.strip() else (line, False)

    def is_plain(self, line: str, items: frozenset[str]) -> bool:
        """Return whether a yes confirms and a no denies what is asked about."""
        # "I have to ask everybody: any fever?"
        line = f" {line.rpartition(' : ')[2].strip()} "
        negative = self._negative.match(line) or self._negative_of.search(line)
        if negative or not self._plain.match(line):
            return False
        doubtful = self._well.search(line) or items & self._functions
        return not doubtful or self._wrong.search(line) is not None

    @staticmethod
    def injury(line: str) -> bool:
        """Return whether any injury is asked about, not only a serious one."""
        return re.search(r" (?:injur\w*|hurt|lift\w*|twist\w*) ", line) is not None


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()
