"""Stored messages are heard, and their replies sent: in order for each person, after a crash too.

What a service delivered is stored before it is acknowledged. From then on it is heard once: its
text is dropped in the same transaction that makes its replies due, and Rasa's record tells whether
a process that died had heard it already. A reply is sent at least once; only where a process dies
between the service's taking it and its being noted is it sent again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import time
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.core.lock_store import LockError

from backline.channels.messaging.keywords import keyword
from backline.channels.messaging.messages import (
    Incoming,
    Kind,
    Outgoing,
    Taken,
    WebhookContent,
)
from backline.channels.messaging.providers.base import Service
from backline.channels.messaging.rendering import render, staff_messages
from backline.channels.messaging.replies import (
    MOST_TRIES,
    Context,
    MessageIds,
    ReplyComposer,
    ReplyOutcome,
)
from backline.clock import utcnow
from backline.conversation.staff_news import StaffNews
from backline.conversation.turns import Turns
from backline.delivery_errors import Later, OptedOut, Undelivered, WindowClosed
from backline.failures import describe
from backline.http_server.limits import Decision, Limits
from backline.observability import logs, metrics
from backline.privacy import Privacy, Undecryptable
from backline.replies import parse
from backline.store import (
    MAX_DELAY,
    ConversationQueue,
    DueMessage,
    InboundMessage,
    OutboundMessage,
    PendingMessage,
    Store,
    StoreError,
)

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""How many people are answered at the same time; the others wait their turn."""
SWEEP_S = 5.0
"""How often to look for what another process left, or what could not be done before."""
TROUBLE_S = 3.0
SLOWEST_RETRY_S = 300.0
GIVE_UP_AFTER = dt.timedelta(hours=24)
STOPPING_S = 10.0
TRIES_BEFORE_GIVING_UP = 10


