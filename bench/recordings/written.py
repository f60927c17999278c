"""Simulated people who write: over REST and over messaging services."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.recordings.people import Person
from bench.recordings.product import Product
from tests.messaging.conftest import Services
from tests.messaging.person import Person as Phone
from tests.messaging.telegram import TelegramPerson
from tests.talking import Patient

PATIENCE_S = 120.0
LOOKS_APART_S = 0.002
PRESSES = 0.45
"""The share of messages for which somebody presses what is shown instead."""
COMMANDS = ("/start", "/help", "/stop", "/delete", "HELP", "STOP", "START")
Made = Callable[[], Any]


def over_rest(running: Product, people: int) -> Iterator[dict[str, Any]]:
    """Conversations over REST: the JSON of each reply, and the events that are kept."""
    for number in range(people):
        person = Person(f"person-{number:03d}")
        patient = Patient(running.url)
        patient.id = f"recording-{number:03d}"
        turns: list[dict[str, Any]] = []
        while (text := person.next(patient.asked, _outcome(patient.result))) is not None:
            turns.append({"said": text, "reply": patient.say(text, f"m{len(turns)}")})
        yield {"person": person.name, "turns": turns, "events": running.events(patient.id)}


def over_messaging(
    running: Product, services: Services, channel: str, people: int
) -> Iterator[dict[str, Any]]:
    """Conversations over a messaging service: the bodies of all requests made of it."""
    talks = []
    for number in range(people):
        person = Person(f"person-{number:03d}")
        phone = services.someone(channel, running.url)
        talks.append((person, phone, _talked(person, phone)))
    # What is taken away or shown beside messages may be a moment later than these.
    for person, phone, turns in talks:
        events = running.events(running.conversation_with(channel, phone.address))
        beside = _beside(channel, phone)
        yield {"person": person.name, "turns": turns, "beside": beside, "events": events}


def _talked(person: Person, phone: Phone) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    while (text := person.next(phone.asked, phone.outcome)) is not None:
        did, update = _update(person, phone, text)
        calls = len(phone.service.calls)
        answer = phone.deliver(update)
        if answer.status_code != 200:
            raise RuntimeError(f"the webhook answered {answer.status_code}")
        _wait_for(phone)
        sent = [body for method, body in phone.service.calls[calls:] if _is_message(method, body)]
        turns.append({"said": did, "answered": answer.text, "sent": sent})
    return turns


def _update(person: Person, phone: Phone, text: str) -> tuple[str, Any]:
    """What somebody does, in words, and what the service delivers of it."""
    controls = phone.screen[-1].controls if phone.screen else []
    if controls and person.share("presses") < PRESSES:
        title = person.pick([title for title, _ in controls], "control")
        return f"[presses {title}]", phone.press_update(title)
    roll = person.share("does")
    if roll < 0.03:
        command = person.pick(COMMANDS, "command")
        return command, phone.write(command)
    if roll < 0.04:
        return "[sends a picture]", phone.media(text)
    if roll < 0.05:
        return "[sends a voice note]", phone.media()
    if roll < 0.06:
        return "[forwards]", phone.forwarded(text)
    update = phone.write(text)
    if roll < 0.08 and isinstance(phone, TelegramPerson):
        return f"[edits] {text}", phone.edit(phone.write("my back hurts"), text)
    return text, update


def _wait_for(phone: Phone) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not phone.is_at_rest():
        if time.monotonic() > limit:
            raise RuntimeError("no end of a reply")
        time.sleep(LOOKS_APART_S)


def _is_message(method: str, body: dict[str, Any]) -> bool:
    return method == "sendMessage" or (method == "messages" and body.get("status") != "read")


def _beside(channel: str, phone: Phone) -> list[Any]:
    """What was asked of the service besides sending to this person, in no order."""
    others = [(m, b) for m, b in phone.service.calls if not _is_message(m, b)]
    mine = [[method, body] for method, body in others if phone.address in _addressed(body)]
    return sorted(mine, key=str)


def _addressed(body: dict[str, Any]) -> str:
    if "chat_id" in body:
        return str(body["chat_id"])
    name = str(body.get("message_id", ""))
    return base64.b64decode(name.removeprefix("wamid.")).decode() if name else ""


def _outcome(result: dict[str, Any] | None) -> str | None:
    return None if result is None else f"{result['outcome']}/{result['urgency']}"
