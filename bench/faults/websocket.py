"""Socket.IO as a browser speaks it over a WebSocket, for events that are acknowledged.

The client of python-socketio needs a later aiohttp than Rasa allows.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Any

import aiohttp

OPEN, PING, PONG, CONNECT, EVENT, ACK = "0", "2", "3", "40", "42", "43"


class ConnectionLost(Exception):
    """The socket could not be opened, or broke."""


class Socket:
    """One connection; made by `connect`."""

    def __init__(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        self._stream = stream
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, http: aiohttp.ClientSession, url: str) -> Socket:
        """Open one.

        Raises:
            ConnectionLost: it could not be opened.
        """
        try:
            stream = await http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket")
            await stream.receive_str()
            await stream.send_str(CONNECT)
            await stream.receive_str()
        except (aiohttp.ClientError, OSError, TypeError, asyncio.TimeoutError) as error:
            raise ConnectionLost from error
        return cls(stream)

    @property
    def open(self) -> bool:
        return not self._reader.done()

    async def ask(self, event: str, data: Any, within_s: float) -> Any:
        """Send an event and wait for its acknowledgement.

        Raises:
            ConnectionLost: the socket broke before it came.
            asyncio.TimeoutError: it did not come in time.
        """
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._stream.send_str(f"{EVENT}{number}{json.dumps([event, data])}")
            return await asyncio.wait_for(answer, within_s)
        except (ConnectionError, OSError) as error:
            raise ConnectionLost from error
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """Hang up."""
        self._reader.cancel()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stream.close(), 1)

    async def _read(self) -> None:
        try:
            async for message in self._stream:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                if message.data == PING:
                    await self._stream.send_str(PONG)
                elif message.data.startswith(ACK):
                    number, _, data = message.data.removeprefix(ACK).partition("[")
                    future = self._waiting.get(int(number))
                    if future is not None and not future.done():
                        future.set_result(json.loads("[" + data)[0])
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionLost())
