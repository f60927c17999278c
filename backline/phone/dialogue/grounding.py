"""Ground what was said: what it would change in a conversation, and how that is read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from backline.dialogue import Conversation, Understanding, update
from backline.dialogue.questions import YES_OR_NO_FACTS
from backline.facts import CHECKLISTS, EmergencySign, Facts, Finding, LegSymptoms, Slot
from backline.nlu.components.emergency_talk import says_plainly
from backline.phone.dialogue.wording import PhoneWording, joined, lines
from backline.policy import leads_only_to_doctor
from backline.policy.follow_ups import SEVERE_FROM

CORRECTION = "correct_answer"
ALARMING = frozenset({"emergency_signs", "health_conditions"})
"""Facts that only ever lead to a doctor; and so do those of `ALARMING_IF` with these values."""
ALARMING_IF: dict[str, frozenset[Any]] = {
    **{fact: frozenset({True}) for fact in YES_OR_NO_FACTS if leads_only_to_doctor(fact)},
    "pain_severity": frozenset(range(SEVERE_FROM, 11)),
    "leg_below_knee": frozenset({True}),
    "leg_symptoms": frozenset({LegSymptoms.ONE_LEG.value, LegSymptoms.BOTH_LEGS.value}),
}
NEVER_READ_BACK = frozenset({"checked", "given_up", "pain_location", "ticked"})
"""What is told beside a fact, or decides nothing."""
_TIMES = ("duration", "time", "duration_unit")


class Confidence(int, Enum):
    """A grade of the recogniser's confidence, by the thresholds of its entrance."""

    NOTHING = 0
    DOUBTFUL = 1
    FAIR = 2
    SURE = 3


@dataclass(frozen=True)
class Understood:
    """An utterance, and what was understood of it.

    Attributes:
        text: repaired, as the triage would get it.
        heard: as the recogniser gave it.
        intent: what the caller wants, by the intent classifier.
        interrupted: it was said before all was said to the caller.
    """

    text: str
    heard: str
    confidence: float | None
    level: Confidence
    intent: str
    findings: tuple[Finding, ...]
    interrupted: bool = False

    @property
    def told(self) -> list[Finding]:
        """Return the findings that rest on words. An answer guessed from an intent is none.

        Whether somebody agrees to go on is read beside them, and told of consent alone.
        """
        heard = (f for f in self.findings if f.kind != "agreement")
        return [f for f in heard if (f.kind, f.source) != ("answer", "intent")]

    @property
    def reply(self) -> str | None:
        """Return `yes`, `no`, `none`, `all_good` or `dont_know`, if it is one in words."""
        return next((str(f.value) for f in self.told if f.kind == "answer"), None)

    @property
    def corrects(self) -> bool:
        """Return whether it takes something back."""
        return self.intent == CORRECTION

    @property
    def guessed(self) -> bool:
        """Return whether an answer would be guessed from it, which must not reach the triage."""
        return self.reply is None and any(f.kind == "answer" for f in self.findings)


@dataclass(frozen=True)
class ProposedUpdate:
    """The changes that an utterance proposes: what would be known after it and was not before.

    Attributes:
        gained: new values of facts by name; for a set, its new codes. Consent is one of them.
        lost: codes of signs and conditions that would hold no longer.
    """

    gained: dict[str, Any]
    lost: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)

    @property
    def about(self) -> str:
        """Return the names of its facts, with their codes."""
        names = [
            f"{name}: {', '.join(value)}" if isinstance(value, tuple) else name
            for name, value in self.gained.items()
        ]
        return "; ".join([*names, *self.lost])

    @property
    def emergency(self) -> bool:
        """Return whether it tells an emergency sign."""
        both_legs = self.gained.get("leg_symptoms") == LegSymptoms.BOTH_LEGS.value
        return both_legs or "emergency_signs" in self.gained

    @property
    def parts(self) -> frozenset[str]:
        """Return the names of its facts; of a set, its codes instead."""
        names = [value if isinstance(value, tuple) else (n,) for n, value in self.gained.items()]
        return frozenset(part for parts in (*names, self.lost) for part in parts)

    @property
    def only_alarming(self) -> bool:
        """Return whether it can only make somebody see a doctor, so that less has to be sure."""
        return not self.lost and all(
            name in ALARMING or value in ALARMING_IF.get(name, ())
            for name, value in self.gained.items()
        )


