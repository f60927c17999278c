"""The conversation: what was answered, what to ask next. Pure, and unaware of channels."""

from backline.dialogue.conversation import FACT_SLOTS, Conversation, forget_last, start_over
from backline.dialogue.hearing import WITHDRAWABLE, Manner, hear, hear_earlier
from backline.dialogue.questions import CHECKLIST_ITEMS, LEG_ITEM, QUESTION_ORDER, next_question

__all__ = [
    "CHECKLIST_ITEMS",
    "FACT_SLOTS",
    "LEG_ITEM",
    "QUESTION_ORDER",
    "WITHDRAWABLE",
    "Conversation",
    "Manner",
    "forget_last",
    "hear",
    "hear_earlier",
    "next_question",
    "start_over",
]
