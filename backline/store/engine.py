"""Database connections as Backline needs them: quick to fail, and true to their constraints."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import QueuePool

from backline.store.errors import StoreConfigError, StoreUnavailable

SQLITE_BUSY_MS = 2000
TURN_S = 10.0
"""Seconds that a thread waits for the others of this process to have written: they will have."""
POSTGRES_CONNECT_S = 3
POSTGRES_LOCK_MS = 2000
POSTGRES_STATEMENT_MS = 5000
POSTGRES_IDLE_MS = 10_000
"""A server that stood still in the middle of a transaction holds up the others no longer."""
POSTGRES_KEPT, POSTGRES_MORE = 10, 5
"""Connections that stay open, and how many more there may be for a moment."""
DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg2"})
BEGIN_IMMEDIATE = "backline_begin_immediate"
"""Execution option: take SQLite's write lock when the transaction starts."""
WITHOUT_TRANSACTION = "backline_without_transaction"
"""Execution option: send PostgreSQL no BEGIN and no COMMIT."""


def create_engine(database_url: str) -> Any:
    """Make an engine for SQLite or PostgreSQL; connects on first use.

    Raises:
        StoreConfigError: the URL is not one, or names a database or driver Backline does not know.
    """
    try:
        url = sa.engine.make_url(database_url)
    except (ArgumentError, ValueError):
        # Without the cause, which quotes the URL and so its password.
        raise StoreConfigError(
            "DATABASE_URL is not a database URL such as sqlite:///backline.db or "
            "postgresql://user@host/backline"
        ) from None
    if url.drivername not in DRIVERS:
        raise StoreConfigError(
            f"DATABASE_URL starts with {url.drivername}://, which Backline does not know; "
            "it takes sqlite:/// and a file, or postgresql://"
        )
    try:
        return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    except ImportError as error:
        raise StoreConfigError(f"DATABASE_URL needs a driver that is missing: {error}") from error


def _sqlite(url: Any) -> Any:
    if url.database in (None, "", ":memory:"):
        raise StoreConfigError(
            "DATABASE_URL names a database in memory, which forgets; name a file, as in "
            "sqlite:///backline.db"
        )
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        # Opening a file anew for each transaction costs more than most transactions.
        poolclass=QueuePool,
        connect_args={"timeout": SQLITE_BUSY_MS / 1000, "check_same_thread": False},
    )
    sa.event.listen(engine, "do_connect", lambda *_: keep_private(Path(url.database)))
    sa.event.listen(engine, "connect", prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def keep_private(database: Path) -> None:
    """Let nobody but its owner read an SQLite database, made here if it is not there yet.

    Its log and shared memory get the same rights from SQLite when they are made.
    """
    if str(database).startswith("file:"):
        return
    # A file that is there is never opened here: closing it would drop the locks by which SQLite
    # tells other processes that this one uses it. They would take its log away.
    with _making, suppress(OSError):
        # What cannot be made is told by SQLite, which connects next.
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            file = database.with_name(database.name + suffix)
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def sqlite_file(url: Any) -> Path | None:
    """Give the file of an SQLite database; None for other databases.

    Args:
        url: SQLAlchemy's.
    """
    if url.get_backend_name() != "sqlite" or str(url.database).startswith("file:"):
        return None
    return Path(str(url.database))


def _postgresql(url: Any) -> Any:
    options = " ".join(
        [
            f"-c statement_timeout={POSTGRES_STATEMENT_MS}",
            f"-c lock_timeout={POSTGRES_LOCK_MS}",
            f"-c idle_in_transaction_session_timeout={POSTGRES_IDLE_MS}",
            # The operator's own come last and win.
            *_as_list(url.query.get("options")),
        ]
    )
    defaults = {
        "connect_timeout": POSTGRES_CONNECT_S,
        # A server that vanished from the network is noticed as soon as one that says no.
        "tcp_user_timeout": POSTGRES_STATEMENT_MS,
    }
    given = {name: value for name, value in defaults.items() if name not in url.query}
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        pool_size=POSTGRES_KEPT,
        max_overflow=POSTGRES_MORE,
        pool_timeout=POSTGRES_CONNECT_S,
        connect_args={**given, "options": options},
    )
    sa.event.listen(engine, "checkout", _prepare_postgresql)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: Any, _proxy: Any) -> None:
    """What SQLAlchemy's `pool_pre_ping` is for, without a question to the server and back.

    A server says something on a connection that nobody uses only when it ends it.
    """
    waiting = select.poll()
    try:
        waiting.register(connection.fileno(), select.POLLIN)
    except psycopg2.InterfaceError:
        raise InvalidatePoolError from None
    if waiting.poll(0):
        raise InvalidatePoolError
    connection.autocommit = False


def _begin_postgresql(connection: Any) -> None:
    if connection.get_execution_options().get(WITHOUT_TRANSACTION, False):
        # SQLAlchemy's own AUTOCOMMIT would tell the server when it is set back.
        connection.connection.dbapi_connection.autocommit = True


def write_turn(engine: Any) -> AbstractContextManager[Any]:
    """Wait for the turn to write, among the threads of this process.

    SQLite has one writer at a time and lets the others poll for their turn, up to a tenth of a
    second apart and in no order: under load somebody waits in vain. PostgreSQL needs none of this.

    Raises:
        StoreUnavailable: on entering, if the turn does not come within `TURN_S`.
    """
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return _turn(_turns.setdefault(str(engine.url.database), threading.RLock()))


@contextmanager
def _turn(lock: threading.RLock) -> Iterator[None]:
    if not lock.acquire(timeout=TURN_S):
        raise StoreUnavailable("the database is locked: no write of this server comes to its end")
    try:
        yield
    finally:
        lock.release()


_turns: dict[str, threading.RLock] = {}
_making = threading.Lock()


def _as_list(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set WAL for readers beside a writer, real foreign keys, and deleted data overwritten."""
    # The driver would begin a transaction only at the first change, after what it rests on was
    # read; `_begin_sqlite` begins it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={SQLITE_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get(BEGIN_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
