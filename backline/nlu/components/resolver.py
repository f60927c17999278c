"""Reads a message with the lexicon, the scopes and the readers of quantities and replies."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from backline.facts import BARE, UNREAD, Finding, Status
from backline.failures import describe
from backline.nlu.absences import SUFFIX, absence, without_idle_absences
from backline.nlu.components import (
    read_ages,
    read_durations,
    read_massage_sessions,
    read_numbers,
    read_severities,
    read_unit_correction,
)
from backline.nlu.components.aside import asked_behind, asked_in_general, prepare_aside
from backline.nlu.components.consent import read_agreement, read_consent_question
from backline.nlu.components.context import NoScopes, Scopes, Told, is_proxy
from backline.nlu.components.old_trouble import set_old_aside
from backline.nlu.components.patients import read_patient, without_helpers
from backline.nlu.components.picks import asks_for_meaning, read_asked_line, read_picks
from backline.nlu.components.replies import read_answers
from backline.nlu.components.taken_back import read_taken_back
from backline.nlu.composition import PartsTold
from backline.nlu.figures import covered, prepare_figures
from backline.nlu.intents import ASKED_LINE, UNTOLD
from backline.nlu.language import language_of, prepare, read_other_language
from backline.nlu.lexicon import COMPOSED, Entry, EntryIndex, combinations, entries
from backline.nlu.phrases import WordLine
from backline.nlu.spelling import corrections
from backline.nlu.tokenizer import Piece, Words, pieces_of, plain_words, words_of

logger = logging.getLogger(__name__)

CLUE = "clue"
"""A finding that counts only in a combination."""
SIGN, LOCATION = "emergency_sign", "location"
ASKED_ABOUT = frozenset({"effect", "inflammation", "massage", "spasm"})
"""Kinds of findings that questions about massage name as what it may do."""
AGREES_WITHIN = 1000
"""Characters in which somebody says whether to go on."""
EXPLAINED = frozenset({"health_condition", "inflammation"})
"""Kinds of findings that a sign on the same words explains."""
TOLD_BESIDE = frozenset({"violence", "pregnancy_pain_or_bleeding"})
"""Conditions that count beside the sign whose words they share: who did it, and that she is pregnant."""
PAIN_CONDITIONS = frozenset({"night_pain", "inflammatory", "abdominal_pain"})
"""Ways of having this pain, whose time is the pain's."""
SIGNS_WITH_A_TIME = frozenset({"bladder_change", "bowel_change"})
"""Signs that may have begun at another time than the pain: "can't pee since last night"."""
EMERGENCY_SIGNS = "emergency_signs"
READING_S = 0.04
"""Seconds of the processor for a message, besides what its emergency signs take."""
SIGNS_S = 0.08
"""Seconds after which what is left of a message is read for its signs without asking whose they are
or whether they hold. 4,000 characters that people wrote take 0.02."""
MOST_ALIKE = 5
"""So many findings of one value and status tell all that more of them would."""
MOST_OF_A_KIND = 60
"""More different ones of a kind are no message of a patient."""
ANYWHERE = frozenset({"undo", "denial"})
"""Replies that are read anywhere in a message; the others open it."""
Broken = Callable[[str, Exception], None]
_T = TypeVar("_T")
_Span = tuple[int, int]
_Alike = dict[tuple[int, str], list[tuple[_Span, Status | None]]]
"""Where an entry is told in a line of words, and how it stands there."""


@dataclass
class _Reading:
    """What is read in a piece of a message.

    Attributes:
        piece: the words, and what part of the message is the piece's own.
        plain: the words.
        parts: where parts of composed findings stand in the words, but for figures of speech.
        lexicon: what the lexicon found, each with the place of its entry.
        illnesses: stretches of the word line that name an illness.
        counted: the quantities found.
        others: all other findings.
        alike: what was found in pieces of the same words before, for a text that repeats itself.
    """

    piece: Piece
    today: dt.date
    scopes: Scopes | NoScopes
    alike: _Alike
    lexicon: list[tuple[int, Finding]] = field(default_factory=list)
    illnesses: list[tuple[int, int]] = field(default_factory=list)
    counted: list[Finding] = field(default_factory=list)
    others: list[Finding] = field(default_factory=list)
    plain: WordLine = field(init=False)
    parts: PartsTold = field(init=False)

    def __post_init__(self) -> None:
        self.plain = WordLine(self.words.line)
        self.parts = PartsTold(_without_figures(self.plain))

    @property
    def words(self) -> Words:
        return self.piece.words

    def set_nothing_aside(self) -> None:
        """Take all that is told for the patient's: better a sign that was denied than none."""
        self.scopes, self.alike = NoScopes(), {}

    def own(self, found: Iterable[Finding]) -> list[Finding]:
        """Those that are not a neighbour's."""
        return [f for f in found if self.piece.begin <= f.start < max(self.piece.end, 1)]


