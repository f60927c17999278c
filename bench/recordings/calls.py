"""Simulated people who call, and the calls of the tests, over Twilio Voice."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp

from bench.recordings.people import Person, share
from bench.recordings.product import Product
from tests.phone.caller import KEYS, WORDS, asked
from tests.phone.test_callers import CALLERS, CONFIDENCE
from tests.phone.twilio_voice import PUBLIC_URL, TwilioCall, TwilioVoice

MOST_TURNS = 45
SURELY = 0.95
SURENESS = ((0.70, SURELY), (0.82, 0.7), (0.92, 0.4), (0.97, 0.1), (1.0, 0.0))
"""How often of a hundred times a recogniser is how sure."""
BY_KEYS = 0.3
"""The share of callers who press what can be pressed."""
PLAINLY = 0.75
"""The share of questions that are answered as plainly as can be: a call asks many of them."""
TAKES_A_MOMENT = "waits="
"""In documents that only ask the caller to wait for a busy machine."""


class Recorded(TwilioVoice):
    """Twilio, who keeps every document that it gets.

    Attributes:
        documents: what was asked for and the TwiML that came, in order.
    """

    def __init__(self, http: aiohttp.ClientSession, server: str) -> None:
        super().__init__(http, server)
        self.documents: list[list[str]] = []

    async def post(self, address: str, fields: dict[str, str], repeat: int = 1) -> str:
        answer = await super().post(address, fields, repeat)
        if TAKES_A_MOMENT not in answer and TAKES_A_MOMENT not in address:
            self.documents.append([address.removeprefix(PUBLIC_URL), answer])
        return answer


def over_the_phone(running: Product, people: int) -> Iterator[dict[str, Any]]:
    """Calls: the TwiML of each turn, and the events that are kept."""
    loop = asyncio.new_event_loop()
    try:
        records = _calls(running, people)
        while True:
            try:
                yield loop.run_until_complete(records.__anext__())
            except StopAsyncIteration:
                return
    finally:
        loop.close()


async def _calls(running: Product, people: int) -> AsyncIterator[dict[str, Any]]:
    serial = itertools.count(1)
    async with aiohttp.ClientSession() as http:
        for row in CALLERS:
            line = _line(http, running, serial)
            call = await line.ring()
            said = [did async for did in _as_written(call, row["says"])]
            yield _record(running, line, call, str(row["caller"]), said)
        for number in range(people):
            person = Person(f"person-{number:03d}", dict(WORDS))
            line = _line(http, running, serial)
            call = await line.ring()
            yield _record(running, line, call, person.name, await _talked(person, call))


def _line(http: aiohttp.ClientSession, running: Product, serial: Iterator[int]) -> Recorded:
    line = Recorded(http, running.url)
    line.serial = serial  # type: ignore[assignment]
    return line


def _record(
    running: Product, line: Recorded, call: TwilioCall, name: str, said: list[str]
) -> dict[str, Any]:
    return {
        "call": name,
        "said": said,
        "documents": line.documents,
        "state": call.state,
        "events": running.events(running.conversation_of_call(call.sid)),
    }


async def _as_written(call: TwilioCall, says: list[Any]) -> AsyncIterator[str]:
    """Say what a row of `callers.yml` says, while somebody listens; noise is heard as silence."""
    for said in says:
        (kind, what), *_ = [("sure", said)] if isinstance(said, str) else said.items()
        for word in _each(kind, what):
            if call.gather is None:
                return
            if kind == "keys":
                await call.press(word)
            elif kind in ("silence", "noise"):
                await call.silent()
            else:
                await call.say(word, CONFIDENCE.get(kind, 0.97))
            yield f"{kind}: {word}"


def _each(kind: str, what: Any) -> list[str]:
    if kind == "keys":
        return str(what).split()
    return [kind] * what if kind in ("silence", "noise") else [str(what)]


async def _talked(person: Person, call: TwilioCall) -> list[str]:
    said: list[str] = []
    by_keys = share(person.name, "keys") < BY_KEYS
    while call.gather is not None and len(said) < MOST_TURNS:
        said.append(await _turn(person, call, by_keys, len(said)))
    if call.dialling is not None:
        await call.dial_ends(person.pick(("completed", "no-answer", "busy")))
    elif call.state == "in-progress":
        await call.hang_up()
    return said


async def _turn(person: Person, call: TwilioCall, by_keys: bool, turn: int) -> str:
    """Say, press, or leave out what comes next; returns it in words."""
    question = asked(call.last)
    roll = share(person.name, turn, "does")
    if roll < 0.03:
        await call.silent()
        return "[silence]"
    plainly = turn and question and share(person.name, turn, "plainly") < PLAINLY
    if plainly and by_keys and question in KEYS:
        await call.press(KEYS[question])
        return f"[presses {KEYS[question]}]"
    text = WORDS[question] if plainly and question in WORDS else person.next(question, None)
    if text is None:
        await call.hang_up()
        return "[hangs up]"
    sureness = next(c for upto, c in SURENESS if share(person.name, turn, "sure") <= upto)
    await call.say(text, sureness)
    return f"{sureness}: {text}"
