"""Interpret keys that a caller pressed: one meaning, by where the call stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backline.facts import CHECKLISTS, Slot
from backline.nlu.digits import whole_number_of
from backline.phone.dialogue.confirmation import YES_NO
from backline.phone.dialogue.interpretation import RequestPerson
from backline.phone.dialogue.progress import Titles
from backline.phone.dialogue.prompts import lines_left
from backline.phone.dialogue.state import CallState
from backline.phone.events import Dtmf

PERSON_KEY, REPEAT_KEY, TEN_KEY = "0", "#", "*"
LOWEST_KEYS = frozenset({"0", "1"})
"""On the scale these are read back: 0 is a person elsewhere, and 1 may be the start of 10."""


@dataclass(frozen=True)
class KeyRepeat:
    """Ask to hear it once more."""


@dataclass(frozen=True)
class KeyReply:
    """Answer what was read back."""


@dataclass(frozen=True)
class KeyAnswer:
    """Answer the open question.

    Attributes:
        tell: what the triage is told.
        key: what was pressed.
    """

    tell: str
    key: str


@dataclass(frozen=True)
class KeyLowSeverity:
    """Rate the pain by a key that may have been meant for something else."""

    key: str


@dataclass(frozen=True)
class KeyLine:
    """Choose a line of the group that is read out, by its code."""

    code: str
    key: str


@dataclass(frozen=True)
class KeyYesToGroup:
    """Say yes to a group."""

    key: str


@dataclass(frozen=True)
class KeyNoToGroup:
    """Deny every line of a group.

    Attributes:
        early: pressed before all was read out, or twice, it may deny what was not heard.
    """

    key: str
    early: bool


@dataclass(frozen=True)
class KeyOffer:
    """Answer what is offered after the result."""

    yes: bool
    key: str


@dataclass(frozen=True)
class WrongKey:
    """Press what answers nothing here."""


KeyMeaning = (
    RequestPerson
    | KeyRepeat
    | KeyReply
    | KeyAnswer
    | KeyLowSeverity
    | KeyLine
    | KeyYesToGroup
    | KeyNoToGroup
    | KeyOffer
    | WrongKey
)


def interpret_keys(state: CallState, keys: Dtmf, titles: Titles) -> KeyMeaning:
    """Tell what keys mean where the call stands."""
    digits = keys.digits.strip(REPEAT_KEY)
    if not digits:
        return KeyRepeat()
    asked = None if state.pending else state.kind
    if asked == "number" and digits.isdigit():
        if state.slot is Slot.AGE and digits == PERSON_KEY:
            return RequestPerson()
        return KeyAnswer(digits, digits)
    if asked == "scale" and digits in (TEN_KEY, "10"):
        return KeyAnswer("10", "10")
    key = digits[0]
    if set(digits) != {key}:
        # Which of several keys was meant is not known.
        return WrongKey()
    if asked == "scale":
        return KeyLowSeverity(key) if key in LOWEST_KEYS else KeyAnswer(key, key)
    if key == PERSON_KEY:
        return RequestPerson()
    if state.pending is not None:
        return KeyReply()
    return _of_question(state, key, keys.interrupted, titles)


def _of_question(state: CallState, key: str, early: bool, titles: Titles) -> KeyMeaning:
    if state.closing and state.offer:
        yes = YES_NO.get(key)
        return WrongKey() if yes is None else KeyOffer(yes, key)
    if state.slot in CHECKLISTS:
        return _of_group(state, key, early)
    return _of_options(state, key, titles)


def _of_group(state: CallState, key: str, early: bool) -> KeyMeaning:
    if state.choosing:
        left = lines_left(state)
        place = whole_number_of(key) or 0
        return KeyLine(left[place - 1], key) if 1 <= place <= len(left) else WrongKey()
    yes = YES_NO.get(key)
    if yes is None:
        return WrongKey()
    return KeyYesToGroup(key) if yes else KeyNoToGroup(key, early)


def _of_options(state: CallState, key: str, titles: Titles) -> KeyMeaning:
    """Tell what the triage is told for a key, by the place of an option."""
    place = whole_number_of(key)
    if state.slot is None or place is None:
        return WrongKey()
    if state.kind == "yes_no":
        yes = YES_NO.get(key)
        return WrongKey() if yes is None else KeyAnswer("yes" if yes else "no", key)
    options = list(titles.get(state.slot, {}).values())
    return KeyAnswer(options[place - 1], key) if 1 <= place <= len(options) else WrongKey()
