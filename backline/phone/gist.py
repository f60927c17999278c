"""What an utterance would change in a conversation, told so that it can be read back."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from backline.dialogue import Conversation, hear
from backline.facts import CHECKLISTS, Facts, Finding, Slot
from backline.phone.wording import Wording, joined, lines

CORRECTION = "correct_answer"
ALARMING = frozenset({"emergency_signs", "health_conditions", "inflammation"})
"""Facts that only ever lead to a doctor; and so do those of `ALARMING_IF_TRUE` when they hold."""
ALARMING_IF_TRUE = frozenset({"recent_injury", "leg_below_knee"})
NEVER_READ_BACK = frozenset(
    {"checked", "given_up", "pain_location", "leg_symptoms", "leg_examined"}
)
"""What is told beside a fact, or decides nothing by itself."""
_TIMES = ("duration", "time", "duration_unit")


class Sureness(int, Enum):
    """How sure the recogniser is, by the thresholds of its entrance."""

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
    sureness: Sureness
    intent: str
    findings: tuple[Finding, ...]
    interrupted: bool = False

    @property
    def told(self) -> list[Finding]:
        """The findings that rest on words. An answer that is guessed from an intent is none."""
        return [f for f in self.findings if (f.kind, f.source) != ("answer", "intent")]

    @property
    def reply(self) -> str | None:
        """`yes`, `no`, `none`, `all_good` or `dont_know`, if it is one in words."""
        return next((str(f.value) for f in self.told if f.kind == "answer"), None)

    @property
    def guessed(self) -> bool:
        """Whether an answer would be guessed from it, so that it must not reach the triage."""
        return self.reply is None and any(f.kind == "answer" for f in self.findings)


@dataclass(frozen=True)
class Gist:
    """What would be known after an utterance and was not before.

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
        """The names of its facts, with their codes."""
        names = [
            f"{name}: {', '.join(value)}" if isinstance(value, tuple) else name
            for name, value in self.gained.items()
        ]
        return "; ".join([*names, *self.lost])

    @property
    def emergency(self) -> bool:
        """Whether it tells an emergency sign."""
        return "emergency_signs" in self.gained

    @property
    def alarming(self) -> bool:
        """Whether it tells something that makes somebody see a doctor, perhaps beside others."""
        return any(
            name in ALARMING or (name in ALARMING_IF_TRUE and value is True)
            for name, value in self.gained.items()
        )

    @property
    def only_alarming(self) -> bool:
        """Whether it can only make somebody see a doctor, so that less has to be sure."""
        return not self.lost and all(
            name in ALARMING or (name in ALARMING_IF_TRUE and value is True)
            for name, value in self.gained.items()
        )


def gist_of(understood: Understood, conversation: Conversation, asked: Slot | None) -> Gist:
    """What an utterance would change, if `asked` were the open question (None for none)."""
    before = replace(conversation, asked=asked)
    correction = understood.intent == CORRECTION
    after = hear(before, understood.told, correction=correction, digression=True)
    gained: dict[str, Any] = {}
    lost: list[str] = []
    for f in fields(Facts):
        old, new = getattr(before.facts, f.name), getattr(after.facts, f.name)
        if f.name in NEVER_READ_BACK or old == new:
            continue
        if isinstance(new, frozenset):
            lost += sorted(code.value for code in old - new)
            added = sorted(code.value for code in new - old)
            if added:
                gained[f.name] = tuple(added)
        elif new is not None:
            gained[f.name] = new.value if isinstance(new, Enum) else new
    if asked is Slot.CONSENT and after.consent is not None:
        gained["consent"] = after.consent
    return Gist(gained, tuple(lost))


def read_back(gist: Gist, understood: Understood, wording: Wording) -> str:
    """Its facts in the words in which the caller is asked whether they are right."""
    parts: list[str] = []
    for name, value in gist.gained.items():
        if name in {slot.value for slot in CHECKLISTS}:
            parts += [lines().get(code, code.replace("_", " ")) for code in value]
        elif name == "pain_duration":
            parts.append(_duration(float(value), understood, wording))
        else:
            said = wording.fact(name, value)
            if said is not None:
                parts.append(said)
    parts += [wording.not_any_more(code) for code in gist.lost]
    if not parts:
        return wording.say("read_back_words", words=understood.text)
    return wording.say("read_back", heard=joined(parts))


def _duration(days: float, understood: Understood, wording: Wording) -> str:
    """The time in the caller's words, where they are but one."""
    spans = [(f.start, f.end) for f in understood.told if f.kind in _TIMES and f.holds]
    own = understood.text[slice(*spans[0])] if len(spans) == 1 else f"{days:g} days"
    return str(wording.fact("pain_duration", own))
