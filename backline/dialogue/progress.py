"""How far the questions are."""

from __future__ import annotations

from backline.dialogue.state import Conversation
from backline.facts import PARTED, Slot

FOR_SOME = PARTED | {
    Slot.FOLLOW_UP,
    Slot.LEG_SYMPTOMS,
    Slot.MASSAGE_SESSIONS,
    Slot.MUSCLE_SPASM,
    Slot.RECENT_INJURY,
    Slot.SUSPICION,
}
"""Questions that only some answers lead to: nobody can count them beforehand."""


def progress(conversation: Conversation) -> tuple[int, int] | None:
    """Tell the place of the next question, from 1, and about how many there are with it.

    None where the next one is not counted.
    """
    due = conversation.next_question()
    if due is None or due is Slot.CONSENT or due in FOR_SOME:
        return None
    done = len(set(conversation.answered) - FOR_SOME - {Slot.CONSENT})
    return done + 1, done + len(conversation.open_questions - FOR_SOME)
