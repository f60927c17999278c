"""After an emergency was told on the phone, everything that is said begins with the call."""

from __future__ import annotations

import pytest

from backline.phone.calls import CallService
from backline.phone.events import AfterPrompt, BotTurn, Dtmf, NoInput, Transcript
from tests.after_emergency import CRISIS, EMERGENCY, MESSAGES
from tests.phone.conftest import CALL
from tests.phone.talking import said, talk

HANG_UP = "Please hang up and call"


def begins_with_the_call(turn: BotTurn) -> bool:
    # Asked to hear it once more, the line says the whole result again.
    return said(turn).startswith((HANG_UP, "This needs emergency care now"))


async def test_every_turn_begins_with_the_call(line: CallService) -> None:
    turn = await talk(line, EMERGENCY)
    for message in MESSAGES:
        turn = await line.handle(CALL, turn.number, Transcript(message, 0.99))
        assert begins_with_the_call(turn), (message, said(turn))
        if turn.then is not AfterPrompt.LISTEN:
            await line.hang_up(CALL)
            return
    raise AssertionError("nobody was connected or took leave")


@pytest.mark.parametrize("message", MESSAGES)
async def test_a_turn_begins_with_the_call_whatever_is_said(
    line: CallService, message: str
) -> None:
    turn = await talk(line, EMERGENCY, message)
    assert begins_with_the_call(turn), said(turn)


@pytest.mark.parametrize(
    "event", [NoInput(), Dtmf("5"), Dtmf("0"), Dtmf("#"), Transcript("mumble", 0.1)]
)
async def test_silence_keys_and_noise_bring_the_call_again(
    line: CallService, event: NoInput | Dtmf | Transcript
) -> None:
    turn = await talk(line, EMERGENCY)
    turn = await line.handle(CALL, turn.number, event)
    assert begins_with_the_call(turn), said(turn)


async def test_the_crisis_line_is_told_each_time(line: CallService) -> None:
    for message in ("no one would miss me", "let us talk about my back", "bye"):
        turn = await talk(line, CRISIS, message)
        assert "crisis line" in said(turn)[:80], said(turn)


async def test_a_mistake_is_asked_back_and_a_no_goes_on(line: CallService) -> None:
    turn = await talk(line, EMERGENCY, "that was a mistake")
    assert begins_with_the_call(turn)
    assert "Do you have" in said(turn)
    turn = await line.handle(CALL, turn.number, Transcript("no", 0.99))
    assert not begins_with_the_call(turn)
