"""The conversation: what was answered, what to ask next. Pure, and unaware of channels."""

from backline.dialogue.earlier import NO_ANSWER, AnswersEarlier, AnswerTiming
from backline.dialogue.progress import progress
from backline.dialogue.questions import CHECKLIST_ITEMS, LEG_ITEM, QUESTION_ORDER, next_question
from backline.dialogue.standing import NextStep, Said, anything_known, stand
from backline.dialogue.state import (
    Confirming,
    Conversation,
    Hold,
    come_back,
    forget_last,
    next_patient,
    start_over,
)
from backline.dialogue.suspicions import Suspicion, SuspicionAnswer
from backline.dialogue.update import WITHDRAWABLE, Understanding, update

__all__ = [
    "CHECKLIST_ITEMS",
    "LEG_ITEM",
    "NO_ANSWER",
    "QUESTION_ORDER",
    "WITHDRAWABLE",
    "AnswerTiming",
    "AnswersEarlier",
    "Confirming",
    "Conversation",
    "Hold",
    "NextStep",
    "Said",
    "Suspicion",
    "SuspicionAnswer",
    "Understanding",
    "anything_known",
    "come_back",
    "forget_last",
    "next_patient",
    "next_question",
    "progress",
    "stand",
    "start_over",
    "update",
]
