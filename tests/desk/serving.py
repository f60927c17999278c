"""A desk that really listens, for what a test client cannot do: streams, and browsers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from backline.desk.app import application, server_of
from backline.desk.browsers import cookie_name
from backline.desk.settings import DeskSettings
from backline.desk.streams import Streams
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import Store
from tests.conftest import free_port
from tests.desk.browser import QUICK

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.05


@contextmanager
def served_desk(store: Store) -> Iterator[Desk]:
    """Serve a desk on a free port of this machine until the block ends; `own.url` is where."""
    port, settings = free_port(), load_settings({})
    own = DeskSettings(url=f"http://localhost:{port}")
    desk = Desk(settings, own, store, load_words(settings), QUICK, streams=Streams(LOOK_EVERY_S))
    server = server_of(application(desk), "127.0.0.1", port)
    running = threading.Thread(target=server.run)
    running.start()
    until(lambda: server.started, "the desk to start")
    try:
        yield desk
    finally:
        server.should_exit = True
        running.join(PATIENCE_S)
        assert not running.is_alive(), "the desk does not stop"


@dataclass
class Stream:
    """A browser's stream, read in a thread of its own."""

    answer: requests.Response
    events: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        try:
            for line in self.answer.iter_lines(chunk_size=1):
                if line.startswith(b"event: "):
                    self.events.append(line[7:].decode())
        except (requests.RequestException, AttributeError):
            pass  # Closed by the test.
        self.ended.set()

    def count(self, event: str = "news") -> int:
        """How often the page was told so."""
        return self.events.count(event)

    def has_more_than(self, told: int) -> bool:
        """Tell whether the page was told of something since it was told so often."""
        return self.count() > told


def open_stream(desk: Desk, token: str, path: str = "/desk/events") -> Stream:
    """Open a stream as the browser does that holds this token."""
    cookie = {"Cookie": f"{cookie_name(desk.own)}={token}"}
    answer = requests.get(f"{desk.own.url}{path}", headers=cookie, stream=True, timeout=PATIENCE_S)
    stream = Stream(answer)
    if answer.status_code == 200:
        threading.Thread(target=stream.read, daemon=True).start()
    return stream


def until(condition: Callable[[], Any], what: str) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
