"""Words that may be of a danger and that nobody understood: each is asked about once.

A suspicion decides nothing. What the person answers does: yes, or words that are understood, is a
fact; a clear no is noted; whatever else leaves a symptom that a doctor has to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from backline.dialogue.answers import NOTHING, reply_in
from backline.dialogue.follow_ups import TIMES, began_lately
from backline.dialogue.volunteered import values_of
from backline.facts import (
    SUSPICION,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    Slot,
    Status,
)
from backline.policy import decide, open_slots
from backline.policy.follow_ups import CHEST, NERVE_SIGNS, NERVES

MOST_ASKED = 3
"""Questions of this kind in one conversation; what is suspected beyond them is for a doctor."""
GENERAL = "general"


class SuspicionAnswer(str, Enum):
    """What came of the question."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


Code = EmergencySign | HealthCondition


@dataclass(frozen=True)
class SuspicionKind:
    """A kind of suspicion, with a question of its own (`utter_ask_suspicion_...` in domain.yml).

    Attributes:
        codes: what is asked so where it is suspected.
        says: what a yes to its question tells.
        as_suspected: its question names all of its codes, so that a yes tells the one suspected.
        lately: of `follow_ups.LATELY_DAYS`; what began within so many days is a yes.
    """

    codes: frozenset[Code]
    says: Code
    as_suspected: bool = False
    lately: str = NERVES


KINDS: Mapping[str, SuspicionKind] = {
    "nerves": SuspicionKind(
        NERVE_SIGNS,
        EmergencySign.BOTH_LEGS,
        as_suspected=True,
    ),
    "chest": SuspicionKind(
        frozenset(
            {
                EmergencySign.CHEST_PAIN,
                EmergencySign.FAINTING,
                EmergencySign.TEARING_PAIN_COLLAPSE,
            }
        ),
        EmergencySign.CHEST_PAIN,
        as_suspected=True,
        lately=CHEST,
    ),
    "bleeding": SuspicionKind(frozenset({HealthCondition.BLEEDING}), HealthCondition.BLEEDING),
    "mood": SuspicionKind(frozenset({EmergencySign.SELF_HARM}), EmergencySign.SELF_HARM),
    "injury": SuspicionKind(
        frozenset({EmergencySign.SERIOUS_ACCIDENT}),
        EmergencySign.SERIOUS_ACCIDENT,
        lately=EmergencySign.SERIOUS_ACCIDENT.value,
    ),
    "harm": SuspicionKind(frozenset({HealthCondition.VIOLENCE}), HealthCondition.VIOLENCE),
}
"""By the end of their response's name; whatever is of none is asked in the general form."""
BY_LIST: Mapping[Slot, str] = {Slot.EMERGENCY_SIGNS: "nerves", Slot.DANGER_SIGNS: "chest"}
"""The danger that a list asks for: what is told beside its answer is asked about as that."""


