"""Finds what staff are to be told, and tells it until it is taken, beside the server's other work.

Several servers share the work by the rows of the database; each notice is with one of them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

import aiohttp

from backline.clock import utcnow
from backline.delivery_errors import Later
from backline.notices.hours import digest_due, told_from
from backline.notices.sending import send_email, send_webhook
from backline.notices.settings import MAIL, NoticeSettings
from backline.notices.texts import DigestFigures, NoticeContents, email_of, payload_of
from backline.policy.rules import ALARM_RULES
from backline.settings import Clinic
from backline.store import DueNotice, Store
from backline.store.notices import CALL_BACK, DIGEST, EMERGENCY, VIOLENCE

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
AT_ONCE = 50
MOST_APART = 3
"""E-mails to one address at a time; more notices than that stand in one."""
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(minutes=10)
GIVE_UP_AFTER = dt.timedelta(hours=24)
AT_ANY_HOUR = frozenset({EMERGENCY, VIOLENCE})
"""What quiet hours do not hold back."""


class NoticeWorker:
    """Tells staff, as the clinic wants it.

    Args:
        desk: where staff reach the desk, without a path.
    """

    def __init__(
        self,
        store: Store,
        clinic: Clinic,
        settings: NoticeSettings,
        desk: str,
        clock: Callable[[], dt.datetime] = utcnow,
    ) -> None:
        self._store = store
        self._clinic = clinic
        self._settings = settings
        self._desk = desk
        self._clock = clock

    async def run(self) -> None:
        """Look every few seconds, until it is stopped."""
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    await self.look(http)
                except Exception as error:  # noqa: BLE001 - it must look again, whatever broke
                    logger.warning("Notices cannot be sent now: %s", type(error).__name__)
                await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, http: aiohttp.ClientSession) -> None:
        """Find what is new, and send what is due."""
        await asyncio.to_thread(self._find)
        due = await asyncio.to_thread(self._store.notices.take, AT_ONCE, self._clock())
        await asyncio.gather(*(self._send(http, notices) for notices in _together(due)))

    def _find(self) -> None:
        notices, rules, now = self._store.notices, self._settings.rules, self._clock()
        later = told_from(now, rules.quiet, self._clinic.zone)
        events: list[str] = [*rules.tell]
        targets = dict.fromkeys(events, self._settings.targets)
        when = {event: now if event in AT_ANY_HOUR else later for event in events}
        notices.find(ALARM_RULES, targets, when, now)
        day = digest_due(now, rules.digest, self._clinic.zone)
        if day is not None:
            notices.add_digest(day.toordinal(), self._settings.mail_targets, now)

    async def _send(self, http: aiohttp.ClientSession, notices: list[DueNotice]) -> None:
        kept, now = self._store.notices, self._clock()
        try:
            told = [await asyncio.to_thread(self._told, notice) for notice in notices]
            if not await self._handed_over(http, told):
                for notice in notices:
                    await asyncio.to_thread(kept.mark_failed, notice, "no such target")
                return
        except Later as error:
            for notice in notices:
                await self._wait(notice, error, now)
            return
        for notice in notices:
            await asyncio.to_thread(kept.mark_sent, notice, now)

    async def _wait(self, notice: DueNotice, error: Later, now: dt.datetime) -> None:
        """Have a notice tried again later, or give it up."""
        kept = self._store.notices
        if now - notice.created_at > GIVE_UP_AFTER:
            logger.error("A notice to staff is given up: %s", error.code)
            await asyncio.to_thread(kept.mark_failed, notice, error.code)
            return
        logger.warning("A notice to staff is tried again: %s", error.code)
        wait = min(FIRST_WAIT * 2 ** min(notice.attempts, 10), LONGEST_WAIT)
        await asyncio.to_thread(kept.retry_later, notice, error.code, now + wait)

    async def _handed_over(self, http: aiohttp.ClientSession, told: list[NoticeContents]) -> bool:
        """Whether there is such a target, as there was when the notices became due."""
        settings, target = self._settings, told[0].notice.target
        if target in settings.webhooks:
            url, payload = settings.webhooks[target], payload_of(told[0])
            await send_webhook(http, url, payload, settings.secret, self._clock())
            return True
        if target not in settings.mail_targets or settings.mail is None:
            return False
        recipient = target.partition(" ")[2]
        message = email_of(told, settings.sender, recipient, self._clock())
        await send_email(settings.mail, message)
        return True

    def _told(self, notice: DueNotice) -> NoticeContents:
        link = f"{self._desk}/desk"
        if notice.event == DIGEST:
            return NoticeContents(notice, self._clinic.name, link, figures=self._figures())
        about = None
        if self._settings.rules.personal and notice.event != CALL_BACK:
            about = self._store.notices.about_result(notice.about)
        person = f"{link}/person/{notice.reference}"
        return NoticeContents(notice, self._clinic.name, person, about)

    def _figures(self) -> DigestFigures:
        store, now = self._store, self._clock()
        return DigestFigures(
            store.cases.count_alarms(),
            store.call_backs.count(),
            store.notices.results_since(now - dt.timedelta(days=1)),
            store.notices.count_in_trouble(now),
        )


def _together(due: list[DueNotice]) -> list[list[DueNotice]]:
    """Put what goes to one address of e-mail together where it is much.

    So a flood of dangers is no flood of e-mails, for which a provider might stop the account.
    """
    mails: dict[str, list[DueNotice]] = {}
    apart = []
    for notice in due:
        if notice.target.startswith(MAIL) and notice.event != DIGEST:
            mails.setdefault(notice.target, []).append(notice)
        else:
            apart.append([notice])
    for notices in mails.values():
        apart += [notices] if len(notices) > MOST_APART else [[one] for one in notices]
    return apart
