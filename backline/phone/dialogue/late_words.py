"""Take what can only lead to a doctor from words that answer no question any more. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backline.facts import Slot
from backline.phone.dialogue.grounding import Confidence, ProposedUpdate, Understood
from backline.phone.dialogue.progress import Titles

_CONDITIONS = Slot.HEALTH_CONDITIONS


@dataclass(frozen=True)
class TakenLate:
    """What counts of late words.

    Attributes:
        update: the facts that they tell.
        tell: what the triage is told of them.
    """

    update: ProposedUpdate
    tell: str


def taken_late(said: Understood, update: ProposedUpdate, titles: Titles) -> TakenLate | None:
    """Take what counts of late words; None if nothing does.

    Args:
        update: what the words propose without an open question.
        titles: of each question's options, what the triage is told for its value.
    """
    if update.emergency:
        return TakenLate(update, said.text)
    if said.corrects or said.level < Confidence.DOUBTFUL:
        return None
    taken = TakenLate(update, said.text) if update.only_alarming else _conditions(update, titles)
    return taken if taken.update else None


def _conditions(update: ProposedUpdate, titles: Titles) -> TakenLate:
    """Take the conditions alone, by their titles, from what is told beside them."""
    by_code = {code: title for of_list in titles.values() for code, title in of_list.items()}
    named = update.gained.get(_CONDITIONS.value, ())
    codes = tuple(code for code in named if code in by_code)
    alone = ProposedUpdate({_CONDITIONS.value: codes} if codes else {})
    return TakenLate(alone, "; ".join(by_code[code] for code in codes))
