"""Leave out what a caller tells of other people, of other times, and of other things. Pure.

Of an emergency sign nothing is left out here: whose it is, and whether it holds, is read where it
is found. The words are in `data/phone/review.yml`, under `told`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from backline.facts import BARE_AGES, Finding, Slot, Status
from backline.nlu.lexicon import read_yaml as read_lexicon
from backline.nlu.patterns import compile_all
from backline.nlu.quantity_words import any_of, vocabulary
from backline.nlu.tokenizer import words_of
from backline.phone.dialogue.wording import read_yaml

RECENT_DAYS = 42
"""An injury longer ago is none that counts; the question says "in the last six weeks"."""
HIGHEST = 10
"""The top of the scale of pain."""
QUANTITIES = frozenset({"duration", "time", "severity", "location"})
OF_A_PERSON = QUANTITIES | {
    *("effect", "health_condition", "inflammation", "injury", "leg", "leg_detail"),
    *("massage", "massage_sessions", "spasm", "vessel_risk"),
}
"""Kinds of findings that another person may have."""
_NEVER = re.compile(r"(?!)")
_SENTENCE = re.compile(r"[^.!?;\n]+")
_CLAUSE = re.compile(r"(?:(?!,|\b(?:but|though|and)\b).)+", re.S)


@dataclass(frozen=True)
class Occasion:
    """Where in a call something is said.

    Attributes:
        slot: the fact that was asked for.
        elsewhere: something else was asked about, so that a bare time or strength is of that.
        third: the caller speaks for the patient.
    """

    slot: Slot | None = None
    elsewhere: bool = False
    third: bool = False


def of_the_patient(text: str, findings: Sequence[Finding], occasion: Occasion) -> list[Finding]:
    """Keep what is of the patient, and of now."""
    long_ago = {_sentence(text, f)[0] for f in findings if _is_long_ago(f, text)}
    return [f for f in findings if not _left_out(text, f, occasion, long_ago)]


def amended(text: str, findings: Sequence[Finding]) -> list[Finding]:
    """Read "three weeks, no, sorry, four" as four weeks: what corrects a number is in its unit."""
    times = [f for f in findings if f.kind in ("duration", "time") and f.holds]
    if len(times) != 1:
        return list(findings)
    first = times[0]
    said = vocabulary().value(words_of(first.text, {}).line)
    later = [f for f in findings if f.kind == "number" and f.start >= first.end]
    if not later or said < 1 or not _words().corrects.search(_between(text, first, later[0])):
        return list(findings)
    better = replace(first, value=first.value / said * later[0].value)
    return [better if f is first else f for f in findings]


def _between(text: str, one: Finding, other: Finding) -> str:
    return words_of(text[one.end : other.start], {}).line


def is_for_another(text: str) -> bool:
    """Tell whether a caller says that they call for somebody else, who is the patient."""
    words = _words()
    line = words_of(text, {}).line
    beside = words.beside_oneself.search(line)
    return words.for_another.search(line) is not None and beside is None


def tells_of_the_pain(text: str) -> bool:
    """Tell whether a caller speaks of the pain."""
    return _words().of_the_pain.search(words_of(text, {}).line) is not None


def highest_first(text: str, findings: Sequence[Finding]) -> int | None:
    """Find the highest bare number that begins a sentence: "Nine if I cough. Sitting, three"."""
    begun = [f for f in findings if f.kind == "number" and 0 <= f.value <= HIGHEST]
    first = [f.value for f in begun if not text[_sentence(text, f)[0] : f.start].strip(" ,")]
    return math.ceil(max(first)) if first else None


def asks_when(text: str) -> bool:
    """Tell whether a receptionist asks for the time of what was told just before."""
    return _words().when_was.search(words_of(text, {}).line) is not None


def _left_out(text: str, finding: Finding, occasion: Occasion, long_ago: set[int]) -> bool:
    words = _words()
    start, end = _sentence(text, finding)
    line = words_of(text[start:end], {}).line
    until = words_of(text[start : finding.end], {}).line
    clause = _clause(text, finding, start, end)
    if finding.kind in OF_A_PERSON and _is_anothers(line, clause, until, occasion):
        return True
    if finding.kind in ("leg", "leg_detail", "severity") and words.supposed.search(line):
        return not words.first_person.search(clause)
    if finding.kind == "health_condition":
        return _is_over(finding, clause, start in long_ago)
    if finding.kind == "injury":
        then = start in long_ago or words.other_times.search(line) is not None
        return then or words.hypothetical.search(until) is not None
    if finding.kind in ("severity", "location", "number") and _is_of_then(until, clause):
        return True
    if finding.kind == "severity":
        return _is_no_strength(clause, finding, occasion)
    if finding.kind in ("duration", "time"):
        return _is_no_length(clause, line, occasion)
    if finding.kind == "age":
        return finding.source in BARE_AGES and occasion.slot is not Slot.AGE
    return False


def _is_over(finding: Finding, clause: str, long_ago: bool) -> bool:
    """Return whether a condition is told, or denied, of a time that is over."""
    words = _words()
    if finding.status is Status.ABSENT:
        return words.over.search(clause) is not None
    if finding.value in words.medicines:
        return words.stopped.search(clause) is not None
    return finding.value in words.acute and long_ago


def _is_of_then(until: str, clause: str) -> bool:
    """Return whether a strength or a place is that of another time than now."""
    words = _words()
    then = list(words.other_times.finditer(until))
    if not then:
        return words.other_times.search(clause) is not None
    return words.now.search(until, then[-1].end() - 1) is None


def _is_anothers(line: str, clause: str, until: str, occasion: Occasion) -> bool:
    """Return whether something is another's; `until` is the sentence up to the end of it."""
    words = _words()
    if occasion.third:
        return bool(words.of_the_speaker.search(clause)) and not words.others.search(clause)
    relative = words.relatives.search(line)
    if relative is None:
        return False
    return words.relatives.search(until) is not None and not words.first_person.search(
        line[relative.end() - 1 :]
    )


