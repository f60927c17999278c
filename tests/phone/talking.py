"""Somebody who talks to the phone line itself, with no service in between."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backline.phone.calls import CallService
from backline.phone.dialogue.prompts import lines_left
from backline.phone.dialogue.state import CallState
from backline.phone.events import AfterPrompt, BotTurn, Dtmf, Event, PhoneCall, Transcript
from tests.phone.caller import MOST_TURNS, WORDS
from tests.phone.conftest import CALL

SURE = 0.99
THE_END = "the end"
"""Of the questions: the result is told, or the call is over."""


def said(turn: BotTurn) -> str:
    """All that a turn says."""
    return " ".join(phrase.text for phrase in turn.say)


def given(answer: str) -> Event:
    """An answer in words, heard surely, or by keys if it is keys."""
    return Dtmf(answer) if re.fullmatch(r"[0-9*#]+", answer) else Transcript(answer, SURE)


def state_of(line: CallService, call: PhoneCall = CALL) -> CallState:
    """Where a call stands."""
    kept = line._calls.get(line.conversation_of(call))
    assert kept is not None, "the call is not kept"
    return CallState.from_json(kept.state["talk"])


async def talk(
    line: CallService, *texts: str, call: PhoneCall = CALL, confidence: float = SURE
) -> BotTurn:
    """Say these, one after the other, from where the call stands; what was said last to it."""
    turn = await line.answer(call)
    for text in texts:
        turn = await line.handle(call, turn.number, Transcript(text, confidence))
    return turn


async def answer_until(
    line: CallService, until: str, answers: Mapping[str, str] = WORDS, call: PhoneCall = CALL
) -> BotTurn:
    """Answer from where the call stands until this is asked; what was said last to it.

    Args:
        until: a question by its slot or list, a line of a list that is read out, or `THE_END`.
    """
    turn = await line.answer(call)
    for _ in range(MOST_TURNS):
        talk = state_of(line, call)
        if turn.then is not AfterPrompt.LISTEN or talk.slot is None:
            assert until == THE_END, f"{until} is never asked; last said: {said(turn)}"
            return turn
        if until in (talk.slot.value, *lines_left(talk)):
            return turn
        turn = await line.handle(call, turn.number, given(answers[talk.slot.value]))
    raise AssertionError("the call does not end")
