"""A slow network between the servers and their database."""

from __future__ import annotations

import asyncio
import contextlib

from bench.faults.parts import free_port

PORTION = 65_536


class SlowProxy:
    """Hands bytes on, each portion of the client's only after a delay: each query waits that long.

    Attributes:
        delay_s: seconds; may be changed at any time.
        round_trips: how often a client has sent something so far, and waited for the answer.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.port = free_port()
        self.delay_s = 0.0
        self.round_trips = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    def stop(self) -> None:
        """Take no connections any more."""
        if self._server is not None:
            self._server.close()

    async def _connected(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            to_client.close()
            return
        await asyncio.gather(
            self._hand_on(client, to_server, asks=True), self._hand_on(server, to_client)
        )

    async def _hand_on(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, asks: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while portion := await source.read(PORTION):
                self.round_trips += asks
                if asks and self.delay_s:
                    await asyncio.sleep(self.delay_s)
                to.write(portion)
                await to.drain()
        to.close()
