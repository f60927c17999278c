"""The phone line: each call's turns, whichever entrance it came by."""

from __future__ import annotations

from typing import Protocol

from backline.phone.speech import Call, Event, Turn


class PhoneLine(Protocol):
    """Answers calls. Every method answers, whatever broke; none raises.

    May be asked by several servers: what a call has come to is in the store.
    """

    async def answer(self, call: Call) -> Turn:
        """What is said first. Asked again, it is the same."""

    async def hear(self, call: Call, number: int, event: Event) -> Turn:
        """What is said to something that was heard after turn `number`.

        An older number was answered already: what was said last is given again.
        """

    async def hang_up(self, call: Call) -> None:
        """The call is over; what it came to is kept, also when it came to nothing."""
