"""Read how a caller answers a question: yes or no, by which verb, and whether that is all. Pure.

The words are in `data/phone/review.yml`, under `replies`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backline.facts import Finding
from backline.nlu.lexicon import read_yaml as read_lexicon
from backline.nlu.patterns import compile_all
from backline.nlu.quantity_words import any_of
from backline.nlu.tokenizer import words_of
from backline.phone.dialogue.wording import read_yaml

_NEVER = re.compile(r"(?!)")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*\s*")


@dataclass(frozen=True)
class SpokenAnswer:
    """An answer, apart from what it tells in words of its own.

    Attributes:
        said: `yes`, `no`, `none`, `all_good` or `dont_know`; both a yes and a no are neither.
        verb: whether its verb affirms ("I do") or denies ("I haven't").
        denying: that verb, where it denies.
        unable: it says "I can't".
        fares: whether what was asked about is well by it ("it's fine", "not great").
        hedged: something stands beside that keeps it from being plain ("but", "not really").
        hedged_at_once: so in the sentence of the yes or no.
        assents: it says no more than "right" or "correct".
    """

    said: str | None = None
    verb: bool | None = None
    denying: str = ""
    unable: bool = False
    fares: bool | None = None
    hedged: bool = False
    hedged_at_once: bool = False
    assents: bool = False

    @property
    def answers(self) -> bool:
        """Return whether it answers at all."""
        return bool(self.said or self.unable or self.assents) or (
            self.verb is not None or self.fares is not None
        )

    @property
    def sides(self) -> tuple[bool, bool]:
        """Return whether it says of what should be well that it is not, and that it is."""
        ill = self.said == "no" or self.unable or self.verb is False or self.fares is False
        return ill, bool(self.said in ("yes", "all_good") or self.fares or self.verb)

    def verb_answers(self, question: str) -> bool:
        """Return whether the denying verb takes up that of a question."""
        if self.verb is not False:
            return False
        taken = _words().takes_up.get(self.denying)
        return taken is not None and taken.search(words_of(question, {}).line) is not None


def read_reply(text: str, findings: Sequence[Finding], *, third: bool = False) -> SpokenAnswer:
    """Read an answer.

    Args:
        text: what the caller said, without what `telling` leaves out.
        findings: what is read in it.
        third: the caller speaks for the patient, so that "I do" answers nothing.
    """
    words = _words()
    line = words_of(text, {}).line
    said = _said(findings) or words.said_at_the_end(line, third=third)
    verb, denying, unable = words.verb_in(line, third=third)
    return SpokenAnswer(
        said,
        verb,
        denying,
        unable,
        words.fares_in(line),
        said == "both" or words.hedged(line),
        words.hedged(words_of(_answering(text, findings), {}).line),
        words.assents.fullmatch(line) is not None,
    )


def _answering(text: str, findings: Sequence[Finding]) -> str:
    """Return the sentence of the first yes or no; the last one where there is none."""
    first = next((f.start for f in findings if f.kind == "answer"), len(text))
    sentences = list(_SENTENCE.finditer(text))
    within = (m[0] for m in sentences if m.start() <= first < m.end())
    return next(within, sentences[-1][0] if sentences else text)


def _said(findings: Sequence[Finding]) -> str | None:
    values = [str(f.value) for f in findings if f.kind == "answer" and not _is_a_verb(f)]
    if any(f.kind == "denial" for f in findings) and "yes" not in values:
        return "none"
    if {"yes", "no"} <= set(values):
        # "No. Actually yes" tells it; "yes, no" may be no more than a way to begin.
        return "yes" if values[-1] == "yes" else "both"
    return values[0] if values else None


def telling(text: str, *, asked: bool) -> str:
    """Leave out of what a caller says what tells nothing: "okay", "what's a seizure?".

    Args:
        asked: a receptionist's question is open, so that "like a temperature?" asks back.
    """
    words = _words()
    kept: list[str] = []
    for match in _SENTENCE.finditer(text):
        line = words_of(match[0], {}).line
        asks = match[0].rstrip().endswith("?")
        begins = not kept and words.listens.fullmatch(line)
        if not begins and not (asks and asked and words.asks_back_in(line)):
            kept.append(match[0])
    said = "".join(kept)
    opened = words.opened.match(said)
    return said[opened.end() :].strip() if opened and said[opened.end() :].strip() else said.strip()


def asks_back(text: str) -> bool:
    """Tell whether a caller wants to know what a question means."""
    return any(
        match[0].rstrip().endswith("?") and _words().asks_back_in(words_of(match[0], {}).line)
        for match in _SENTENCE.finditer(text)
    )


def on_purpose(code: str, text: str) -> bool:
    """Tell whether a caller says that they wanted it so, such as losing weight."""
    return _words().purposes.get(code, _NEVER).search(words_of(text, {}).line) is not None


def _is_a_verb(finding: Finding) -> bool:
    """Return whether a no is read from its verb alone: "I haven't"."""
    line = words_of(finding.text, {}).line
    return finding.value == "no" and not _words().denies.search(line)


class _ReplyWords:
    """What `review.yml` has of it, compiled."""

    def __init__(self) -> None:
        data = read_yaml("review.yml")["replies"]
        self._sets = read_lexicon("sets.yml")
        listens = any_of(data["listens"])
        self.listens = re.compile(rf"(?: (?:{listens}|[.,!?-]))+ ")
        self.opened = re.compile(
            rf"(?:(?:{any_of(word for word in data['listens'] if word != 'well')})\b[,.!]\s*)+",
            re.I,
        )
        self.assents = re.compile(rf"(?: (?:{any_of(data['assents'])}|[.,!]))+ ")
        self._begins = re.compile(rf" (?:(?:{any_of(data['begins'])}|[.,]) )*")
        self._hedges = self._compiled(data["hedges"])
        self._well, self._ill = (
            self._compiled(data["fares_well"]),
            self._compiled(data["fares_ill"]),
        )
        self._asks_back = re.compile(
            rf" (?:(?:{listens})(?: [.,])? )*(?:{any_of(data['asks_back'])}) "
        )
        self._patient = re.compile(rf" (?:{any_of(data['patient'])}) ")
        self._ends = {
            name: re.compile(rf"{self._compiled(rows).pattern}(?: [.!,])")
            for name, rows in data["ends"].items()
        }
        self._denials = {
            who: self._compiled(rows) for who, rows in data["verbs"]["denials"].items()
        }
        self._verbs = _verbs_of(data["verbs"])
        self.denies = re.compile(rf" (?:{any_of(data['denies'])}) ")
        self.takes_up = {
            verb: re.compile(rf" (?:{any_of(taken)}) ") for verb, taken in data["takes_up"].items()
        }
        self.purposes = {c: self._compiled(rows) for c, rows in data["on_purpose"].items()}

    def _compiled(self, rows: Any) -> re.Pattern[str]:
        return compile_all(rows, self._sets) or _NEVER

    def said_at_the_end(self, line: str, *, third: bool) -> str | None:
        """Find a yes or no at the end, or one that is passed on: "I'm on the pill, so no"."""
        if self._denials["third" if third else "patient"].search(line):
            return "no"
        found = {name for name, pattern in self._ends.items() if pattern.search(line)}
        return found.pop() if len(found) == 1 else None

    def verb_in(self, line: str, *, third: bool) -> tuple[bool | None, str, bool]:
        """Find whether a verb affirms or denies, the denying verb, and whether it is "can't"."""
        unable = self._verbs["unable"].search(line) is not None
        found = {name: _subjects(self._verbs[name], line) for name in ("yes", "no")}
        # "My husband does. I don't.": the patient's verb counts.
        not_theirs = ("i", "im", "ive", "we") if third else ("he", "she", "they", "hes", "shes")
        kept = {n: [v for v in verbs if v[0] not in not_theirs] for n, verbs in found.items()}
        if not third and not any(kept.values()):
            kept = found
        if bool(kept["yes"]) == bool(kept["no"]):
            return None, "", unable
        return bool(kept["yes"]), kept["no"][0][-1] if kept["no"] else "", unable

    def hedged(self, line: str) -> bool:
        """Return whether an answer is no plain one."""
        return self._hedges.search(f" {self._begins.sub('', line, 1)}") is not None

    def fares_in(self, line: str) -> bool | None:
        """Find how something fares; None where it is not told, or both."""
        ill = self._ill.search(line) is not None
        well = self._well.search(self._ill.sub(" ", line)) is not None
        return None if well == ill else well

    def asks_back_in(self, line: str) -> bool:
        """Return whether a question of the caller's is for the meaning of one that was asked."""
        return self._asks_back.match(line) is not None and not self._patient.search(line)


def _subjects(verbs: re.Pattern[str], line: str) -> list[list[str]]:
    """List the verbs that a line has, in words, with who does it."""
    return [match[0].split() for match in verbs.finditer(line)]


def _verbs_of(data: Any) -> dict[str, re.Pattern[str]]:
    """Compile the verbs at the end of a clause: "I do", "it isn't"."""
    people, then = any_of(data["people"]), any_of(data["then"])
    end = rf"(?= (?:[.,!;?]|{then}) |\s*$| $)"
    out = {}
    for name in ("yes", "no", "unable"):
        whole = data["shortened"].get(name, ())
        short = rf"|(?:{any_of(whole)})" if whole else ""
        out[name] = re.compile(rf" (?:(?:{people}) (?:{any_of(data[name])}){short}){end}")
    return out


@lru_cache(maxsize=1)
def _words() -> _ReplyWords:
    return _ReplyWords()
