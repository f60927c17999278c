"""Engine.IO and Socket.IO, as far as strangers can reach them without a word of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import engineio
import socketio
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.channels.limits import SOCKETS_PER_ADDRESS
from backline.server.visitors import address_of, too_many

A_MOMENT_S = 5.0


class EngineServer(engineio.AsyncServer):
    """The connections, so many for each address.

    Attributes:
        held: what was known of each open connection at its start, by its id.
    """

    held: Mapping[str, dict[str, Any]] = {}

    async def handle_request(self, request: Request) -> HTTPResponse:
        """Answer a request of Engine.IO; 429 for a new connection beyond those of its address."""
        address = address_of(request)
        if address is not None and "sid" not in request.args:
            others = (address_of(environ["sanic.request"]) for environ in self.held.values())
            if sum(other == address for other in others) >= SOCKETS_PER_ADDRESS:
                return too_many(A_MOMENT_S)
        return await super().handle_request(request)


class SocketServer(socketio.AsyncServer):
    """Socket.IO on those connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.eio.held = self.environ

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer
