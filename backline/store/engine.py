"""Database connections as Backline needs them: quick to fail, and true to their constraints."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from backline.store.errors import StoreConfigError

SQLITE_BUSY_MS = 2000
POSTGRES_CONNECT_S = 3
POSTGRES_STATEMENT_MS = 5000


def create_engine(database_url: str) -> Any:
    """An engine for SQLite or PostgreSQL.

    Raises:
        StoreConfigError: the URL is not one, or names a database Backline does not know.
    """
    try:
        url = sa.engine.make_url(database_url)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise StoreConfigError(
            "DATABASE_URL is not a database URL such as sqlite:///backline.db or "
            "postgresql://user@host/backline"
        ) from error
    if backend == "sqlite":
        engine = sa.create_engine(url, future=True, connect_args={"timeout": SQLITE_BUSY_MS / 1000})
        sa.event.listen(engine, "connect", prepare_sqlite)
        return engine
    if backend != "postgresql":
        raise StoreConfigError(
            f"DATABASE_URL names {backend}; Backline works with sqlite and postgresql"
        )
    try:
        return sa.create_engine(
            url,
            future=True,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": POSTGRES_CONNECT_S,
                "options": f"-c statement_timeout={POSTGRES_STATEMENT_MS}",
            },
        )
    except (NoSuchModuleError, ImportError) as error:
        raise StoreConfigError(f"DATABASE_URL needs a driver that is missing: {error}") from error


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL for readers beside a writer, real foreign keys, and deleted data overwritten."""
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
