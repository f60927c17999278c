"""Judge what a caller's words or keys settle while an answer waits to be confirmed. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backline.facts import EMERGENCY_LISTS, Slot
from backline.phone.dialogue.grounding import Confidence, ProposedUpdate
from backline.phone.dialogue.interpretation import DENIALS, Reaction
from backline.phone.dialogue.state import PendingConfirmation
from backline.phone.events import Dtmf

YES_NO = {"1": True, "2": False}
"""What keys answer a question for yes or no."""


@dataclass(frozen=True)
class Confirmed:
    """The pending answer is right."""


@dataclass(frozen=True)
class Denied:
    """The pending answer is not right."""


@dataclass(frozen=True)
class Replaced:
    """Another answer takes the place of the pending one."""


@dataclass(frozen=True)
class Unrelated:
    """It is about something else, so the pending answer is neither confirmed nor denied.

    Attributes:
        danger: it tells of a danger sign, not heard surely, while another one waits.
    """

    danger: bool = False


@dataclass(frozen=True)
class Unclear:
    """Nothing is settled.

    Attributes:
        why: the sentence of `talk.yml` that says so.
    """

    why: str = "once_more"


Judgement = Confirmed | Denied | Replaced | Unrelated | Unclear


def judge(
    pending: PendingConfirmation, reaction: Reaction, confidence: Confidence, asked: Slot | None
) -> Judgement:
    """Tell what words settle.

    What may keep somebody from a doctor takes more to be confirmed, what leads to one takes more
    to be denied.

    Args:
        asked: the question of the triage that is open.
    """
    denies = _denies(pending, reaction, confidence)
    volunteered = reaction.volunteered
    if not volunteered:
        if reaction.reply == "yes":
            return _judge_yes(pending, reaction, confidence, asked)
        if denies:
            return Denied()
        if reaction.reply is not None or not reaction.answer:
            return Unclear()
    if confidence is Confidence.NOTHING and not volunteered.emergency:
        return Unclear("noisy")
    if not denies and _leaves_out(pending, reaction, asked):
        return _judge_beside(pending, volunteered, confidence)
    return Replaced()


def judge_key(pending: PendingConfirmation, keys: Dtmf, asked: Slot | None) -> Judgement:
    """Tell what a key settles; one of several the same, as the first."""
    yes = YES_NO.get(keys.digits[0])
    if yes is None:
        return Unclear("wrong_key")
    if yes and keys.interrupted and denies_danger(pending, asked):
        # Pressed ahead, it may be meant for another question.
        return Unclear()
    return Confirmed() if yes else Denied()


def denies_danger(pending: PendingConfirmation, asked: Slot | None) -> bool:
    """Return whether two wrong transcripts in a row would let somebody in danger go on."""
    denies_signs = asked in EMERGENCY_LISTS and pending.effect.group_done
    mild = Slot.PAIN_SEVERITY.value in pending.parts and not pending.alarming
    return denies_signs or mild


def _denies(pending: PendingConfirmation, reaction: Reaction, confidence: Confidence) -> bool:
    """Return whether it says surely enough that the pending answer is not right."""
    enough = Confidence.SURE if pending.alarming else Confidence.FAIR
    return confidence >= enough and (reaction.reply in DENIALS or reaction.corrects)


def _judge_yes(
    pending: PendingConfirmation, reaction: Reaction, confidence: Confidence, asked: Slot | None
) -> Judgement:
    agrees = pending.alarming or reaction.agrees
    enough = Confidence.SURE if denies_danger(pending, asked) else Confidence.FAIR
    return Confirmed() if agrees and confidence >= enough else Unclear()


def _judge_beside(
    pending: PendingConfirmation, volunteered: ProposedUpdate, confidence: Confidence
) -> Judgement:
    """Tell what facts settle that do not tell all of the pending answer anew."""
    if not volunteered.emergency:
        return Unrelated()
    if pending.alarm and confidence < Confidence.FAIR:
        return Unrelated(danger=True)
    return Replaced()


def _leaves_out(pending: PendingConfirmation, reaction: Reaction, asked: Slot | None) -> bool:
    """Return whether a fact of the pending answer is told anew by nothing."""
    asked_anyway = {asked.value} if asked else set()
    return bool(set(pending.parts) - asked_anyway - reaction.answer.parts)
