"""The desk as a web application: its doors, its headers, and what is said when something fails."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backline.desk import (
    audit_page,
    call_backs,
    corrections,
    export_page,
    figures,
    inbox,
    live,
    notices,
    own_password,
    person,
    policy_page,
    sign_in,
    talking,
)
from backline.desk.api import API, answer_program
from backline.desk.browsers import IDLE, comes_from_here, keep_token, token_in
from backline.desk.connections import PromptProtocol
from backline.desk.files import STATIC, static_routes
from backline.desk.passwords import Busy, Passwords
from backline.desk.settings import DeskSettings
from backline.desk.tokens import hash_of, new_token
from backline.desk.visits import SIGN_IN, Desk, Door, Page, Visit, address_of, go, page_text
from backline.desk.words import load_words
from backline.failures import describe
from backline.http_server.addresses import check_address
from backline.settings import Settings
from backline.store import SignedIn, Store, StoreUnavailable

logger = logging.getLogger(__name__)

PAGES = (
    *sign_in.PAGES,
    *own_password.PAGES,
    *inbox.PAGES,
    *person.PAGES,
    *talking.PAGES,
    *live.PAGES,
    *call_backs.PAGES,
    *notices.PAGES,
    *corrections.PAGES,
    *figures.PAGES,
    *export_page.PAGES,
    *policy_page.PAGES,
    *audit_page.PAGES,
)
WRITTEN = ("note", "answer", "hand_back_note")
"""Fields of forms in which somebody writes for a while."""
STOP_ASKING = 286
"""htmx shows what comes with it, and asks no more."""
LARGEST_FORM = 64 * 1024
MOST_FIELDS = 500
"""The form of somebody's facts has six for each of over forty signs and conditions, if all hold."""
MOST_AT_ONCE = 200
"""Connections; above that browsers are told to come back."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": forms would then not tell where they come from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SENTENCES = {
    400: "That form cannot be read.",
    403: "Your role does not see this page.",
    404: "There is nothing here.",
    405: "There is nothing here.",
    413: "That is too long.",
    429: "That is more than is taken at once. Please wait a minute, then try again.",
    500: "Something went wrong here. Nothing was changed that you were not told of.",
    503: "The desk cannot be reached just now. Please try again in a minute.",
}
_COUNTING = threading.Lock()
"""Requests are answered in threads."""
STALE_FORM = (
    "This page was open too long, or came from elsewhere. Go back, load it again and send it anew."
)


def create_app(
    settings: Settings, own: DeskSettings, store: Store, passwords: Passwords | None = None
) -> Starlette:
    """Make the application; it keeps nothing in memory that another server would need."""
    desk = Desk(settings, own, store, load_words(settings), passwords or Passwords())
    return application(desk)


def application(desk: Desk, pages: Sequence[Page] = PAGES) -> Starlette:
    """Make the application of a desk."""
    routes = [
        Route(page.path, partial(_answer, desk, page), methods=[page.method]) for page in pages
    ]
    programs = [
        Route(page.path, partial(answer_program, desk, page), methods=["GET"]) for page in API
    ]
    app = Starlette(
        routes=[*routes, *programs, *static_routes(STATIC)],
        middleware=[
            Middleware(_Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=[desk.own.host.partition(":")[0]]),
        ],
        exception_handlers={HTTPException: partial(_refuse, desk)},
    )
    # It would lead to the scheme and host of the request, and so past TLS.
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app


async def _answer(desk: Desk, page: Page, request: Request) -> Response:
    form = await _read_form(request) if page.method == "POST" else {}
    request.scope["page_path"] = page.path
    begun = time.monotonic()
    try:
        response = await run_in_threadpool(_let_in, desk, page, request, form)
    except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
        return _fail(desk, error)
    if response.status_code == 401 and _is_a_try(page):
        # What is written for an account that there is takes time, by which nobody is to know it.
        await asyncio.sleep(max(0.0, begun + desk.refusal_s - time.monotonic()))
    return response


async def _read_form(request: Request) -> dict[str, str]:
    """Read what was filled in. There are no files among it, so it comes as plain fields."""
    body = b""
    try:
        async for portion in request.stream():
            body += portion
            if len(body) > LARGEST_FORM:
                raise HTTPException(413)
        text = body.decode("ascii")
        fields = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except (ClientDisconnect, ValueError):
        raise HTTPException(400) from None
    if any("\0" in part for field in fields for part in field):
        # Nobody types it, and PostgreSQL has no place for it.
        raise HTTPException(400)
    return dict(fields)


def _let_in(desk: Desk, page: Page, request: Request, form: dict[str, str]) -> Response:
    """Find who asks, look whether they may, and have the page answer."""
    now = desk.clock()
    wait = _too_many(desk, page, request)
    if wait:
        response = _sorry(desk, 429)
        response.headers["Retry-After"] = str(math.ceil(wait))
        return response
    held = token_in(request, desk.own)
    known: SignedIn | None = None
    if held is not None:
        known = desk.store.staff_sessions.use(hash_of(held), now, IDLE, active=not page.by_itself)
    token = held or new_token()
    member = known.member if known else None
    whole = known is not None and known.whole
    visit = Visit(
        desk,
        request,
        token,
        member if whole else None,
        None if whole else member,
        form,
        now,
    )
    if page.method == "POST" and not comes_from_here(request, form, held, desk.own.url):
        # What a page of another host sends is not shown.
        ours = request.headers.get("origin", "").lower() == desk.own.url
        written = _written(visit) if ours else ""
        response = visit.show("stale.html", status=403, sentence=STALE_FORM, written=written)
    else:
        response = _refusal(visit, page) or page.handler(visit)
    if held is None:
        keep_token(response, token, desk.own)
    return response


def _too_many(desk: Desk, page: Page, request: Request) -> float:
    """Count a try to come in; gives the seconds to wait where it is one too many."""
    if not _is_a_try(page):
        return 0.0
    address, now = address_of(request, desk), time.monotonic()
    with _COUNTING:
        wait = desk.sign_ins.wait(address, now)
        if not wait:
            desk.sign_ins.count(address, now)
    return wait


def _is_a_try(page: Page) -> bool:
    return page.method == "POST" and page.needs in (Door.ANYBODY, Door.PASSWORD_GIVEN)


def _refusal(visit: Visit, page: Page) -> Response | None:
    """Say why a page is not for who asks; None if it is."""
    if page.needs is Door.ANYBODY:
        return None
    if page.needs is Door.PASSWORD_GIVEN:
        return None if visit.halfway is not None else go(SIGN_IN)
    if visit.signed_in is None:
        return _ended(visit, page)
    if isinstance(page.needs, Door) or visit.may(page.needs):
        return None
    visit.desk.store.audit.add(visit.by.look("page_refused", "-"))
    return visit.show("sorry.html", status=403, sentence=SENTENCES[403])


def _ended(visit: Visit, page: Page) -> Response:
    if page.beside_a_form:
        return visit.show("ended_beside.html", status=STOP_ASKING)
    if page.by_itself:
        # So htmx leaves the page that is open for the one to sign in.
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
    written = _written(visit)
    if written:
        return visit.show("ended.html", status=401, note=written)
    return go(SIGN_IN)


def _written(visit: Visit) -> str:
    """Give what somebody wrote into a form that is not taken."""
    return "\n\n".join(filter(None, map(visit.form.get, WRITTEN)))


def _refuse(desk: Desk, _request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _sorry(desk, status)


def _fail(desk: Desk, error: Exception) -> Response:
    if isinstance(error, (StoreUnavailable, Busy)):
        logger.error("A page of the desk could not be shown: %s", describe(error))
        return _sorry(desk, 503)
    logger.error("A page of the desk failed: %s", describe(error))
    return _sorry(desk, 500)


def _sorry(desk: Desk, status: int) -> Response:
    sentence = SENTENCES.get(status, SENTENCES[400])
    text = page_text(desk, "sorry.html", sentence=sentence, form_token=None)
    return HTMLResponse(text, status_code=status)


class _Headers:
    """Adds the headers that every answer carries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, _adding(send) if scope["type"] == "http" else send)


def _adding(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with


def serve(settings: Settings, store: Store, host: str, port: int) -> None:
    """Serve the desk until stopped; Ctrl-C and SIGTERM end it cleanly.

    Raises:
        ListenError, SettingsError: the start is impossible; the text says why.
    """
    check_address(host, port)
    own = DeskSettings.read(url=f"http://localhost:{port}")
    # uvicorn passes the signal on once it has ended everything.
    with suppress(KeyboardInterrupt):
        server_of(create_app(settings, own, store), host, port).run()


class _DeskServer(uvicorn.Server):
    """Ends its streams when it stops: else it would wait for browsers to close them."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.streams.ended = True
        await super().shutdown(sockets)


def server_of(app: Starlette, host: str, port: int) -> uvicorn.Server:
    """Make what serves the desk, once it is run."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        # Paths have references of people in them.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # There are no websockets, and Rasa's line of them is none that uvicorn knows.
        ws="none",
        http=PromptProtocol,
        limit_concurrency=MOST_AT_ONCE,
    )
    return _DeskServer(config, app.state.desk)
