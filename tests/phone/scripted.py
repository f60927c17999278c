"""A phone line that says what a test wants, and remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from backline.phone.events import Call, Event, Listening, Phrase, Then, Turn


def turn(
    number: int,
    *say: str,
    then: Then = Then.LISTEN,
    listening: Listening | None = None,
    emergency: bool = False,
) -> Turn:
    """A turn that says these sentences; in an emergency slowly."""
    if listening is None and then is Then.LISTEN:
        listening = Listening(hints=("yes", "no"))
    phrases = tuple(Phrase(text, slowly=emergency) for text in say)
    return Turn(number, phrases, then, listening, emergency)


class ScriptedLine:
    """Follows a list of turns; an older number gets the last one again, as the real line does.

    Attributes:
        heard: what was heard, with the turn it answered; each once.
        asked: how often it was asked for anything.
        was_asked: set then, and cleared by who waits for it.
        delays: how long to take over the next turns, in seconds.
        errors: what to raise instead of the next turns.
    """

    def __init__(self, turns: Iterable[Turn]) -> None:
        self.turns = list(turns)
        self.heard: list[tuple[int, Event]] = []
        self.calls: list[Call] = []
        self.ended: list[Call] = []
        self.asked = 0
        self.was_asked = asyncio.Event()
        self.delays: list[float] = []
        self.errors: list[Exception] = []
        self._at: dict[str, int] = {}

    @staticmethod
    def conversation_of(call: Call) -> str:
        return f"phone-{call.id}"

    async def answer(self, call: Call) -> Turn:
        await self._obstacles()
        self.calls.append(call)
        self._at.setdefault(call.id, 0)
        return self.turns[self._at[call.id]]

    async def hear(self, call: Call, number: int, event: Event) -> Turn:
        await self._obstacles()
        at = self._at.get(call.id, 0)
        if number == self.turns[at].number:
            self.heard.append((number, event))
            self._at[call.id] = at = at + 1
        return self.turns[at]

    async def hang_up(self, call: Call) -> None:
        await self._obstacles()
        self.ended.append(call)

    async def _obstacles(self) -> None:
        self.asked += 1
        self.was_asked.set()
        if self.delays:
            await asyncio.sleep(self.delays.pop(0))
        if self.errors:
            raise self.errors.pop(0)