def _is_no_strength(clause: str, finding: Finding, occasion: Occasion) -> bool:
    """Return whether a strength is the least, or a word that was said of something else."""
    words = _words()
    if words.least.search(clause):
        return True
    elsewhere = occasion.elsewhere and not words.of_the_pain.search(clause)
    return finding.by_words and (elsewhere or " was " in clause)


def _is_no_length(clause: str, line: str, occasion: Occasion) -> bool:
    """Return whether a time is no length of the pain."""
    words = _words()
    if words.not_of_the_pain.search(clause):
        return True
    if occasion.slot is not None and occasion.slot is not Slot.PAIN_LOCATION:
        since = " since " in clause or occasion.slot is not Slot.PAIN_DURATION
        return not since and words.other_times.search(clause) is not None
    if words.of_the_pain.search(clause):
        return False
    if occasion.elsewhere:
        return True
    if words.of_it.search(clause):
        return False
    of_the_line = words.of_the_pain.search(line) or words.of_it.search(line)
    if words.first_person.search(clause) or words.not_of_the_pain.search(line):
        return True
    return not of_the_line


def _is_long_ago(finding: Finding, text: str) -> bool:
    if finding.kind not in ("duration", "time") or finding.value <= RECENT_DAYS:
        return False
    if finding.text.lower().startswith("in "):
        return True
    return re.match(r"\W*ago\b", text[finding.end :]) is not None or finding.text.endswith("ago")


def _sentence(text: str, finding: Finding) -> tuple[int, int]:
    for match in _SENTENCE.finditer(text):
        if match.start() <= finding.start < match.end():
            return match.span()
    return 0, len(text)


def _clause(text: str, finding: Finding, start: int, end: int) -> str:
    for match in _CLAUSE.finditer(text, start, end):
        if match.start() <= finding.start < match.end():
            return words_of(match[0], {}).line
    return words_of(text[start:end], {}).line


class _ToldWords:
    """What `review.yml` has of it, compiled."""

    def __init__(self) -> None:
        data = read_yaml("review.yml")["told"]
        sets = read_lexicon("sets.yml")

        def compiled(name: str) -> re.Pattern[str]:
            return compile_all(data[name], sets) or _NEVER

        self.other_times, self.least = compiled("other_times"), compiled("least")
        self.supposed, self.of_the_pain = compiled("supposed"), compiled("of_the_pain")
        self.beside_oneself = compiled("beside_oneself")
        self.of_it = compiled("of_it")
        self.not_of_the_pain = compiled("not_of_the_pain")
        self.now, self.over = compiled("now"), compiled("over")
        self.corrects = compiled("corrects")
        self.when_was = compiled("when_was")
        self.of_the_speaker = compiled("of_the_speaker")
        self.stopped, self.hypothetical = compiled("stopped"), compiled("hypothetical")
        self.acute, self.medicines = frozenset(data["acute"]), frozenset(data["medicines"])
        relatives = any_of([*vocabulary().relatives, *data["relatives"]])
        whose = rf"(?:my|our) (?:\w+ )?(?:{relatives})"
        self.for_another = re.compile(
            rf"{compiled('for_another').pattern} {whose} "
            rf"| {whose} (?:has|have|got|hurt|hurts|suffers)(?: [a-z]+){{0,4}} (?:back|neck) "
            rf"| {whose}(?:s| s) (?:\w+ )?(?:back|neck) "
        )
        self.relatives = re.compile(rf" (?:my|our|the|his|her) (?:\w+ )?(?:{relatives}) ")
        self.first_person = re.compile(r" (?:i|im|ive|id|me|my|mine|myself) ")
        self.others = re.compile(r" (?:he|hes|she|shes|him|her|his|they|theyre) ")


@lru_cache(maxsize=1)
def _words() -> _ToldWords:
    return _ToldWords()