@dataclass(frozen=True)
class Suspicion:
    """Words that may be of a danger.

    Attributes:
        code: what they are most like; a guess, by which the question is chosen.
        quote: the words, as they were written.
        clause: the words around them.
        score: how much the clause sounds like a danger, 0 to 1; 1 for a word of the plain net.
        nearest: the labelled phrase that comes nearest; empty for a word of the plain net.
        answer: what came of the question; None while it was not answered.
        added: what the answer told that was not known before; a sign stays known whatever follows.
    """

    code: Code
    quote: str
    clause: str = ""
    score: float = 1.0
    nearest: str = ""
    answer: SuspicionAnswer | None = None
    added: Code | None = None

    @property
    def kind(self) -> str:
        """Name the kind of its question."""
        return next((name for name, kind in KINDS.items() if self.code in kind.codes), GENERAL)

    def same_words(self, other: Suspicion) -> bool:
        """Tell whether both quote the same."""
        return self.quote.casefold() == other.quote.casefold()

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON-ready data."""
        return {
            "code": self.code.value,
            "quote": self.quote,
            "clause": self.clause,
            "score": self.score,
            "nearest": self.nearest,
            "answer": self.answer.value if self.answer else None,
            "added": self.added.value if self.added else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Suspicion:
        """Read what `to_json` gave."""
        answer, added = data.get("answer"), data.get("added")
        return cls(
            code=code_of(str(data["code"])),
            quote=str(data["quote"]),
            clause=str(data.get("clause", "")),
            score=float(data.get("score", 1.0)),
            nearest=str(data.get("nearest", "")),
            answer=SuspicionAnswer(answer) if answer else None,
            added=code_of(added) if added else None,
        )


def code_of(value: str) -> Code:
    """Find the sign or condition of a code."""
    try:
        return EmergencySign(value)
    except ValueError:
        return HealthCondition(value)


def with_code(facts: Facts, code: Code) -> Facts:
    """Add a sign or a condition to what is known."""
    if isinstance(code, EmergencySign):
        # A suspicion that is confirmed was told in words.
        signs = facts.emergency_signs | {code}
        return replace(facts, emergency_signs=signs, ticked=facts.ticked - {code})
    return replace(facts, health_conditions=facts.health_conditions | {code})


def suspected_in(findings: Iterable[Finding], asked: Slot | None = None) -> list[Suspicion]:
    """List what is suspected in a message.

    Args:
        asked: the question that it answers. Words beside the "no" to a list of danger signs that
            nobody understood may be one of them; anywhere else they are talk.
    """
    findings = list(findings)
    told = [Suspicion.from_json(f.value) for f in findings if f.kind == SUSPICION and f.holds]
    if asked is None or asked not in BY_LIST:
        return told
    if told or reply_in(findings) == "yes":
        return [_of_the_list(suspicion, asked) for suspicion in told]
    beside = [f for f in findings if f.kind == SUSPICION and f.status is Status.HYPOTHETICAL]
    return [_of_the_list(Suspicion.from_json(f.value), asked) for f in beside]


def _of_the_list(suspicion: Suspicion, asked: Slot) -> Suspicion:
    """Ask about what only sounds like some illness as about the danger that was just asked for.

    A sign keeps its own question, and so does a word of harm, which its question has to name. The
    illnesses have lists of their own.
    """
    if suspicion.kind != GENERAL or suspicion.score >= 1:
        return suspicion
    if isinstance(suspicion.code, EmergencySign):
        return suspicion
    return replace(suspicion, code=KINDS[BY_LIST[asked]].says)


def due(suspicions: Sequence[Suspicion], facts: Facts) -> Suspicion | None:
    """Find the suspicion to ask about: the first without an answer that could change the result."""
    waiting = next((s for s in suspicions if s.answer is None), None)
    if waiting is None or not could_change(facts, waiting.code):
        return None
    return waiting


def could_change(facts: Facts, code: Code) -> bool:
    """Tell whether a code would make a result more urgent; while there is none, it may."""
    if open_slots(facts):
        return True
    worse = with_code(facts, code)
    if open_slots(worse):
        return True
    return decide(worse).urgency.rank > decide(facts).urgency.rank


def with_suspected(
    known: tuple[Suspicion, ...],
    facts: Facts,
    findings: Iterable[Finding],
    asked: Slot | None = None,
) -> tuple[tuple[Suspicion, ...], Facts]:
    """Take up what a message that answers `asked` lets suspect, once for the same words.

    Beyond `MOST_ASKED` nothing is asked any more, and a doctor has to look.
    """
    for new in suspected_in(findings, asked):
        if any(new.same_words(old) for old in known):
            continue
        if len(known) >= MOST_ASKED:
            facts = with_code(facts, HealthCondition.OTHER_SYMPTOM)
            continue
        known = (*known, new)
    return known, facts


def read_suspicion(
    asked: Suspicion,
    before: Facts,
    facts: Facts,
    findings: Sequence[Finding],
    *,
    says_no: bool = False,
) -> tuple[Suspicion, Facts]:
    """Read the answer to the question about a suspicion, and what is known by it.

    Args:
        before: what was known before the answer.
        facts: with what it told in words of its own.
        says_no: a word of denial stands in it; for what only sounded like a danger that is enough.
    """
    signs = facts.emergency_signs - before.emergency_signs
    if signs or facts.health_conditions - before.health_conditions:
        return replace(asked, answer=SuspicionAnswer.YES), facts
    reply = reply_in(findings)
    if reply == "yes":
        return _told(asked, SuspicionAnswer.YES, _confirmed(asked), facts)
    if reply in NOTHING or values_of(findings, "denial") or _denies(asked, findings):
        return replace(asked, answer=SuspicionAnswer.NO), facts
    refused = asked.score < 1 and says_no and reply != "dont_know"
    lately = _began_lately(asked, findings)
    if lately and not refused:
        return _told(asked, SuspicionAnswer.YES, _confirmed(asked), facts)
    if refused and not lately:
        return replace(asked, answer=SuspicionAnswer.NO), facts
    return _told(asked, SuspicionAnswer.UNCLEAR, HealthCondition.OTHER_SYMPTOM, facts)


def _began_lately(asked: Suspicion, findings: Sequence[Finding]) -> bool:
    """Tell whether a time says since when the thing is there, and that it is new."""
    kind = KINDS.get(asked.kind)
    return began_lately(findings, kind.lately if kind is not None else NERVES)


def without_its_times(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Leave out the times that say since when the suspected thing is there; a no has none."""
    if reply_in(findings) in NOTHING:
        return findings
    return [f for f in findings if f.kind not in TIMES]


def _told(
    asked: Suspicion, answer: SuspicionAnswer, code: Code, facts: Facts
) -> tuple[Suspicion, Facts]:
    after = with_code(facts, code)
    return replace(asked, answer=answer, added=code if after != facts else None), after


def _confirmed(asked: Suspicion) -> Code:
    """Find what a yes tells: what the question named, and never more."""
    kind = KINDS.get(asked.kind)
    if kind is None:
        return HealthCondition.OTHER_SYMPTOM
    return asked.code if kind.as_suspected else kind.says


def _denies(asked: Suspicion, findings: Sequence[Finding]) -> bool:
    """Tell whether the very thing that was suspected is set aside in words ("no fever")."""
    return any(f.value == asked.code.value and not f.holds for f in findings)


def taken_back(
    suspicions: Sequence[Suspicion], facts: Facts
) -> tuple[tuple[Suspicion, ...], Facts]:
    """Open the one that was answered last again; a sign that was told stays known."""
    answered = [n for n, s in enumerate(suspicions) if s.answer is not None]
    if not answered:
        return tuple(suspicions), facts
    place = answered[-1]
    kept = facts.health_conditions - {suspicions[place].added}
    opened = replace(suspicions[place], answer=None, added=None)
    return (*suspicions[:place], opened, *suspicions[place + 1 :]), replace(
        facts, health_conditions=kept
    )
