"""Fixtures for all tests: a real server on a database of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from hypothesis import settings

from backline.observability import logs
from tests.services import require_or_skip

PROJECT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("BACKLINE_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432")
START_SECONDS = 120
PORTS = range(20_000, 32_000)
_chance = random.SystemRandom()
"""Not that of hypothesis, which repeats itself."""

ENCRYPTION_KEY = os.environ.setdefault("BACKLINE_ENCRYPTION_KEYS", Fernet.generate_key().decode())
"""Of every server of the tests, and of the tests that look into what it stored."""

# The same examples on every run, so that a red run says something about the change it ran on.
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("fixed", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session", autouse=True)
def several_servers_in_this_process() -> None:
    """Sanic rewrites its own methods when an app starts; so told, it begins with the originals."""
    from sanic import Sanic

    Sanic.test_mode = True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Puts back what a command that sets up its logging changed in the process of the tests.

    Without it what a test finds in the log depends on which ones ran before it.
    """
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, (*logs.OURS, "rasa", logs.SERVER))]
    handlers, filters = list(root.handlers), list(loggers[-1].filters)
    levels = [(one, one.level, one.disabled) for one in loggers]
    hooks = threading.excepthook, sys.unraisablehook, logging.raiseExceptions
    yield
    root.handlers, loggers[-1].filters = handlers, filters
    for one, level, disabled in levels:
        one.setLevel(level)
        one.disabled = disabled
    threading.excepthook, sys.unraisablehook, logging.raiseExceptions = hooks


@dataclass
class Server:
    """A running `backline serve`."""

    url: str
    database_url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


def free_port() -> int:
    """A port that nobody listens on now, nor gets from the system by chance before it is used.

    Those that the system gives to connections lie above.
    """
    while True:
        port = PORTS.start + _chance.randrange(len(PORTS))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def start_server(
    database_url: str, log: Path, *, port: int | None = None, **environment: str
) -> Server:
    """Start `backline serve`, on a free port if none is given, and wait until it is ready."""
    port = port or free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backline.cli", "serve", "--port", str(port)],
            cwd=PROJECT,
            env={**os.environ, "DATABASE_URL": database_url, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", database_url, process, log)
    for _ in range(START_SECONDS * 5):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{server.url}/health/ready", timeout=5)
            return server
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on SQLite for the whole run; stopping it must be clean."""
    folder = tmp_path_factory.mktemp("server")
    server = start_server(f"sqlite:///{folder / 'backline.db'}", folder / "log")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="session")
def live_server(served: Server) -> str:
    """The address of the running server."""
    return served.url


@contextmanager
def postgres_database() -> Iterator[str]:
    """A PostgreSQL database of its own."""
    name = f"backline_test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(f"{POSTGRES}/postgres", future=True, isolation_level="AUTOCOMMIT")
    reachable = True
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except sa.exc.OperationalError:
        reachable = False
    require_or_skip(
        reachable,
        "PostgreSQL does not answer; start it on port 5432 or set BACKLINE_TEST_POSTGRES_URL.",
    )
    yield f"{POSTGRES}/{name}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database that lives as long as the test."""
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each of the two databases in turn, empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'backline.db'}"
    return str(request.getfixturevalue("postgres_url"))
