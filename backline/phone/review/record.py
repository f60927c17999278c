"""What a finished call came to: who said what, what was established, and what was not. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backline.facts import Facts, Slot
from backline.policy import Recommendation
from backline.policy.rules import Rule

DENIED = "denied"
OpenLines = dict[Slot, tuple[str, ...]]
"""Lines of each checklist."""


@dataclass(frozen=True)
class SpokenLine:
    """A line of the call, by one of the two.

    Attributes:
        begin: seconds since the call began, if that is known.
        unclear: some of it was not heard, or not heard surely.
    """

    by_caller: bool
    text: str
    begin: float | None = None
    unclear: bool = False


@dataclass(frozen=True)
class ReviewEvidence:
    """Something that was established, and by which words.

    Attributes:
        about: the name of a fact, or the code of a sign or a condition.
        value: what is known of it; `denied` for a sign or a condition that is not there.
        words: the caller's.
        asked: the receptionist's, if it was asked.
        leading: the question expected the answer that it got.
        superseded: something else was told later.
    """

    about: str
    value: Any
    words: str
    asked: str | None = None
    begin: float | None = None
    leading: bool = False
    superseded: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON-ready data."""
        return {
            "about": self.about,
            "value": self.value,
            "words": self.words,
            "asked": self.asked,
            "begin": self.begin,
            "leading": self.leading,
            "superseded": self.superseded,
        }


@dataclass(frozen=True)
class Unsettled:
    """An answer from which nothing follows.

    Attributes:
        why: `which` (yes, to one of several), `unknown` (the caller does not know), `unclear` (not
            heard surely), `leading` (to a question that expects a no), `polarity` (to one of which
            a yes and a no can both mean both) or `hedged` (something stands beside it).
        items: the lines of the checklists that it is about.
        perhaps: it may say that one of these is there.
    """

    why: str
    words: str
    asked: str | None = None
    items: tuple[str, ...] = ()
    begin: float | None = None
    perhaps: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON-ready data."""
        return {
            "why": self.why,
            "words": self.words,
            "asked": self.asked,
            "items": list(self.items),
            "begin": self.begin,
            "perhaps": self.perhaps,
        }


@dataclass(frozen=True)
class Review:
    """The outcome of a call.

    Attributes:
        facts: the patient's. A checklist is checked only if each of its lines was settled.
        evidence: in the order of the call.
        unsettled: answers from which nothing follows and nothing followed later.
        unasked: lines of each checklist that nobody asked about, and nobody told.
        unanswered: those that were asked about without an answer.
        unknown: other facts that can decide and are not known, in the order of the questions.
        recommendation: what the policy gives; None while questions are owed.
        at_least: the first rule that holds already and sends to a doctor.
        possible: lines of which an answer may have told, and that nothing settled.
        perhaps: the first rule that holds if these are there, where it is more urgent.
        owed: the questions whose answers could still change the result, in their order.
    """

    facts: Facts
    evidence: tuple[ReviewEvidence, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    unasked: OpenLines = field(default_factory=dict)
    unanswered: OpenLines = field(default_factory=dict)
    unknown: tuple[Slot, ...] = ()
    recommendation: Recommendation | None = None
    owed: tuple[Slot, ...] = ()
    at_least: Rule | None = None
    possible: tuple[str, ...] = ()
    perhaps: Rule | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the review as JSON-ready data."""
        decided = self.recommendation.to_json() if self.recommendation else {"outcome": None}
        return {
            "facts": {
                **self.facts.to_json(),
                "checked": sorted(slot.value for slot in self.facts.checked),
            },
            "evidence": [e.to_json() for e in self.evidence],
            "unsettled": [u.to_json() for u in self.unsettled],
            "never_asked": {s.value: list(codes) for s, codes in self.unasked.items()},
            "not_answered": {s.value: list(codes) for s, codes in self.unanswered.items()},
            "unknown": [slot.value for slot in self.unknown],
            **decided,
            "still_to_ask": [slot.value for slot in self.owed],
            "at_least": self.at_least.id if self.at_least else None,
            "possible": list(self.possible),
            "perhaps": self.perhaps.id if self.perhaps else None,
        }
