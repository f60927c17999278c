"""Ends connections on which no whole request comes: few of them would keep the desk from others."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PromptProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with a limit to the time that a request takes to come.

    Attributes:
        patience_s: from the beginning of a connection, or of what comes next on it, to the end of
            a request. How long the answer takes does not count.
    """

    patience_s = 10.0
    _timer: asyncio.TimerHandle | None = None
    _is_whole = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on for what is not a whole request yet."""
        super().data_received(data)
        if self._timer is None and not self._is_answering():
            self._wait()

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        self._is_whole = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that a request is whole."""
        super().on_message_complete()
        self._is_whole = True
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        return self._is_whole and self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.patience_s, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self._is_answering():
            self.transport.abort()