class MessagingWorker:
    """All conversations of one messaging service, in this process.

    Several processes may share the work: Rasa's lock store keeps each person's messages with one
    of them at a time.
    """

    def __init__(
        self,
        service: Service,
        store: Store,
        privacy: Privacy,
        agent: Agent,
        turns: Turns,
        news: StaffNews,
    ) -> None:
        self._service = service
        self._takeovers = store.takeovers
        self._news = news
        self._inbox = store.inbox
        self._outbox = store.outbox
        self._queues = store.queues
        self._reports = store.delivery_reports
        self._pseudonymizer = privacy.pseudonymizer
        self._encryptor = privacy.encryptor
        self._agent = agent
        self._turns = turns
        self._limits = Limits()
        self._taken: dict[int, Taken] = {}
        """What the service took and the store could not note yet: it is not sent again."""
        self._in_progress: set[str] = set()
        self._reschedule: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begin to answer, with what an earlier process left first."""
        self._places = asyncio.Semaphore(AT_ONCE)
        self._http = aiohttp.ClientSession()
        self._composer = ReplyComposer(
            self._service.name,
            self._service.can,
            self._agent,
            self._turns,
            MessageIds(self._service.name, self._pseudonymizer.digest),
        )
        metrics.LOOKED_AFTER.labels(self._service.name).set_to_current_time()
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Finish what is under way; the rest stays stored for the next start."""
        self._stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOPPING_S)
        for task in self._tasks:
            task.cancel()
        await self._http.close()

    async def take(self, told: WebhookContent) -> None:
        """Store what a webhook told. When this returns, the service may forget it.

        Raises:
            StoreError: it could not be stored.
        """
        name, now = self._service.name, utcnow()
        # A service may tell a thousand things at once, and some of them many times.
        # In one order, so that two servers do not wait for each other.
        reports = sorted(set(told.reports), key=lambda report: (report.service_id, report.status))
        kept = []
        if reports:
            rows = [(report.service_id, report.status, report.error) for report in reports]
            kept = await asyncio.to_thread(self._reports.record, name, rows, now)
        for report, urgent in zip(reports, kept, strict=True):
            if report.status == "failed" and urgent is not None:
                self._count_failure(urgent, report.error or "unknown")
        deliveries = []
        once: dict[str, Incoming] = {}
        for incoming in told.messages:
            once.setdefault(incoming.key, incoming)
        for incoming in once.values():
            conversation = self._pseudonymizer.conversation_of(name, incoming.address)
            key = self._pseudonymizer.digest(name, incoming.key)
            taken = await self._admit(incoming, conversation, key)
            if taken is not None:
                body = self._encryptor.encrypt(taken.to_json())
                address = self._encryptor.encrypt(incoming.address)
                deliveries.append(
                    InboundMessage(name, key, conversation, address, body, incoming.order)
                )
        if not deliveries:
            return
        new = await asyncio.to_thread(self._inbox.accept, deliveries, now)
        metrics.RECEIVED.labels(name).inc(len(new))
        again = len(told.messages) - len(once)
        metrics.REPEATED.labels(name).inc(again + len(deliveries) - len(new))
        for delivery in new:
            logger.info("message received", extra={"delivery": delivery.key})
            self._schedule(delivery.conversation_id)

    async def _admit(self, incoming: Incoming, conversation: str, key: str) -> Incoming | None:
        """The message, or what is to be heard in its place; None if it is too much."""
        verdict = self._limits.judge(conversation, asyncio.get_running_loop().time())
        asks_to_end = (
            incoming.kind in (Kind.STOP, Kind.DELETE) or keyword(incoming.text) is Kind.STOP
        )
        if verdict is Decision.HEAR or asks_to_end:
            return incoming
        # A repeated delivery is no new message, however many of them come.
        if await asyncio.to_thread(self._inbox.contains, self._service.name, key):
            return None
        metrics.LIMITED.labels(self._service.name).inc()
        # It is only looked through for what must be heard; patience is asked for once.
        return replace(incoming, kind=Kind.TOO_FAST, silent=verdict is Decision.DROP)

    # ---- Whose turn it is -----------------------------------------------------------------------

    def _schedule(self, conversation: str) -> None:
        if self._stopping:
            return
        if conversation in self._in_progress:
            self._reschedule.add(conversation)
            return
        self._in_progress.add(conversation)
        self._run(self._process_conversation(conversation))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _schedule_later(self, conversation: str, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._schedule, conversation)

    async def _process_conversation(self, conversation: str) -> None:
        try:
            while not self._stopping:
                self._reschedule.discard(conversation)
                # The lock first: who waits for another server must not take up a turn here.
                async with self._agent.lock_store.lock(f"mail:{conversation}"), self._places:
                    await self._process_and_send(conversation)
                if conversation not in self._reschedule:
                    break
        except (StoreError, LockError) as error:
            logger.warning("Messages wait: %s", type(error).__name__)
            self._schedule_later(conversation, TROUBLE_S)
        except Exception as error:  # noqa: BLE001 - whatever broke, the message is kept
            logger.error("A message could not be handled: %s", describe(error))
            self._schedule_later(conversation, SLOWEST_RETRY_S)
        finally:
            self._in_progress.discard(conversation)

    async def _sweep(self) -> None:
        while True:
            try:
                for conversation in await asyncio.to_thread(
                    self._queues.with_work, self._service.name, utcnow()
                ):
                    self._schedule(conversation)
                for conversation in await asyncio.to_thread(
                    self._takeovers.waiting_on, self._service.name
                ):
                    self._schedule(conversation)
                counts = await asyncio.to_thread(self._reports.counts, self._service.name)
                for state, count in counts.items():
                    metrics.WAITING.labels(self._service.name, state).set(count)
                counts = await asyncio.to_thread(
                    self._reports.undelivered_emergencies, self._service.name, utcnow()
                )
                for state, count in counts.items():
                    metrics.UNDELIVERED_EMERGENCIES.labels(self._service.name, state).set(count)
                # Figures that are no longer renewed look as if all were well.
                metrics.LOOKED_AFTER.labels(self._service.name).set_to_current_time()
            except Exception as error:  # noqa: BLE001 - it must look again, whatever broke
                logger.warning("Waiting messages cannot be read: %s", type(error).__name__)
            await asyncio.sleep(SWEEP_S)

    # ---- One person ---------------------------------------------------------------------------

    async def _process_and_send(self, conversation: str) -> None:
        while True:
            logs.begin()
            logs.about(self._service.name, conversation)
            await self._take_up_staff(conversation)
            box = await asyncio.to_thread(self._queues.load, conversation, utcnow())
            if box.due and box.person is not None:
                address = str(self._encryptor.decrypt(box.person.address))
                await self._send_all(conversation, address, box.person.last_message_at, box.due)
            if not box.pending or not await self._process(box.pending[0], box):
                return
            if len(box.pending) == 1:
                return

    async def _take_up_staff(self, conversation: str) -> None:
        """Put into the outbox what staff wrote, or the bot says about them."""
        said = await asyncio.to_thread(self._takeovers.to_pass_on, conversation)
        if not said:
            return
        carried = [
            (one.id, [self._draft(part) for part in staff_messages(one, self._service.can)])
            for one in said
        ]
        if said[-1].asks_again:
            question = parse(await self._news.question(conversation))
            shown = render(question, self._service.can, self._composer.say)
            carried[-1][1].extend(map(self._draft, shown))
        await asyncio.to_thread(self._takeovers.pass_on, conversation, self._service.name, carried)

    async def _process(self, received: PendingMessage, box: ConversationQueue) -> bool:
        """Answer a stored message and send what is due; False if it has to wait."""
        # Known to every server, also after a restart, and told beside the webhook's own id.
        logs.begin(received.key)
        logs.about(self._service.name, received.conversation_id)
        begun = time.perf_counter()
        try:
            incoming = Incoming.from_json(self._encryptor.decrypt(received.body))
        except Undecryptable as error:
            logger.error("A stored message cannot be opened: %s", error)
            await self._postpone(received, SLOWEST_RETRY_S)
            return False
        if box.person is None or box.person.opted_out_at is None:
            self._run(self._kindly(self._service.notice(self._http, incoming)))
        context = Context(received, box.person, box.questions, _written_at(incoming))
        try:
            answer = await self._composer.answer(incoming, context, utcnow())
        except Exception as error:  # noqa: BLE001 - whatever broke, the message is kept
            if received.attempts < MOST_TRIES:
                # The error's text may quote what the person wrote.
                logger.warning("A message is tried again: %s", type(error).__name__)
                await self._postpone(received, 2.0 ** (received.attempts + 1))
                return False
            answer = self._composer.apology()
        ticks = answer.ticks
        heard = await asyncio.to_thread(
            self._inbox.mark_processed,
            received,
            self._service.name,
            self._encryptor.encrypt(incoming.address),
            [self._draft(message) for message in answer.messages],
            utcnow(),
            contact=answer.contact,
            ticked=(ticks.sent, ticks.places) if ticks else None,
            used_up=answer.went_on,
            cancelled="opted_out" if answer.contact.get("opted_out_at") else None,
        )
        await self._show(incoming, answer, heard.controls)
        conversation = received.conversation_id
        if await self._send_all(conversation, incoming.address, received.received_at, heard.due):
            waited = (utcnow() - received.received_at).total_seconds()
            metrics.SECONDS_TO_REPLY.labels(self._service.name).observe(waited)
        took = round(1000 * (time.perf_counter() - begun), 1)
        logger.info(
            "message answered", extra={"attempts": received.attempts + 1, "duration_ms": took}
        )
        return True

    async def _postpone(self, received: PendingMessage, seconds: float) -> None:
        not_before = utcnow() + dt.timedelta(seconds=seconds)
        await asyncio.to_thread(self._inbox.retry_later, received, not_before)
        self._schedule_later(received.conversation_id, seconds)

    async def _show(self, incoming: Incoming, answer: ReplyOutcome, used_up: list[str]) -> None:
        """What is shown beside messages: it is right at once or not at all."""
        service, http = self._service, self._http
        if incoming.kind is Kind.CHOICE:
            self._run(self._kindly(service.settle(http, incoming, answer.alert)))
        if answer.ticks is not None:
            await self._kindly(service.tick(http, incoming, answer.ticks.shown))
        for service_id in used_up:
            self._run(self._kindly(service.take_controls(http, incoming.address, service_id)))

    @staticmethod
    async def _kindly(call: Awaitable[None]) -> None:
        try:
            await call
        except Undelivered as error:
            logger.info("A service did not take a sign: %s", error.code)

    def _draft(self, message: Outgoing) -> OutboundMessage:
        return OutboundMessage(
            self._encryptor.encrypt(message.to_json()),
            slot=message.slot,
            urgent=message.urgent,
            controls=bool(message.options),
            last_word=message.last_word,
        )

    # ---- Sending ------------------------------------------------------------------------------

    async def _send_all(
        self, conversation: str, address: str, last_message_at: dt.datetime, due: list[DueMessage]
    ) -> int:
        """Send what is due, until the service does not take one; returns how many it took."""
        for count, message in enumerate(due):
            if not await self._send(conversation, address, last_message_at, message):
                return count
        return len(due)

    async def _send(
        self, conversation: str, address: str, last_message_at: dt.datetime, message: DueMessage
    ) -> bool:
        name, outbox = self._service.name, self._outbox
        outgoing = Outgoing.from_json(self._encryptor.decrypt(message.body))
        try:
            if self._window_closed(last_message_at):
                raise WindowClosed("window_closed")
            taken = self._taken.get(message.id)
            certain = taken is None and message.never_taken
            if taken is None:
                taken = await self._service.send(self._http, address, outgoing)
                self._taken[message.id] = taken
        except WindowClosed as error:
            await asyncio.to_thread(outbox.hold, message, error.code)
            return False
        except Later as error:
            metrics.RETRIED.labels(name, error.code).inc()
            await self._try_later(conversation, message, error)
            return False
        except Undelivered as error:
            await self._give_up(message, error.code)
            if isinstance(error, OptedOut):
                await asyncio.to_thread(outbox.cancel, conversation, error.code)
        else:
            metrics.SENT.labels(name).inc()
            logger.info("message sent", extra={"attempts": message.attempts + 1})
            await asyncio.to_thread(
                outbox.mark_sent, message, taken.service_id, taken.at or utcnow(), certain
            )
            del self._taken[message.id]
        if message.last_word:
            await asyncio.to_thread(self._queues.forget, conversation)
        return True

    def _window_closed(self, last_message_at: dt.datetime) -> bool:
        hours = self._service.can.window_hours
        return hours is not None and utcnow() - last_message_at > dt.timedelta(hours=hours)

    async def _try_later(self, conversation: str, message: DueMessage, error: Later) -> None:
        tried_enough = message.attempts >= TRIES_BEFORE_GIVING_UP
        if tried_enough and utcnow() - message.created_at > GIVE_UP_AFTER:
            await self._give_up(message, error.code)
            return
        if error.after is None:
            # Not all at the same moment, when a service comes back.
            seconds = min(2.0**message.attempts, SLOWEST_RETRY_S) * random.uniform(0.75, 1.25)  # noqa: S311
        else:
            seconds = min(error.after, MAX_DELAY.total_seconds())
        await asyncio.to_thread(
            self._outbox.retry_later,
            message,
            error.code,
            utcnow() + dt.timedelta(seconds=seconds),
            refused=error.refused,
        )
        self._schedule_later(conversation, seconds)

    def _count_failure(self, is_urgent: bool, code: str) -> None:
        urgent = "yes" if is_urgent else "no"
        metrics.FAILED.labels(self._service.name, code, urgent).inc()
        logger.error("A message cannot be delivered: %s (an emergency: %s)", code, urgent)

    async def _give_up(self, message: DueMessage, code: str) -> None:
        self._count_failure(message.urgent, code)
        await asyncio.to_thread(self._outbox.mark_failed, message, code)


def _written_at(incoming: Incoming) -> dt.datetime | None:
    if incoming.written_at is None:
        return None
    return dt.datetime.fromtimestamp(incoming.written_at, dt.timezone.utc)
