"""Three-valued logic for rules: a condition holds, does not hold, or waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass

from backline.facts import Slot


@dataclass(frozen=True, order=True)
class Reason:
    """One fact of the patient that makes a rule hold.

    Attributes:
        code: which fact, for example `pain_severity` or a code such as `fever`; the key of its
            wording for patients.
        value: the number or word to put into that wording, if it has one (days, 0-10, years).
    """

    code: str
    value: str = ""


@dataclass(frozen=True, order=True)
class Need:
    """A question that a condition waits for.

    Attributes:
        follow_up: which one, where it asks for more about something that was told.
    """

    slot: Slot
    follow_up: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds.

    Attributes:
        holds: True, False, or None while it depends on an unknown fact.
        reasons: the facts that make it hold.
        needs: the questions whose answers would settle it; empty with `holds=None` when the
            patient could not answer them (rules U3 and D6 take care of that).
    """

    holds: bool | None
    reasons: frozenset[Reason] = frozenset()
    needs: frozenset[Need] = frozenset()


NO = Verdict(False)
HOLDS = Verdict(True)
"""Part of a condition whose other part names the reason."""


def yes(code: str, value: object = "") -> Verdict:
    """A condition that holds for one reason."""
    return Verdict(True, frozenset({Reason(code, str(value))}))


def unknown(*needs: Slot) -> Verdict:
    """A condition that waits for the answers to these questions."""
    return Verdict(None, needs=frozenset(Need(slot) for slot in needs))


def unknown_detail(follow_up: str) -> Verdict:
    """A condition that waits for more about something that was told."""
    return Verdict(None, needs=frozenset({Need(Slot.FOLLOW_UP, follow_up)}))


def any_of(*verdicts: Verdict) -> Verdict:
    """Holds if one does; waits if none does and one waits."""
    holding = [v for v in verdicts if v.holds]
    if holding:
        return Verdict(True, frozenset().union(*(v.reasons for v in holding)))
    waiting = [v for v in verdicts if v.holds is None]
    if waiting:
        return Verdict(None, needs=frozenset().union(*(v.needs for v in waiting)))
    return NO


def all_of(*verdicts: Verdict) -> Verdict:
    """Holds if all do; fails as soon as one fails; waits otherwise."""
    if any(v.holds is False for v in verdicts):
        return NO
    waiting = [v for v in verdicts if v.holds is None]
    if waiting:
        return Verdict(None, needs=frozenset().union(*(v.needs for v in waiting)))
    return Verdict(True, frozenset().union(*(v.reasons for v in verdicts)))
