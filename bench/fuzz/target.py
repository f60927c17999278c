"""The server under test: sends it a case, and tells what is wrong with what came of it."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress
from pathlib import Path

from bench.fuzz.inputs import HANDSHAKE, STREAM_HANDSHAKE, Request, frame
from tests.conftest import Server

PATIENCE_S = 10.0
"""Longer, and it hangs."""
MOMENT_S = 0.05
"""What is no whole request gets no answer; so long is waited for one before hanging up."""
LENGTHS = {"content-length", "transfer-encoding", "expect", "upgrade"}
"""With these a request may not be whole."""
BROKEN = re.compile(
    rb"Traceback|File \"|site-packages|\b(?!HTTP)[A-Z][a-z]+(?:[A-Z][a-z]+)*(?:Error|Exception)\b"
)
"""What only the inside of a program says."""
NAMES_ERRORS = re.compile(rb"(?i)content-type: *(text/javascript|text/plain; version=)")
"""A script has names of errors of its own, and /metrics counts failures by their kind."""
POLL = "/socket.io/?EIO=4&transport=polling"
CLOSING = frame(b"\x03\xe8", opcode=8)
CLOSED = "closed"


class Wrong(AssertionError):
    """The server did what it must never do."""


class Target:
    """A running server and its log."""

    def __init__(self, server: Server) -> None:
        self._server = server
        host, port = server.url.removeprefix("http://").split(":")
        self._address = (host, int(port))
        self._log: Path = server.log
        self._read = self._log.stat().st_size

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self._address

    def request(self, case: Request) -> str:
        """Send a request; returns the status of the answer."""
        odd = LENGTHS & {name.lower() for name, _ in case.headers}
        return self._judge(self._exchange(case.wire, patience_s=MOMENT_S if odd else None))

    def raw(self, case: bytes) -> str:
        """Send bytes; returns the status of what came, or that it hung up."""
        return self._judge(self._exchange(case, patience_s=MOMENT_S))

    def websocket(self, case: tuple[bytes, ...]) -> str:
        """Open a WebSocket and send bytes through it; it must end when it is asked to."""
        return self._websocket(HANDSHAKE, case)

    def stream(self, case: tuple[bytes, ...]) -> str:
        """The same, as a call of the audio stream."""
        return self._websocket(STREAM_HANDSHAKE, case)

    def _websocket(self, opening: bytes, case: tuple[bytes, ...]) -> str:
        said = self._exchange(opening, b"".join(case) + CLOSING, MOMENT_S)
        status = self._judge(said)
        if status != "101":
            raise Wrong(f"no WebSocket: {said[:200]!r}")
        return CLOSED

    def polling(self, case: tuple[bytes, ...]) -> str:
        """Open a connection by polling, and send bodies to it."""
        opened = self._exchange(Request("GET", POLL, (), b"").wire)
        found = re.search(rb'"sid":"([^"]+)"', opened)
        if found is None:
            raise Wrong(f"no connection: {opened[:200]!r}")
        target = f"{POLL}&sid={found[1].decode()}"
        status = ""
        for body in (b"40", *case, b"1"):
            headers = (("Content-Type", "text/plain"),)
            status = status or ""
            told = self._judge(self._exchange(Request("POST", target, headers, body).wire))
            status = max(status, told)
        return status

    def check(self) -> None:
        """Look at the process and at what it logged.

        Raises:
            Wrong: it died, or logged an error.
        """
        if self._server.process.poll() is not None:
            raise Wrong(f"the server ended with {self._server.process.returncode}")
        with self._log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        new = new[: new.rfind(b"\n") + 1]
        self._read += len(new)
        for line in new.splitlines():
            if b'"level": "info"' in line:
                continue
            try:
                level = json.loads(line)["level"]
            except (ValueError, KeyError, TypeError):
                level = "none"
            if level not in ("debug", "info", "warning"):
                raise Wrong(f"logged: {line.decode(errors='replace')}")

    def _exchange(
        self, first: bytes, after_it: bytes = b"", patience_s: float | None = None
    ) -> bytes:
        """Send, and read until the answer is whole or the server hangs up.

        Args:
            after_it: what is sent once the first is answered.
            patience_s: how long silence is borne before hanging up, where it is no fault.
        """
        said = b""
        with socket.create_connection(self._address, timeout=PATIENCE_S) as connection:
            with suppress(ConnectionError):
                connection.sendall(first)
            begun, hung_up = time.monotonic(), False
            while not _whole(said):
                waited = time.monotonic() - begun
                if waited > PATIENCE_S:
                    raise Wrong(f"no answer after {PATIENCE_S:.0f} s; so far {said[:200]!r}")
                connection.settimeout(PATIENCE_S if hung_up or patience_s is None else patience_s)
                try:
                    got = connection.recv(65536)
                except TimeoutError:
                    if patience_s is None:
                        raise Wrong(f"no answer after {PATIENCE_S:.0f} s") from None
                    if not self._still_answers():
                        raise Wrong("it answers nobody else meanwhile") from None
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_WR)
                    hung_up = True
                    continue
                except ConnectionError:
                    break
                if not got:
                    break
                said += got
                if after_it and b"\r\n\r\n" in said:
                    with suppress(ConnectionError):
                        connection.sendall(after_it)
                    after_it = b""
        return said

    def _still_answers(self) -> bool:
        with socket.create_connection(self._address, timeout=PATIENCE_S) as connection:
            connection.sendall(Request("GET", "/health/live", (), b"").wire)
            return connection.recv(4096).startswith(b"HTTP/1.1 200")

    def _judge(self, said: bytes) -> str:
        self.check()
        if not said:
            return CLOSED
        head, _, body = said.partition(b"\r\n\r\n")
        broken = None if NAMES_ERRORS.search(head) else BROKEN.search(body)
        if broken:
            raise Wrong(f"told {broken[0]!r} to the outside: {said[:600]!r}")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", said)
        if status is None:
            raise Wrong(f"no HTTP: {said[:200]!r}")
        if status[1].startswith(b"5"):
            raise Wrong(f"answered {said[:600]!r}")
        return status[1].decode()


def _whole(said: bytes) -> bool:
    head, found, body = said.partition(b"\r\n\r\n")
    if not found or head.startswith((b"HTTP/1.1 101", b"HTTP/1.1 100")):
        return False
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if length is None:
        return bool(re.match(rb"HTTP/1\.1 (204|304)", head)) or b"chunked" not in head
    return len(body) >= int(length[1])
