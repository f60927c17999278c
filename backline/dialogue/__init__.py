"""The conversation: what was answered, what to ask next. Pure, and unaware of channels."""

from backline.dialogue.conversation import (
    Confirming,
    Conversation,
    Hold,
    forget_last,
    start_over,
)
from backline.dialogue.hearing import WITHDRAWABLE, Manner, hear, hear_earlier
from backline.dialogue.questions import CHECKLIST_ITEMS, LEG_ITEM, QUESTION_ORDER, next_question
from backline.dialogue.standing import NextStep, Said, anything_known, stand

__all__ = [
    "CHECKLIST_ITEMS",
    "LEG_ITEM",
    "QUESTION_ORDER",
    "WITHDRAWABLE",
    "Confirming",
    "Conversation",
    "Hold",
    "Manner",
    "NextStep",
    "Said",
    "anything_known",
    "forget_last",
    "hear",
    "hear_earlier",
    "next_question",
    "stand",
    "start_over",
]
