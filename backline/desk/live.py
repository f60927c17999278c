"""Streams by which a page hears that there is something new, and then asks for it as ever.

A stream says nothing of anybody, but for the reference in a notification that was asked for. What
changed the page asks for by its own door, with its own look in the audit log. Where no stream gets
through, it asks every few seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from backline.desk.alerts import ToldAlerts
from backline.desk.browsers import IDLE
from backline.desk.person import PERSON, find_case
from backline.desk.roles import Permission, may
from backline.desk.tokens import hash_of
from backline.desk.visits import Page, Visit
from backline.failures import describe
from backline.store import Role, StoreUnavailable
from backline.store.changes import Reading

logger = logging.getLogger(__name__)

EVENTS = "/desk/events"
NEWS, BEAT = b"event: news\ndata: 1\n\n", b"event: beat\ndata: 1\n\n"
"""That something is new; that the stream still gets through (some proxies hold it back)."""
RETRY = b"retry: 3000\n\n"
CHECK_EVERY_S = 5.0
"""How soon who was signed out elsewhere hears no more, though nothing happens."""
BEAT_EVERY_S = 15.0
ASK_ANYWAY_S = 60.0
"""Some of the list changes by time alone."""
LONGEST_S = 900.0
"""A browser opens a new one by itself, perhaps at another server."""
HEADERS = {"X-Accel-Buffering": "no"}
Look = Callable[[], Awaitable[Reading]]


def list_events(visit: Visit) -> Response:
    """Tell a page with the list when to look again."""
    streams, read = visit.desk.streams, visit.desk.store.changes.of_all
    return _stream(visit, lambda: streams.latest(read))


def person_events(visit: Visit) -> Response:
    """Tell a page of a person when to look again."""
    case = find_case(visit)
    if case is None:
        # A browser then does not try again.
        return Response(status_code=204)
    changes, id_ = visit.desk.store.changes, case.conversation_id
    return _stream(visit, lambda: run_in_threadpool(changes.of, id_))


def _stream(visit: Visit, look: Look) -> Response:
    if not visit.desk.streams.has_room(visit.token):
        return Response(status_code=503, headers={"Retry-After": "60"})
    events = _quietly(_events(visit, look))
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def _quietly(events: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    try:
        # Also where the browser is gone in the middle of it: what it counted for is given back.
        async with aclosing(events):
            async for event in events:
                yield event
    except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
        logger.error("A stream of the desk failed: %s", describe(error))


async def _events(visit: Visit, look: Look) -> AsyncGenerator[bytes, None]:
    streams = visit.desk.streams
    with streams.opened(visit.token) as room:
        yield RETRY
        listener = _Listener(visit, look)
        while room and not streams.ended and not listener.ended:
            for event in await listener.events():
                yield event
            await asyncio.sleep(streams.look_every)


class _Listener:
    """One open page: what it was told, and when.

    Attributes:
        ended: whether nothing more is to be told.
    """

    def __init__(self, visit: Visit, look: Look) -> None:
        self.ended = False
        self._visit = visit
        self._look = look
        self._begun = self._told = self._checked = self._asked = time.monotonic()
        self._seen: Reading | None = None
        self._seen_of_all: Reading | None = None
        self._alerts = _alerts_for(visit)

    async def events(self) -> list[bytes]:
        """Look what there is to tell now."""
        try:
            return await self._find(time.monotonic())
        except StoreUnavailable:
            # The page's own questions say so.
            return []

    async def _find(self, now: float) -> list[bytes]:
        self.ended = now - self._begun >= LONGEST_S
        found = await self._look()
        changed = found != self._seen or now - self._asked >= ASK_ANYWAY_S
        of_all = await self._look_at_all()
        if changed or of_all != self._seen_of_all or now - self._checked >= CHECK_EVERY_S:
            self._checked = now
            role = await run_in_threadpool(_role_of, self._visit)
            if role is None:
                # The page asks once more, and hears why nothing comes.
                self.ended = True
                return [NEWS]
            events = await self._alerts_of(of_all, role)
        else:
            events = []
        if changed:
            self._seen, self._asked = found, now
            events.append(NEWS)
        elif now - self._told >= BEAT_EVERY_S:
            events.append(BEAT)
        self._told = now if events else self._told
        return events

    async def _look_at_all(self) -> Reading | None:
        if self._alerts is None:
            return None
        desk = self._visit.desk
        return await desk.streams.latest(desk.store.changes.of_all)

    async def _alerts_of(self, of_all: Reading | None, role: Role) -> list[bytes]:
        if self._alerts is None or of_all == self._seen_of_all:
            return []
        new = await run_in_threadpool(self._alerts.look, role, self._visit.by)
        self._seen_of_all = of_all
        return [*new, f"id: {self._alerts.mark}\nevent: beat\ndata: 1\n\n".encode()]


def _alerts_for(visit: Visit) -> ToldAlerts | None:
    query = visit.request.query_params
    if "alerts" not in query:
        return None
    return ToldAlerts(visit.desk, visit.request.headers.get("last-event-id") or query.get("after"))


def _role_of(visit: Visit) -> Role | None:
    """Find the role of who has the page open; None once they are signed out, or may not."""
    sessions, now = visit.desk.store.staff_sessions, visit.desk.clock()
    known = sessions.use(hash_of(visit.token), now, IDLE, active=False)
    if known is None or not known.whole:
        return None
    return known.member.role if may(known.member.role, Permission.SEE_PEOPLE) else None


PAGES = (
    Page(EVENTS, "GET", Permission.SEE_PEOPLE, list_events, by_itself=True),
    Page(f"{PERSON}/events", "GET", Permission.SEE_PEOPLE, person_events, by_itself=True),
)
