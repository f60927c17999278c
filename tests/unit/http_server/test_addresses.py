"""Where a server cannot listen, a sentence says so before anything is loaded."""

from __future__ import annotations

import errno
import socket

import pytest

from backline.http_server.addresses import ListenError, check_address
from tests.conftest import free_port


@pytest.fixture
def taken() -> int:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]  # type: ignore[misc]


def test_a_port_in_use_is_named_with_its_host(taken: int) -> None:
    with pytest.raises(ListenError, match=rf"--host 127.0.0.1 --port {taken} .*another program"):
        check_address("127.0.0.1", taken)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104
def test_a_free_port_stays_free(host: str) -> None:
    port = free_port()
    check_address(host, port)
    check_address(host, port)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ListenError, match="no such address"):
        check_address("192.0.2.1", free_port())


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(ListenError, match=r"--host nobody.invalid .*no machine of that name"):
        check_address("nobody.invalid", free_port())


def test_a_port_that_needs_rights_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(ListenError, match=r"--port 80 .*may not listen on that port"):
        check_address("127.0.0.1", 80)
