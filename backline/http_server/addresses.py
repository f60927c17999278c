"""Whether the server can listen where it is told to, before anything is loaded for it."""

from __future__ import annotations

import errno
import os
import socket
import sys

from backline.failures import Told

REASONS = {
    errno.EADDRINUSE: "another program listens there already; stop it, or choose another port",
    errno.EACCES: (
        "this user may not listen on that port; choose one from 1024 on, "
        "and put a web server in front of it"
    ),
    errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 is all that it has",
    errno.EAFNOSUPPORT: "this machine has no addresses of that kind",
}
REASONS[errno.EPERM] = REASONS[errno.EACCES]


class ListenError(Told, RuntimeError):
    """The server cannot listen there; the text names host and port, and says why."""


def check_address(host: str, port: int) -> None:
    """Return if the server could listen there now.

    Raises:
        ListenError: it could not.
    """
    where = f"the server cannot listen on --host {host} --port {port} (HOST and PORT of make run)"
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError):
        raise ListenError(f"{where}: no machine of that name is known") from None
    for family, kind, protocol, _, address in found:
        try:
            _try(family, kind, protocol, address)
        except OSError as error:
            reason = REASONS.get(error.errno or 0, os.strerror(error.errno or 0))
            raise ListenError(f"{where}: {reason}") from None


def _try(family: int, kind: int, protocol: int, address: object) -> None:
    """Bind as asyncio does it, and let go again."""
    with socket.socket(family, kind, protocol) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)  # type: ignore[arg-type]
        probe.listen(1)
