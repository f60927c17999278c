"""What comes out of RabbitMQ at the other end."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aio_pika

from backline.runtime.event_broker import QUEUE
from bench.faults.parts import RabbitMQ
from bench.faults.patients import Triage

AGAIN_AFTER_S = 0.5
PATIENCE_S = 15.0


@dataclass
class Heard:
    """Each event once: RabbitMQ may have been given one twice, under the same id."""

    ids: set[str] = field(default_factory=set)
    said: Counter[str] = field(default_factory=Counter)
    """Messages by conversation, as the events name it."""

    def take(self, message: Any) -> None:
        if message.message_id in self.ids:
            return
        self.ids.add(message.message_id)
        event = json.loads(message.body)
        if event["event"] == "user":
            self.said[event["sender_id"]] += 1


@asynccontextmanager
async def listening(rabbitmq: RabbitMQ) -> AsyncIterator[Heard]:
    """Read all events, whatever becomes of RabbitMQ in the meantime."""
    heard = Heard()
    task = asyncio.create_task(_listen(rabbitmq.url, heard))
    try:
        yield heard
    finally:
        # The client may take a cancellation for a trouble of its own, and go on.
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=AGAIN_AFTER_S)


async def _listen(url: str, heard: Heard) -> None:
    while True:
        with suppress(Exception):
            connection = await aio_pika.connect_robust(url)
            async with connection:
                channel = await connection.channel()
                queue = await channel.declare_queue(QUEUE, durable=True)
                async with queue.iterator() as messages:
                    async for message in messages:
                        heard.take(message)
                        await message.ack()
        await asyncio.sleep(AGAIN_AFTER_S)


async def untold(triages: Iterable[Triage], heard: Heard) -> list[str]:
    """Sentences on conversations of which RabbitMQ was not told all, once it had the time."""
    due = {_named(t.conversation): len(t.said) for t in triages if t.finished}

    def missing() -> int:
        return sum(max(0, count - heard.said[name]) for name, count in due.items())

    for _ in range(int(PATIENCE_S / AGAIN_AFTER_S)):
        if not missing():
            break
        await asyncio.sleep(AGAIN_AFTER_S)
    return [f"{missing()} messages of which RabbitMQ was not told"] if missing() else []


def _named(conversation: str) -> str:
    return hashlib.sha256(conversation.encode()).hexdigest()