Reads = Callable[[_Reading], None]


class Reader:
    """Reads texts. Loading compiles the lexicon; see `pipeline.Understander` for messages.

    Args:
        today: gives the clinic's date, for "since Monday".
        broken: told the name of a reader that failed, and its error.

    Attributes:
        readers: what reads a piece of a message, by name; the emergency signs come first.
    """

    def __init__(
        self, today: Callable[[], dt.date], broken: Broken = lambda reader, error: None
    ) -> None:
        self._today = today
        self._broken = broken
        self._combinations = combinations()
        prepare()
        prepare_figures()
        prepare_aside()
        parts = {part for c in self._combinations if c.kind == SIGN for part in c.needs}
        numbered = list(enumerate(entries()))
        urgent = EntryIndex((n, e) for n, e in numbered if e.kind == SIGN or e.code in parts)
        rest = EntryIndex((n, e) for n, e in numbered if e.kind != SIGN and e.code not in parts)
        self.readers: dict[str, Reads] = {
            EMERGENCY_SIGNS: lambda reading: _read_lexicon(reading, urgent),
            "lexicon": lambda reading: _read_lexicon(reading, rest),
            "ages": _read_ages,
            "durations": _read_durations,
            "severities": lambda reading: reading.counted.extend(read_severities(reading.words)),
            "massage_sessions": _read_massage_sessions,
            "unit_correction": lambda reading: reading.counted.extend(
                read_unit_correction(reading.words)
            ),
            "numbers": _read_numbers,
            "picks": _read_picks,
            "answers": _read_answers,
        }

    def read(self, text: str) -> list[Finding]:
        """Read what is told in a message, in its order, each finding with its status.

        Never raises on any text; what means nothing gives no finding. A reader that fails is left
        out. The emergency signs are read first, in the whole text, after `SIGNS_S` without
        setting any aside; the rest is read for `READING_S`, and a finding `unread` tells from where on it was not.
        """
        until = time.thread_time() + READING_S
        words = self._words(text)
        readings = self._readings(words)
        signs_until = time.thread_time() + SIGNS_S
        for reading in readings:
            if time.thread_time() > signs_until:
                reading.set_nothing_aside()
            self._read_signs(reading)
        unread = self._read_rest(readings, until)
        told = [f for _, f in sorted(_lexicon(readings), key=lambda item: item[0])]
        told = _bounded(self._or("combinations", told, lambda: told + self._combined(told)))
        told = self._or("explained", told, lambda: _settled([f for f in told if f.kind != CLUE]))
        told = self._or("questions", told, lambda: [_unless_asked(f, text) for f in told])
        told += [f for r in readings for f in r.own(r.counted + r.others)]
        told += self._or("patient", [], lambda: _patient(readings[0]))
        told += self._or("taken_back", [], lambda: list(read_taken_back(readings[0].words)))
        told += self._or("agreement", [], lambda: _agreement(text, told))
        told = self._or("language", told, lambda: _with_other_language(told, text))
        told = self._or("old trouble", told, lambda: set_old_aside(told, text, words.line))
        told = self._or("absences", told, lambda: without_idle_absences(told))
        found = sorted(_bounded(told), key=lambda f: (f.start, f.end, f.kind))
        if unread is not None:
            found.append(Finding(UNREAD, True, start=unread, end=len(text), source="reader"))
        return found

    def _words(self, text: str) -> Words:
        correct: dict[str, str] = self._or("spelling", {}, lambda: corrections(text))
        words = self._or("words", None, lambda: words_of(text, correct))
        return words or plain_words(text)

    def _readings(self, words: Words) -> list[_Reading]:
        today = self._today()
        whole = [Piece(words, 0, len(words.text))]
        pieces = self._or("pieces", whole, lambda: pieces_of(words))
        proxy = self._or("proxy", False, lambda: is_proxy(without_helpers(words.line)))
        told: Told = {}
        alike: _Alike = {}
        return [
            _Reading(piece, today, self._scopes(piece, today, proxy, told), alike)
            for piece in pieces
        ]

    def _scopes(self, piece: Piece, today: dt.date, proxy: bool, told: Told) -> Scopes | NoScopes:
        otherwise: Scopes | NoScopes = NoScopes()
        return self._or("scopes", otherwise, lambda: Scopes(piece.words.line, today, proxy, told))

    def _read_signs(self, reading: _Reading) -> None:
        if not self._run(EMERGENCY_SIGNS, reading):
            reading.lexicon, reading.illnesses = [], []
            reading.set_nothing_aside()
            self._run(EMERGENCY_SIGNS, reading)

    def _read_rest(self, readings: Sequence[_Reading], until: float) -> int | None:
        """Everything but the emergency signs; where it was left off, if the time was over."""
        for reading in readings:
            for name in self.readers:
                if name == EMERGENCY_SIGNS:
                    continue
                # The first piece is short enough to be read whole on any machine.
                if reading is not readings[0] and time.thread_time() > until:
                    return reading.piece.begin
                self._run(name, reading)
        return None

    def _run(self, name: str, reading: _Reading) -> bool:
        def run() -> bool:
            self.readers[name](reading)
            return True

        return self._or(name, False, run)

    def _or(self, name: str, otherwise: _T, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - whatever breaks, the rest of the message is read
            logger.error("Left out of reading a message: %s (%s)", name, describe(error))
            self._broken(name, error)
            return otherwise

    def _combined(self, found: Sequence[Finding]) -> list[Finding]:
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


def _patient(reading: _Reading) -> list[Finding]:
    return list(read_patient(reading.words.line, proxy=reading.scopes.proxy))


def _without_figures(line: WordLine) -> WordLine:
    try:
        return covered(line)
    except Exception as error:  # noqa: BLE001 - better a figure of speech than no sign
        logger.error("Left out of reading a message: figures (%s)", describe(error))
        return line


def _lexicon(readings: Iterable[_Reading]) -> Iterator[tuple[int, Finding]]:
    for reading in readings:
        own = {id(f) for f in reading.own(f for _, f in reading.lexicon)}
        yield from (item for item in reading.lexicon if id(item[1]) in own)


def _bounded(found: Iterable[Finding]) -> list[Finding]:
    """Without what says again what enough others said: nobody reads thousands of findings."""
    alike: Counter[tuple[str, str, Status]] = Counter()
    of_a_kind: Counter[tuple[str, Status]] = Counter()
    out = []
    for finding in found:
        same = finding.kind, str(finding.value), finding.status
        alike[same] += 1
        if alike[same] <= MOST_ALIKE and of_a_kind[finding.kind, finding.status] < MOST_OF_A_KIND:
            of_a_kind[finding.kind, finding.status] += 1
            out.append(finding)
    return out


def _read_lexicon(reading: _Reading, index: EntryIndex) -> None:
    for number, entry in index.may_be_told(reading.parts.line):
        known = (number, reading.words.line)
        if known not in reading.alike:
            reading.alike[known] = list(_read_entry(entry, reading))
        for place, status in reading.alike[known]:
            if status is not None:
                reading.lexicon.append((number, _finding(entry, place, status, reading.words)))
            if _is_illness(entry):
                reading.illnesses.append(place)


def _read_entry(entry: Entry, reading: _Reading) -> Iterator[tuple[_Span, Status | None]]:
    """Each place that tells an entry, and how it stands there; None where its use is harmless."""
    scopes = reading.scopes
    begin = held = aside = 0
    sentences: dict[tuple[int, int], bool] = {}
    while held < MOST_ALIKE and (place := entry.place(reading.parts, begin)):
        within = scopes.sentence(*place)
        if within not in sentences:
            sentences[within] = _counts(entry, reading.plain, *within)
        status = _status(entry, place, scopes) if sentences[within] else None
        if status is Status.PRESENT and _asked(entry, reading.plain.text, place, within):
            status = Status.HYPOTHETICAL
        if status and entry.tells_absence:
            status = absence(status, reading.plain.text[slice(*place)])
        yield place, status
        holds = status in (Status.PRESENT, Status.UNCERTAIN)
        held += holds
        aside += not holds
        # What is set aside may cover the beginning of what is not; looked at from each of its words
        # again, a text of nothing but denials would take long.
        begin = place[1] if holds or aside > MOST_ALIKE else place[0] + 1


def _asked(entry: Entry, line: str, place: _Span, within: _Span) -> bool:
    """Whether an illness is asked about in general; a sign is never asked about so lightly."""
    if entry.kind != "health_condition" or entry.hypothetical_counts:
        return False
    before, after = line[within[0] : place[0]], line[place[1] : within[1]]
    return asked_in_general(before, after) or asked_behind(entry.code, line, place[1])


def _read_durations(reading: _Reading) -> None:
    reading.illnesses.sort()
    ages = [f for f in reading.counted if f.kind == "age"]
    reading.counted += read_durations(
        reading.words, reading.today, reading.illnesses, reading.scopes.is_others, ages
    )


def _read_massage_sessions(reading: _Reading) -> None:
    if not any(f.kind == "massage" and f.value == "none_yet" for _, f in reading.lexicon):
        reading.counted += read_massage_sessions(reading.words)


def _read_ages(reading: _Reading) -> None:
    reading.counted += read_ages(reading.words, reading.today, reading.scopes.proxy)


def _read_numbers(reading: _Reading) -> None:
    taken = [(f.start, f.end) for f in reading.counted]
    reading.others += read_numbers(reading.words, taken)


def _read_picks(reading: _Reading) -> None:
    asked = list(read_asked_line(reading.words))
    if asked:
        # The 4 of "what does 4 mean?" counts nothing.
        reading.others = [f for f in reading.others if f.kind != "number"]
    reading.others += asked or read_picks(reading.words)


def _read_answers(reading: _Reading) -> None:
    opens = reading.piece.begin == 0
    answers = [f for f in read_answers(reading.words) if opens or f.kind in ANYWHERE]
    if _asks_for_a_line(reading.others) or asks_for_meaning(reading.words):
        # "Not sure what 12 means" leaves nothing unanswered, nor does "no idea what sepsis means".
        answers = [f for f in answers if f.value != "dont_know"]
    reading.others += answers


def _status(entry: Entry, place: _Span, scopes: Scopes | NoScopes) -> Status:
    if entry.kind in ("course", "effect", "massage"):
        return Status.PRESENT
    status = scopes.status(*place, entry.history)
    counts = entry.hypothetical_counts and not scopes.defines(*place)
    if status is Status.HYPOTHETICAL and (counts or entry.kind == LOCATION):
        # "Is it bad if my lower back is warm?" tells where the back hurts.
        return Status.UNCERTAIN
    return status


def _finding(entry: Entry, place: _Span, status: Status, words: Words) -> Finding:
    first, last = words.span(*place)
    return Finding(
        entry.kind,
        True if entry.kind == "spasm" else entry.code,
        status,
        first,
        last,
        words.text[first:last],
        entry.source + SUFFIX if entry.tells_absence else entry.source,
    )


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


def _counts(entry: Entry, line: WordLine, begin: int, stop: int) -> bool:
    """False if the sentence there tells of a harmless use."""
    if entry.not_when is None:
        return True
    return entry.not_when.first(line, max(begin - 1, 0), stop + 1) is None


def _is_illness(entry: Entry) -> bool:
    """True if a time beside it is not the pain's."""
    if entry.kind == SIGN:
        return entry.code in SIGNS_WITH_A_TIME
    return entry.kind == "health_condition" and entry.code not in PAIN_CONDITIONS


def _settled(found: Sequence[Finding]) -> list[Finding]:
    """Drop what a stronger finding on the same words explains."""
    # Sepsis is made of them: a fever beside urinary signs stays a fever.
    signs = [f for f in found if f.kind == "emergency_sign" and f.holds and f.value != "sepsis"]
    out = _once([f for f in found if not _is_explained(f, signs)])
    told = {f.value for f in out if f.kind == "massage"} - {"had"}
    if told:
        out = [f for f in out if not (f.kind == "massage" and f.value == "had")]
    return out


def _once(found: Sequence[Finding]) -> list[Finding]:
    """Drop what parts make of words that tell the same already."""
    out: list[Finding] = []
    # Those made of parts come last: see `lexicon.entries`.
    for finding in found:
        composed = finding.source.startswith(COMPOSED)
        if not composed or not any(_same_words(finding, other) for other in out):
            out.append(finding)
    return out


def _same_words(one: Finding, other: Finding) -> bool:
    same = (one.kind, one.value, one.status) == (other.kind, other.value, other.status)
    return same and one.start < other.end and other.start < one.end


def _is_explained(finding: Finding, signs: Sequence[Finding]) -> bool:
    """Whether a condition stands within the words of a sign of an emergency."""
    if finding.kind not in ("health_condition", "inflammation") or finding.value in TOLD_BESIDE:
        return False
    return any(
        s is not finding and s.start <= finding.start and finding.end <= s.end for s in signs
    )


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
        if finding.start < part.end():
            asks = _ASKING.match(part[0]) and not _HAS.search(part[0])
            return replace(finding, status=Status.HYPOTHETICAL) if asks else finding
    return finding


def _agreement(text: str, told: Sequence[Finding]) -> list[Finding]:
    tells = any(f.kind not in UNTOLD for f in told)
    if _asks_for_a_line(told):
        return []
    words = words_of(text[:AGREES_WITHIN], {})
    return list(read_agreement(words, tells=tells)) or list(read_consent_question(words))


def _asks_for_a_line(found: Iterable[Finding]) -> bool:
    return any(f.kind == ASKED_LINE for f in found)
