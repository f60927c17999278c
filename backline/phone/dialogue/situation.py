"""Tell what kind of answer a call waits for. Pure."""

from __future__ import annotations

from enum import Enum

from backline.facts import CHECKLISTS
from backline.phone.dialogue.interpretation import is_left_to_triage
from backline.phone.dialogue.state import CallState


class Situation(Enum):
    """A kind of answer that a call waits for."""

    CONFIRMING = "an answer was read back"
    LEFT_TO_TRIAGE = "an emergency stands, or the triage asks back"
    CHECKLIST = "a group of a checklist was read out"
    QUESTION = "another question was asked"
    CLOSING = "the result was told"


def situation_of(state: CallState) -> Situation:
    """Tell what kind of answer a call waits for."""
    if state.pending is not None:
        return Situation.CONFIRMING
    if is_left_to_triage(state):
        return Situation.LEFT_TO_TRIAGE
    return question_of(state)


def question_of(state: CallState) -> Situation:
    """Tell what kind of question is open, whatever stands beside it."""
    if state.slot in CHECKLISTS:
        return Situation.CHECKLIST
    return Situation.CLOSING if state.closing else Situation.QUESTION
