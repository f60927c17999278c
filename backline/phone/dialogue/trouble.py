"""Tell what still counts in a call that is not heard well, and when it has to end. Pure."""

from __future__ import annotations

from dataclasses import replace

from backline.dialogue import Conversation
from backline.facts import Slot
from backline.phone.dialogue.grounding import (
    Confidence,
    ProposedUpdate,
    Understood,
    proposed_update,
)
from backline.phone.dialogue.interpretation import (
    Meaning,
    RequestPerson,
    RequestRepeat,
    is_left_to_triage,
)
from backline.phone.dialogue.prompts import KEYS_AFTER
from backline.phone.dialogue.state import AnswerEffect, AnswerEvidence, CallState

KEYS_ALONE_FROM, MOST_TURNS = 14, 23
"""Answers after which a call in which much was missed goes by keys alone, and to a person."""


def late_in_trouble(state: CallState) -> CallState:
    """Let a call that was missed much and is long go by keys alone."""
    if state.missed < KEYS_AFTER or state.turns < KEYS_ALONE_FROM or state.closing:
        return state
    return replace(state, by_keys=True, deaf=True)


def too_long(state: CallState) -> bool:
    """Return whether what is heard brings a long call nowhere. Keys always do."""
    return state.missed >= KEYS_AFTER and state.turns > MOST_TURNS and not state.closing


def heard_beside_keys(
    state: CallState, said: Understood, meaning: Meaning, conversation: Conversation
) -> bool:
    """Return whether words count where keys are asked for: what leads to a doctor always does.

    A person who is asked for, and whatever is heard surely, too.
    """
    if said.level is Confidence.SURE or isinstance(meaning, RequestPerson | RequestRepeat):
        return True
    if state.closing or state.pending is not None or is_left_to_triage(state):
        return True
    update = proposed_update(said, conversation, None)
    return bool(update) and (update.emergency or update.only_alarming)


def told_beside(state: CallState, update: ProposedUpdate) -> bool:
    """Return whether a question that asked for two things is answered in the other one alone."""
    if state.slot not in (Slot.AGE, Slot.PAIN_DURATION) or not (state.telling or state.together):
        return False
    return state.slot.value not in update.gained


def denied(state: CallState, effect: AnswerEffect) -> AnswerEvidence:
    """Keep that something was heard wrongly: by that a recogniser's numbers are understood."""
    about = effect.about or (state.slot.value if state.slot else "")
    return AnswerEvidence(about, effect.heard, effect.confidence, "denied")
