"""`backline desk serve` in a process of its own, as it runs at a clinic."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from backline.desk.app import server_of
from backline.desk.connections import PromptProtocol
from backline.desk.streams import Streams
from backline.store import create_store
from tests.conftest import PROJECT, free_port
from tests.desk.browser import add_member


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server with little patience, and an answer that takes longer than that."""
    monkeypatch.setattr(PromptProtocol, "patience_s", 0.3)

    async def answer(request: Request) -> PlainTextResponse:
        await request.body()
        await asyncio.sleep(0.6)
        return PlainTextResponse("answered")

    port = free_port()
    app = Starlette(routes=[Route("/slow", answer, methods=["GET", "POST"])])
    app.state.desk = SimpleNamespace(streams=Streams())
    server = server_of(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(f"http://127.0.0.1:{port}/none")
    yield port
    server.should_exit = True
    thread.join(20)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"GET /slow HTTP/1.1\r\nHost: desk",
        b"POST /slow HTTP/1.1\r\nHost: desk\r\nContent-Length: 9\r\n\r\na=",
        b"GET /none HTTP/1.1\r\nHost: desk\r\n\r\nGET /none",
    ],
    ids=["nothing", "a line", "half a head", "half a body", "half of what comes next"],
)
def test_a_connection_without_a_whole_request_is_ended(served: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=4.0) as connection:
        connection.sendall(sent)
        # Before uvicorn itself ends one that is at rest, which is after five seconds.
        with suppress(ConnectionResetError):
            while connection.recv(4096):
                pass


def test_an_answer_may_take_longer_than_the_request(served: int) -> None:
    with requests.Session() as session:
        for _ in range(2):
            assert session.post(f"http://127.0.0.1:{served}/slow", data=b"a=1").text == "answered"


def wait_for(url: str) -> requests.Response:
    for _ in range(150):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError("the desk did not start")


def test_it_is_off_until_there_is_an_account_and_then_opens_by_itself(tmp_path: Path) -> None:
    database_url, port = f"sqlite:///{tmp_path / 'backline.db'}", free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "backline.cli", "desk", "serve", "--port", str(port)],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://localhost:{port}/desk/sign-in"
    off = wait_for(url)
    assert (off.status_code, "The desk is off" in off.text) == (503, True)
    assert "server" not in off.headers
    add_member(create_store(database_url))
    assert "E-mail address" in requests.get(url, timeout=5).text
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 0, told
    assert "The desk is off: nobody has an account yet." in told
    assert "Traceback" not in told