def proposed_update(
    understood: Understood, conversation: Conversation, asked: Slot | None
) -> ProposedUpdate:
    """Return what an utterance would change, if `asked` were the open question.

    Without one (None), a bare yes or no changes nothing, not even as a correction: while a
    checklist is read out it is meant for the lines that were read last.
    """
    before = replace(conversation, asked=asked)
    told = _told_to(understood, asked)
    plainly = says_plainly(understood.text)
    message = Understanding(told, understood.corrects, digresses=True, plainly=plainly)
    after = update(before, message)
    gained = _gained(before.facts, after.facts)
    if asked is Slot.CONSENT and after.consent is not None:
        gained["consent"] = after.consent
    return ProposedUpdate(gained, _lost(before.facts, after.facts))


def _told_to(understood: Understood, asked: Slot | None) -> list[Finding]:
    """Choose the findings that mean something, if `asked` were the open question."""
    told = [f for f in understood.told if asked is not None or f.kind != "answer"]
    if asked is Slot.CONSENT:
        told += [f for f in understood.findings if f.kind == "agreement"]
    return told


def _changes(before: Facts, after: Facts) -> Iterator[tuple[str, Any, Any]]:
    """Give each fact that changed and is read back: its name, its old value, its new one."""
    for name in (f.name for f in fields(Facts) if f.name not in NEVER_READ_BACK):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield name, old, new


def _gained(before: Facts, after: Facts) -> dict[str, Any]:
    """Collect new values by the names of their facts; for a set, its new codes."""
    gained: dict[str, Any] = {}
    for name, old, new in _changes(before, after):
        if isinstance(new, frozenset):
            if new - old:
                gained[name] = _codes(new - old)
        elif new is not None:
            gained[name] = new.value if isinstance(new, Enum) else new
    if again := (before.ticked - after.ticked) & after.emergency_signs:
        # Told in words now, what was ticked before is an emergency.
        gained["emergency_signs"] = _codes(
            {*again, *(after.emergency_signs - before.emergency_signs)}
        )
    both_legs = EmergencySign.BOTH_LEGS.value in gained.get("emergency_signs", ())
    if both_legs or "leg_below_knee" in gained:
        # They tell of the legs already.
        gained.pop("leg_symptoms", None)
    if "recent_injury" in gained:
        # So does the injury, of how it happened.
        gained.pop("details", None)
    return gained


def _lost(before: Facts, after: Facts) -> tuple[str, ...]:
    """Collect the codes of sets that hold no longer."""
    changed = [(old, new) for _, old, new in _changes(before, after) if isinstance(new, frozenset)]
    return tuple(code for old, new in changed for code in _codes(old - new))


def _codes(signs: Iterable[Enum]) -> tuple[str, ...]:
    return tuple(sorted(sign.value for sign in signs))


def explicit_confirmation(
    proposed: ProposedUpdate, understood: Understood, wording: PhoneWording
) -> str:
    """Ask whether the facts of an update are right, in words for the caller."""
    parts: list[str] = []
    for name, value in proposed.gained.items():
        if name in {slot.value for slot in CHECKLISTS}:
            parts += [lines().get(code, code.replace("_", " ")) for code in value]
        elif name == "pain_duration":
            parts.append(_duration(float(value), understood, wording))
        else:
            said = wording.fact(name, value)
            if said is not None:
                parts.append(said)
    parts += [wording.not_any_more(code) for code in proposed.lost]
    if not parts:
        return wording.say("read_back_words", words=understood.text)
    return wording.say("read_back", heard=joined(parts))


def _duration(days: float, understood: Understood, wording: PhoneWording) -> str:
    """Put the time in the caller's words, where they are but one."""
    spans = [(f.start, f.end) for f in understood.told if f.kind in _TIMES and f.holds]
    own = understood.text[slice(*spans[0])] if len(spans) == 1 else f"{days:g} days"
    return str(wording.fact("pain_duration", own))
