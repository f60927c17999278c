"""Events for RabbitMQ: told without a word of anybody's, and never waited for."""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from typing import Any

import aio_pika
import pytest

from backline.observability import metrics
from backline.runtime import event_broker
from backline.runtime.event_broker import BacklineEventBroker, without_words
from tests.conftest import free_port
from tests.services import require_or_skip

RABBITMQ_URL = os.environ.get("BACKLINE_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
RABBITMQ_HOW = (
    "RabbitMQ does not answer on 127.0.0.1:5672; start one there, or set "
    "BACKLINE_TEST_RABBITMQ_URL."
)
SAID = {
    "sender_id": "somebody",
    "event": "user",
    "timestamp": 1.5,
    "text": "my zebrafish back is sore",
    "input_channel": "rest",
    "parse_data": {
        "text": "my zebrafish back is sore",
        "intent": {"name": "inform", "confidence": 0.9},
        "entities": [{"entity": "pain_location", "value": "zebrafish back"}],
    },
    "metadata": {"model_id": "m", "answers": "zebrafish"},
}


def test_nothing_that_was_said_is_told() -> None:
    told = without_words(SAID)
    assert "zebrafish" not in json.dumps(told)
    assert told["sender_id"] != "somebody"
    assert told["parse_data"] == {"intent": {"name": "inform", "confidence": 0.9}}
    assert told["metadata"] == {"model_id": "m"}


def test_nothing_that_somebody_has_is_told() -> None:
    slot = {"sender_id": "somebody", "event": "slot", "name": "health_conditions", "value": ["x"]}
    assert without_words(slot).keys() == {"event", "name", "sender_id"}


@pytest.mark.rabbitmq
async def test_events_come_out_of_rabbitmq_in_their_order() -> None:
    try:
        connection = await aio_pika.connect(RABBITMQ_URL, timeout=5)
    except OSError:
        require_or_skip(False, RABBITMQ_HOW)
    name = f"backline-test-{uuid.uuid4().hex}"
    broker = BacklineEventBroker(RABBITMQ_URL, queues=[name], exchange_name=name)
    for number in range(250):
        broker.publish({**SAID, "timestamp": number})
    channel = await connection.channel()
    heard: list[dict[str, Any]] = []
    await asyncio.sleep(0.5)
    queue = await channel.declare_queue(name, durable=True)
    async with queue.iterator(timeout=10) as messages:
        async for message in messages:
            heard.append(json.loads(message.body))
            await message.ack()
            if len(heard) == 250:
                break
    await broker.close()
    await queue.delete(if_unused=False, if_empty=False)
    await channel.exchange_delete(name)
    await connection.close()
    assert [event["timestamp"] for event in heard] == list(range(250))


async def test_without_rabbitmq_nobody_waits_and_what_is_too_much_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_broker, "MOST_WAITING", 50)
    monkeypatch.setattr(event_broker, "GOODBYE_S", 0.2)
    before = metrics.EVENTS_DROPPED._value.get()
    broker = BacklineEventBroker(f"amqp://guest:guest@127.0.0.1:{free_port()}/")
    begun = time.monotonic()
    for _ in range(60):
        broker.publish(SAID)
    await asyncio.sleep(0.1)
    assert time.monotonic() - begun < 1
    assert metrics.EVENTS_DROPPED._value.get() - before == 10
    await broker.close()
    assert time.monotonic() - begun < 3
