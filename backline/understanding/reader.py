"""Reads a message with the lexicon, the scopes and the readers of quantities and replies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from backline.facts import Finding, Status
from backline.understanding.answers import read_answers
from backline.understanding.consent import read_agreement
from backline.understanding.intents import UNTOLD
from backline.understanding.language import language_of, prepare, read_other_language
from backline.understanding.lexicon import Entry, combinations, entries
from backline.understanding.picks import read_picks
from backline.understanding.quantities import (
    read_ages,
    read_durations,
    read_massage_sessions,
    read_numbers,
    read_severities,
    read_unit_correction,
)
from backline.understanding.scope import Scopes
from backline.understanding.spelling import corrections
from backline.understanding.words import Words, words_of

CLUE = "clue"
"""A finding that counts only in a combination."""
ASKED_ABOUT = frozenset({"effect", "inflammation", "massage", "spasm"})
"""Kinds of findings that questions about massage name as what it may do."""
BARE = frozenset({"agreement", "answer", "denial", "undo", "pick", "number"})
"""Kinds of findings that only the open question gives a meaning."""
PAIN_CONDITIONS = frozenset({"night_pain", "inflammatory", "abdominal_pain"})
"""Ways of having this pain, whose time is the pain's."""


class Reader:
    """Reads texts. Loading compiles the lexicon; see `pipeline.Understander` for messages.

    Args:
        today: gives the clinic's date, for "since Monday".
    """

    def __init__(self, today: Callable[[], dt.date]) -> None:
        self._today = today
        self._entries = entries()
        self._combinations = combinations()
        prepare()

    def read(self, text: str) -> list[Finding]:
        """What is told in a message, in its order, each finding with its status.

        Never raises on any text; what means nothing gives no finding.
        """
        today = self._today()
        words = words_of(text, corrections(text))
        scopes = Scopes(words.line, today)
        found: list[Finding] = []
        illnesses: list[tuple[int, int]] = []
        for entry in self._entries:
            for match, finding in self._read_entry(entry, words, scopes):
                if finding is not None:
                    found.append(finding)
                if _is_illness(entry):
                    illnesses.append(match.span())
        found += self._combined(found)
        found = _settled([f for f in found if f.kind != CLUE])
        found = [_unless_asked(f, words.text) for f in found]
        counted = [
            *read_durations(words, today, illnesses, scopes.is_others),
            *read_severities(words),
            *(() if _never_massaged(found) else read_massage_sessions(words)),
            *_patient_ages(list(read_ages(words, today)), words, scopes),
            *read_unit_correction(words),
        ]
        picks = list(read_picks(words))
        taken = [(f.start, f.end) for f in counted]
        found += counted
        found += read_numbers(words, taken)
        found += picks
        tells = any(f.kind not in UNTOLD for f in found)
        found += read_answers(words)
        found += read_agreement(words_of(text, {}), tells=tells)
        found = _with_other_language(found, text)
        return sorted(found, key=lambda f: (f.start, f.end, f.kind))

    def _read_entry(
        self, entry: Entry, words: Words, scopes: Scopes
    ) -> Iterator[tuple[re.Match[str], Finding | None]]:
        """Each place that matches an entry; no finding where its use is harmless."""
        place = 0
        while match := entry.words.search(words.line, place):
            finding = (
                self._finding(entry, match, words, scopes)
                if _counts(entry, match, words, scopes)
                else None
            )
            yield match, finding
            # What is set aside may cover the beginning of what is not.
            held = finding is not None and finding.holds
            place = match.end() if held else match.start() + 1

    @staticmethod
    def _finding(entry: Entry, match: re.Match[str], words: Words, scopes: Scopes) -> Finding:
        start, end = match.span()
        status = (
            Status.PRESENT
            if entry.kind in ("massage", "effect")
            else scopes.status(start, end, entry.history)
        )
        if status is Status.HYPOTHETICAL and entry.hypothetical_counts:
            status = Status.UNCERTAIN
        first, last = words.span(start, end)
        return Finding(
            entry.kind,
            True if entry.kind == "spasm" else entry.code,
            status,
            first,
            last,
            words.text[first:last],
            entry.source,
        )

    def _combined(self, found: list[Finding]) -> list[Finding]:
        parts = ("health_condition", CLUE)
        held = {str(f.value): f for f in found if f.kind in parts and f.holds}
        return [
            Finding(
                c.kind,
                c.code,
                start=min(held[n].start for n in c.needs),
                end=max(held[n].end for n in c.needs),
                source=f"combination:{c.code}",
            )
            for c in self._combinations
            if c.needs <= held.keys()
        ]


