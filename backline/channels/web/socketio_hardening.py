"""Engine.IO and Socket.IO, as far as strangers can reach them without a word of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import engineio
import socketio
from sanic import response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

from backline.http_server.limits import SOCKETS_PER_ADDRESS
from backline.http_server.rate_limit import address_of, too_many

logger = logging.getLogger(__name__)

A_MOMENT_S = 5.0
NO_PACKET = {"error": "refused", "message": "That is no packet of Engine.IO."}


class TextPacket(Packet):
    """A packet as our clients send them: connections, events and acknowledgements, in text.

    A packet in parts could announce any number of them, and each would be kept until the last.
    """

    def decode(self, encoded_packet: Any) -> int:
        """Read a packet; returns how many parts follow, none.

        Raises:
            ValueError: it is no such packet.
        """
        if not isinstance(encoded_packet, str):
            raise ValueError("binary")
        parts: int = super().decode(encoded_packet)
        kind, data = self.packet_type, self.data
        named = isinstance(data, list) and bool(data) and isinstance(data[0], str)
        if (
            parts
            or kind not in (CONNECT, DISCONNECT, EVENT, ACK)
            or (kind == EVENT and not named)
            or (kind == ACK and not isinstance(data, list))
        ):
            raise ValueError("unexpected")
        return 0


class EngineServer(engineio.AsyncServer):
    """The connections, so many for each address.

    Attributes:
        held: what was known of each open connection at its start, by its id.
    """

    held: Mapping[str, dict[str, Any]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._running: set[asyncio.Task[Any]] = set()

    async def handle_request(self, request: Request) -> HTTPResponse:
        """Answer a request of Engine.IO.

        429 for a new connection beyond those of its address, 400 for what cannot be read.
        """
        address = address_of(request)
        if address is not None and "sid" not in request.args:
            others = (address_of(environ["sanic.request"]) for environ in self.held.values())
            if sum(other == address for other in others) >= SOCKETS_PER_ADDRESS:
                return too_many(A_MOMENT_S)
        try:
            answer: HTTPResponse = await super().handle_request(request)
            return answer
        except SanicException:
            raise
        except Exception as error:  # noqa: BLE001 - all of it is what a stranger sent
            logger.info("A connection could not be read: %s", type(error).__name__)
            return response.json(NO_PACKET, status=400)

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any, **named: Any
    ) -> asyncio.Task[Any]:
        """Run a coroutine beside; Engine.IO holds no task, and Python may drop it half done."""
        task = asyncio.create_task(target(*arguments, **named))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def disconnect(self, sid: str | None = None) -> None:
        """Close a connection, or all.

        Engine.IO would wait until the client has fetched what is queued for it, and never answer
        the request in which a client sent what it must not, and fetches nothing.
        """
        if sid is None:
            await super().disconnect()
        elif (connection := self.sockets.pop(sid, None)) is not None:
            await connection.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
            # Its writer ends with this.
            await connection.queue.put(None)


class SocketServer(socketio.AsyncServer):
    """Socket.IO on those connections. Whoever sends what is no packet is disconnected."""

    def __init__(self, **options: Any) -> None:
        # Its errors tell what strangers send, at any length.
        logging.getLogger("engineio.server").setLevel(logging.CRITICAL)
        super().__init__(
            **options,
            serializer=TextPacket,
            # Without these they would print their lines, with what came in.
            logger=logging.getLogger("socketio.server"),
            engineio_logger=logging.getLogger("engineio.server"),
        )
        self.eio.held = self.environ
        self.eio.on("message", self._hear)

    async def _hear(self, connection: str, data: Any) -> None:
        try:
            await self._handle_eio_message(connection, data)
        except Exception as error:  # noqa: BLE001 - all of it is what a stranger sent
            logger.info("A packet could not be read: %s", type(error).__name__)
            await self.eio.disconnect(connection)

    async def _trigger_event(self, event: str, namespace: str, *arguments: Any) -> Any:
        try:
            return await super()._trigger_event(event, namespace, *arguments)
        except Exception as error:
            if self.manager.is_connected(arguments[0], namespace):
                raise
            # Whoever hung up meanwhile waits for no answer.
            logger.info("A connection ended before its answer: %s", type(error).__name__)
            return self.not_handled

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer
