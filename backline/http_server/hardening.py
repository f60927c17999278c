"""HTTP and WebSocket handshakes as strangers may send them: what is none is answered by 400.

Sanic 21.12 answers some malformed requests with 500, some not at all, and reads a body's length
more leniently than proxies do, so that one request could be taken for two. These are refused here,
before anything else looks at them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

from sanic.exceptions import InvalidUsage, RequestTimeout, SanicException
from sanic.http import Http, Stage
from sanic.server import HttpProtocol
from sanic.server.protocols.websocket_protocol import WebSocketProtocol
from sanic.server.websockets.frame import WebsocketFrameAssembler
from sanic.server.websockets.impl import WebsocketImplProtocol

INVALID_DATA = 1007
"""WebSocket's own code (RFC 6455)."""
LENGTH = re.compile(r"[0-9]{1,10}")
OWN_SLOTS = ("_due",)
BUSY_S = 1.0
"""When the server itself was late by more, what arrived meanwhile may not have been read yet."""


class CarefulHttp(Http):
    """HTTP 1.1 that believes one unmistakable length of a body, and a host that is one.

    A request, from its first byte to its last, has REQUEST_TIMEOUT seconds. Sanic's own timeouts
    begin anew with each byte that comes, and it waits for a body as long as for a response.
    """

    __slots__ = OWN_SLOTS

    def __init__(self, protocol: HttpProtocol) -> None:
        super().__init__(protocol)
        self._due: asyncio.TimerHandle | None = None

    async def http1_request_header(self) -> None:
        """Receive and parse a request's header.

        Raises:
            InvalidUsage: it is not one.
        """
        self._expect_all_within(self.protocol.request_timeout)
        try:
            await self._receive_header()
        finally:
            self._expect_nothing_if_complete()

    async def _receive_header(self) -> None:
        try:
            await super().http1_request_header()
        except SanicException:
            self.url = None
            raise
        except Exception as error:
            # In place of the request that Sanic builds to answer an error about.
            self.url = None
            raise InvalidUsage("Bad Request") from error
        headers = self.request.headers
        lengths = headers.getall("content-length", [])
        encodings = headers.getall("transfer-encoding", [])
        mistakable = (
            len(lengths) + len(encodings) > 1
            or not all(LENGTH.fullmatch(length) for length in lengths)
            or any(encoding != "chunked" for encoding in encodings)
        )
        if (
            mistakable
            or not _is_host(headers.get("host", ""))
            or self.request._parsed_url.path is None
        ):
            self._refuse_body()
            raise InvalidUsage("Bad Request")

    async def read(self) -> bytes | None:
        """Read some bytes of the body, or None at its end."""
        try:
            data: bytes | None = await super().read()
            self._expect_nothing_if_complete()
            return data
        except SanicException:
            # Sanic would go on reading a body that it has just refused.
            self._refuse_body()
            if self.stage is Stage.IDLE:
                # It was answered already, and only what is left of it was read.
                return None
            raise

    def _refuse_body(self) -> None:
        self.keep_alive = False
        self.request_body = None

    def _expect_all_within(self, seconds: float) -> None:
        self.expect_nothing()
        loop = self.protocol.loop
        self._due = loop.call_later(seconds, self._end_late, loop.time() + seconds)

    def _expect_nothing_if_complete(self) -> None:
        body: Any = self.request_body
        if not body or (body != "chunked" and not self.request_bytes_left):
            self.expect_nothing()

    def expect_nothing(self) -> None:
        """Stop the clock of a request: all of it is there, or nobody sends it any more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end_late(self, due: float) -> None:
        if self.protocol.loop.time() - due > BUSY_S:
            self._expect_all_within(BUSY_S)
            return
        self._due = None
        self.exception = RequestTimeout("Request Timeout")
        self._refuse_body()
        if self.protocol._task is not None:
            self.protocol._task.cancel()


@lru_cache(maxsize=1024)
def _is_host(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}/")
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


class CarefulAssembler(WebsocketFrameAssembler):
    """What puts messages together; waiting for one ends with the connection."""

    __slots__ = ()

    async def get(self, timeout: float | None = None) -> Any:
        with cast(CarefulWebSocket, self.protocol).held():
            return await super().get(timeout)


class CarefulWebSocket(WebsocketImplProtocol):
    """A WebSocket that ends when what should be text is none, and leaves nothing under way."""

    _under_way: set[asyncio.Task[None]]

    @classmethod
    def take_over(cls, opened: WebsocketImplProtocol) -> CarefulWebSocket:
        """Make one of Sanic's, which makes them by itself, one of these."""
        careful = cast(CarefulWebSocket, opened)
        careful.__class__ = cls
        careful.assembler.__class__ = CarefulAssembler
        careful._under_way = set()
        return careful

    async def async_data_received(self, data_to_send: Any, events_to_process: Any) -> None:
        with self.held():
            await super().async_data_received(data_to_send, events_to_process)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the task that runs end with the connection at the latest."""
        task: Any = asyncio.current_task()
        self._under_way.add(task)
        try:
            yield
        finally:
            self._under_way.discard(task)

    def connection_lost(self, error: Any) -> None:
        super().connection_lost(error)
        # What nobody will read any more.
        for task in self._under_way:
            task.cancel()

    async def process_events(self, events: Any) -> None:
        try:
            await super().process_events(events)
        except UnicodeDecodeError:
            self.fail_connection(INVALID_DATA)
            if self.recv_cancel:
                self.recv_cancel.cancel()


class CarefulProtocol(WebSocketProtocol):
    """Sanic's protocol with that HTTP; a handshake that is none is answered by 400."""

    _http: CarefulHttp

    def _setup_connection(self) -> None:
        super()._setup_connection()
        self._http = CarefulHttp(self)

    def connection_lost(self, error: Any) -> None:
        http = getattr(self, "_http", None)
        if http is not None:
            http.expect_nothing()
        super().connection_lost(error)

    async def websocket_handshake(self, request: Any, subprotocols: Any = None) -> Any:
        try:
            opened = await super().websocket_handshake(request, subprotocols)
        except SanicException as error:
            raise InvalidUsage("Bad Request") from error
        # A call or a chat over it lasts as long as it lasts.
        self._http.expect_nothing()
        return CarefulWebSocket.take_over(opened)