def _with_other_language(found: list[Finding], text: str) -> list[Finding]:
    """What counts of a message that is in another language, or tells a danger in one.

    English words in it are chance, but for a danger, and a "no" is none.
    """
    language = language_of(text)
    other = read_other_language(text, language)
    if not other:
        return found
    signs = [f for f in found if f.kind == "emergency_sign" and f.holds]
    english = [f for f in found if language is None and f.kind not in BARE and f not in signs]
    return signs + english + other


def _counts(entry: Entry, match: re.Match[str], words: Words, scopes: Scopes) -> bool:
    """False if its sentence tells of a harmless use."""
    if entry.not_when is None:
        return True
    begin, stop = scopes.sentence(*match.span())
    return entry.not_when.search(words.line, max(begin - 1, 0), stop + 1) is None


def _is_illness(entry: Entry) -> bool:
    """True if a time beside it is not the pain's."""
    return entry.kind == "health_condition" and entry.code not in PAIN_CONDITIONS


def _settled(found: list[Finding]) -> list[Finding]:
    """Drop what a stronger finding on the same words explains."""
    signs = [f for f in found if f.kind == "emergency_sign" and f.holds and f.value != "sepsis"]
    out = []
    for finding in found:
        inside = any(
            s is not finding and s.start <= finding.start and finding.end <= s.end for s in signs
        )
        # Sepsis is made of them: a fever beside urinary signs stays a fever.
        # Who did it is told beside what it did to the back.
        if finding.value == "violence":
            inside = False
        if inside and finding.kind in ("health_condition", "inflammation"):
            continue
        out.append(finding)
    told = {f.value for f in out if f.kind == "massage"} - {"had"}
    if told:
        out = [f for f in out if not (f.kind == "massage" and f.value == "had")]
    return out


_ASKING = re.compile(
    r"^\W*(?:(?:and|so|but|ok|okay|also|oh|um|then|please)\W+)*"
    r"(?:does|do|did|will|would|could|can|should|might|is|are|how|what|why|when)\s+"
    r"(?:it|this|that|they|you|i|we|one|there|a|an|the|massages?|often|long|much|many|some|people|most)\b",
    re.IGNORECASE,
)
_HAS = re.compile(r"\b(?:my|mine|i['’]?ve|i have|i had|i got|i['’]?m|i am|me)\b", re.IGNORECASE)
_PARTS = re.compile(r"[^.,;:!?\n]+[.,;:!?\n]*")


def _unless_asked(finding: Finding, text: str) -> Finding:
    """What a question about treatment says is no fact: "does it leave bruises?" tells of none.

    Signs and conditions are left to the scopes: who asks how to get rid of something has it.
    """
    if finding.kind not in ASKED_ABOUT or not finding.holds:
        return finding
    for part in _PARTS.finditer(text):
        if part.start() <= finding.start < part.end():
            asks = _ASKING.match(part[0]) and not _HAS.search(part[0])
            return replace(finding, status=Status.HYPOTHETICAL) if asks else finding
    return finding


def _never_massaged(found: list[Finding]) -> bool:
    return any(f.kind == "massage" and f.value == "none_yet" for f in found)


def _patient_ages(ages: list[Finding], words: Words, scopes: Scopes) -> list[Finding]:
    """The age of the patient among several: the other person's if the message is about them."""
    if len(ages) < 2 and not scopes.proxy:
        return ages
    first_person = re.compile(r"\b(?:i['’]?m|i am)\b", re.IGNORECASE)
    mine = [f for f in ages if first_person.search(words.text[max(0, f.start - 6) : f.end])]
    others = [f for f in ages if f not in mine]
    if scopes.proxy:
        return others[:1] or []
    return mine[:1] or ages[:1]
