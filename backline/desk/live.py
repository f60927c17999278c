"""Streams by which a page hears that there is something new, and then asks for it as ever.

A stream says nothing of anybody: what changed is asked for by the page, by its own door and with
its own look in the audit log. Where no stream gets through, the page asks every few seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from backline.desk.browsers import IDLE
from backline.desk.person import PERSON, find_case
from backline.desk.roles import Permission, may
from backline.desk.tokens import hash_of
from backline.desk.visits import Page, Visit
from backline.failures import describe
from backline.store import StoreUnavailable
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


async def _quietly(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for event in events:
            yield event
    except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
        logger.error("A stream of the desk failed: %s", describe(error))


async def _events(visit: Visit, look: Look) -> AsyncIterator[bytes]:
    streams = visit.desk.streams
    begun = time.monotonic()
    with streams.opened(visit.token) as room:
        yield RETRY
        seen: Reading | None = None
        told = checked = asked = begun
        while room and not streams.ended and time.monotonic() - begun < LONGEST_S:
            now = time.monotonic()
            try:
                found = await look()
                changed = found != seen or now - asked >= ASK_ANYWAY_S
                if changed or now - checked >= CHECK_EVERY_S:
                    checked = now
                    if not await run_in_threadpool(_still_in, visit):
                        # The page asks once more, and hears why nothing comes.
                        yield NEWS
                        return
            except StoreUnavailable:
                found, changed = seen or (), False
            if changed:
                seen, told, asked = found, now, now
                yield NEWS
            elif now - told >= BEAT_EVERY_S:
                told = now
                yield BEAT
            await asyncio.sleep(streams.look_every)


def _still_in(visit: Visit) -> bool:
    sessions, now = visit.desk.store.staff_sessions, visit.desk.clock()
    known = sessions.use(hash_of(visit.token), now, IDLE, active=False)
    if known is None or not known.whole:
        return False
    return may(known.member.role, Permission.SEE_PEOPLE)


PAGES = (
    Page(EVENTS, "GET", Permission.SEE_PEOPLE, list_events, by_itself=True),
    Page(f"{PERSON}/events", "GET", Permission.SEE_PEOPLE, person_events, by_itself=True),
)
