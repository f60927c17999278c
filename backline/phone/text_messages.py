"""Send results as text messages, by the outbox, to callers who said yes to it."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from contextlib import suppress

import aiohttp
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType
from rasa.core.lock_store import LockStore

from backline.clock import utcnow
from backline.delivery_errors import Later, Undelivered
from backline.failures import describe
from backline.observability import logs, metrics
from backline.privacy import Privacy
from backline.store import DueMessage, OutboundMessage, Store
from backline.twilio_api import TwilioAccess

logger = logging.getLogger(__name__)

CHANNEL = "sms"
MOST_CHARACTERS = 1600
"""Of one message: https://www.twilio.com/docs/api/errors/21617"""
LOOK_EVERY_S = 5.0
"""How often to look for what another process left, or what could not be sent before."""
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 300.0
GIVE_UP_AFTER = dt.timedelta(hours=6)
"""What comes later is taken for another call's."""
LATER = frozenset({401, 403, 404, 408, 429})
OUR_NUMBER = frozenset({21212, 21606, 21659, 21660})
"""The sender is wrong or takes no text messages: put right here, not by the caller."""
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class TextMessages:
    """Keeps text messages before they are sent, and sends them until they are taken.

    Args:
        sender: the number that they come from.
    """

    def __init__(
        self, store: Store, privacy: Privacy, access: TwilioAccess, locks: LockStore, sender: str
    ) -> None:
        self._outbox = store.outbox
        self._queues = store.queues
        self._encryptor = privacy.encryptor
        self._access = access
        self._locks = locks
        self._sender = sender
        self._new = asyncio.Event()

    @staticmethod
    def reach(number: str | None) -> bool:
        """Tell whether a telephone takes text messages."""
        try:
            parsed = phonenumbers.parse(number or "")
        except NumberParseException:
            return False
        return phonenumbers.number_type(parsed) in _MOBILE

    async def add(self, conversation: str, number: str, text: str) -> None:
        """Keep a message. When this returns, it will be sent.

        Raises:
            StoreError: it could not be kept.
        """
        body = self._encryptor.encrypt({"to": number, "text": text[:MOST_CHARACTERS]})
        messages = [OutboundMessage(body)]
        await asyncio.to_thread(self._outbox.add, conversation, CHANNEL, messages, utcnow())
        self._new.set()

    async def run(self) -> None:
        """Send what is due, until it is stopped."""
        async with aiohttp.ClientSession() as http:
            while True:
                self._new.clear()
                try:
                    await self.look(http)
                except Exception as error:  # noqa: BLE001 - it must look again, whatever broke
                    logger.warning("Text messages cannot be sent now: %s", describe(error))
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._new.wait(), LOOK_EVERY_S)

    async def look(self, http: aiohttp.ClientSession) -> None:
        """Send what is due."""
        for conversation in await asyncio.to_thread(self._queues.with_work, CHANNEL, utcnow()):
            # Another server may be at it.
            async with self._locks.lock(f"mail:{conversation}"):
                logs.about(CHANNEL, conversation)
                queue = await asyncio.to_thread(self._queues.load, conversation, utcnow())
                for message in queue.due:
                    await self._send(http, message)

    async def _send(self, http: aiohttp.ClientSession, due: DueMessage) -> None:
        message = self._encryptor.decrypt(due.body)
        try:
            sid = await self._hand_over(http, str(message["to"]), str(message["text"]))
        except Later as error:
            if utcnow() - due.created_at > GIVE_UP_AFTER:
                await self._give_up(due, error.code)
                return
            metrics.RETRIED.labels(CHANNEL, error.code).inc()
            wait = dt.timedelta(seconds=min(FIRST_WAIT_S * 2**due.attempts, LONGEST_WAIT_S))
            await asyncio.to_thread(
                self._outbox.retry_later, due, error.code, utcnow() + wait, refused=error.refused
            )
        except Undelivered as error:
            await self._give_up(due, error.code)
        else:
            metrics.SENT.labels(CHANNEL).inc()
            await asyncio.to_thread(self._outbox.mark_sent, due, sid, utcnow(), due.never_taken)

    async def _give_up(self, due: DueMessage, code: str) -> None:
        logger.warning("A text message is given up: %s", code)
        await asyncio.to_thread(self._outbox.mark_failed, due, code)

    async def _hand_over(self, http: aiohttp.ClientSession, number: str, text: str) -> str:
        """Give a message to Twilio; returns its id there.

        Raises:
            Later: it may be taken later.
            Undelivered: it never will.
        """
        fields = {"From": self._sender, "To": number, "Body": text}
        reply = await self._access.ask(http, "POST", "/Messages.json", data=fields)
        if reply.status == 201:
            return str(reply.data.get("sid", ""))
        code = reply.data.get("code") or reply.status
        if reply.status >= 500 or reply.status in LATER or code in OUR_NUMBER:
            raise Later(str(code))
        raise Undelivered(str(code))
