"""A phone line that says what a test wants, and remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from backline.phone.events import AfterPrompt, BotTurn, Event, ListenOptions, PhoneCall, Phrase


def turn(
    number: int,
    *say: str,
    then: AfterPrompt = AfterPrompt.LISTEN,
    listening: ListenOptions | None = None,
    emergency: bool = False,
) -> BotTurn:
    """A turn that says these sentences; in an emergency slowly."""
    if listening is None and then is AfterPrompt.LISTEN:
        listening = ListenOptions(hints=("yes", "no"))
    phrases = tuple(Phrase(text, slowly=emergency) for text in say)
    return BotTurn(number, phrases, then, listening, emergency)


class ScriptedLine:
    """Follows a list of turns; an older number gets the last one again, as the real line does.

    Attributes:
        heard: what was heard, with the turn it answered; each once.
        asked: how often it was asked for anything.
        was_asked: set then, and cleared by who waits for it.
        delays: how long to take over the next turns, in seconds.
        errors: what to raise instead of the next turns.
    """

    def __init__(self, turns: Iterable[BotTurn]) -> None:
        self.turns = list(turns)
        self.heard: list[tuple[int, Event]] = []
        self.calls: list[PhoneCall] = []
        self.ended: list[PhoneCall] = []
        self.asked = 0
        self.was_asked = asyncio.Event()
        self.delays: list[float] = []
        self.errors: list[Exception] = []
        self._at: dict[str, int] = {}

    @staticmethod
    def conversation_of(call: PhoneCall) -> str:
        return f"phone-{call.id}"

    async def answer(self, call: PhoneCall) -> BotTurn:
        await self._obstacles()
        self.calls.append(call)
        self._at.setdefault(call.id, 0)
        return self.turns[self._at[call.id]]

    async def handle(self, call: PhoneCall, number: int, event: Event) -> BotTurn:
        await self._obstacles()
        at = self._at.get(call.id, 0)
        if number == self.turns[at].number:
            self.heard.append((number, event))
            self._at[call.id] = at = at + 1
        return self.turns[at]

    async def whisper(self, call: PhoneCall) -> Phrase:
        await self._obstacles()
        return Phrase(f"Somebody calls, {call.id[-4:]}.")

    async def hang_up(self, call: PhoneCall) -> None:
        await self._obstacles()
        self.ended.append(call)

    async def _obstacles(self) -> None:
        self.asked += 1
        self.was_asked.set()
        if self.delays:
            await asyncio.sleep(self.delays.pop(0))
        if self.errors:
            raise self.errors.pop(0)
