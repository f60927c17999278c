"""What happens in conversations, told to RabbitMQ: without a word of it, and never in the way."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import aio_pika
from rasa.core.brokers.pika import PikaEventBroker
from yarl import URL

from backline.observability import metrics
from backline.settings import SettingsError, load_settings

logger = logging.getLogger(__name__)

EXCHANGE, QUEUE = "rasa-exchange", "rasa_core_events"
"""Rasa's own names, so that what reads Rasa's events finds them."""
MOST_WAITING = 10_000
"""About 800 turns, in 10 MB."""
AT_ONCE = 100
CONNECT_S = 5.0
HEARTBEAT_S = 20
"""A RabbitMQ that vanished is noticed within twice this."""
AGAIN_AFTER_S = 2.0
GOODBYE_S = 3.0

_KEPT = ("event", "timestamp", "name", "policy", "confidence", "input_channel")
_KEPT_METADATA = ("model_id", "assistant_id", "utter_action")


class BacklineEventBroker(PikaEventBroker):
    """Rasa's broker for RabbitMQ, that a RabbitMQ which is gone, full or slow does not hold up.

    An event waits in memory until RabbitMQ has confirmed it, and is sent again where it could not:
    a reader may get one twice, under the same message id. Above 10,000 that wait, new ones are
    dropped and counted; those of a server that dies are gone. The database holds everything.

    Set in `endpoints.yml` as the `type` of `event_broker`; takes `RABBITMQ_URL`.
    """

    def __init__(
        self,
        url: str,
        queues: Sequence[str] = (QUEUE,),
        exchange_name: str = EXCHANGE,
        **_: Any,
    ) -> None:
        self._url = url
        parts = urlsplit(url)
        super().__init__(
            host=parts.hostname or "localhost",
            username=unquote(parts.username or "guest"),
            password=unquote(parts.password or "guest"),
            port=parts.port or 5672,
            queues=list(queues),
            exchange_name=exchange_name,
        )
        self._waiting: deque[aio_pika.Message] = deque()
        self._more = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._away = False

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: Any, event_loop: Any = None
    ) -> BacklineEventBroker | None:
        """Make it for `rasa run`; does not wait for RabbitMQ.

        Raises:
            SettingsError: neither endpoints.yml nor `RABBITMQ_URL` tells where RabbitMQ is.
        """
        if broker_config is None:
            return None
        url = broker_config.url or load_settings().rabbitmq_url
        if url is None:
            raise SettingsError("RABBITMQ_URL must be set for the event broker")
        return cls(url, **broker_config.kwargs)

    def publish(self, event: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        """Have an event sent. Returns at once and never fails."""
        if len(self._waiting) >= MOST_WAITING:
            metrics.EVENTS_DROPPED.inc()
            return
        message = self._message(without_words(event), headers)
        message.message_id = uuid.uuid4().hex
        self._waiting.append(message)
        self._all_sent.clear()
        self._tell_waiting()
        self._more.set()
        if self._sender is None:
            self._sender = asyncio.get_running_loop().create_task(self._send_always())

    async def close(self) -> None:
        """Send what waits, if that takes no longer than three seconds, and hang up."""
        if self._sender is None:
            return
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._all_sent.wait(), GOODBYE_S)
        self._sender.cancel()
        await asyncio.gather(self._sender, return_exceptions=True)
        metrics.EVENTS_DROPPED.inc(len(self._waiting))

    async def _send_always(self) -> None:
        while True:
            try:
                await self._send_while_connected()
            except Exception as error:  # noqa: BLE001 - whatever broke, the events wait
                if not self._away:
                    logger.warning("RabbitMQ is away, events wait: %s", type(error).__name__)
                self._away = True
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _send_while_connected(self) -> None:
        url = URL(self._url)
        if "heartbeat" not in url.query:
            url = url.update_query(heartbeat=HEARTBEAT_S)
        connection = await aio_pika.connect(url, timeout=CONNECT_S)
        try:
            exchange = await asyncio.wait_for(
                self._set_up_exchange(await connection.channel()), CONNECT_S
            )
            while True:
                await self._more.wait()
                await self._send_some(exchange)
                if not self._waiting:
                    self._more.clear()
                    self._all_sent.set()
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(connection.close(), GOODBYE_S)

    async def _send_some(self, exchange: Any) -> None:
        """Send what waits longest. While RabbitMQ takes nothing, this waits, too."""
        portion = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        sending = [asyncio.ensure_future(exchange.publish(message, "")) for message in portion]
        try:
            await asyncio.gather(*sending)
        finally:
            for task in sending:
                task.cancel()
            unsent = [m for m, task in zip(portion, sending, strict=True) if not _is_sent(task)]
            self._waiting.extendleft(reversed(unsent))
            metrics.EVENTS_SENT.inc(len(portion) - len(unsent))
            self._tell_waiting()
        if self._away:
            logger.warning("RabbitMQ is back.")
            self._away = False

    def _tell_waiting(self) -> None:
        metrics.EVENTS_WAITING.set(len(self._waiting))


def _is_sent(task: asyncio.Future[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def without_words(event: dict[str, Any]) -> dict[str, Any]:
    """What happened, when, and in whose conversation, without what anybody said or has.

    Texts, entities and the values of slots are left out, and the conversation's id is hashed: who
    knows it can read on in the conversation.
    """
    kept = {name: event[name] for name in _KEPT if event.get(name) is not None}
    kept["sender_id"] = hashlib.sha256(str(event.get("sender_id")).encode()).hexdigest()
    intent = (event.get("parse_data") or {}).get("intent") or {}
    if intent:
        kept["parse_data"] = {"intent": {n: intent.get(n) for n in ("name", "confidence")}}
    metadata = event.get("metadata") or {}
    told = {name: metadata[name] for name in _KEPT_METADATA if name in metadata}
    return {**kept, "metadata": told} if told else kept
