"""Looks into a server's database, to know when all is heard and sent instead of waiting awhile."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tests.conftest import Server

UNDONE = sa.text(
    "SELECT (SELECT count(*) FROM received_messages"
    " WHERE conversation_id = :id AND body IS NOT NULL)"
    " + (SELECT count(*) FROM outgoing_messages WHERE conversation_id = :id AND state = 'waiting')"
)


@lru_cache(maxsize=8)
def _engine(database_url: str) -> Any:
    return sa.create_engine(database_url, future=True, poolclass=sa.pool.NullPool)


def is_at_rest(database_url: str, conversation: str) -> bool:
    """Whether nothing of a conversation waits to be heard or sent."""
    with _engine(database_url).connect() as connection:
        return bool(connection.execute(UNDONE, {"id": conversation}).scalar_one() == 0)


def stored(server: Server) -> list[int]:
    """How many messages, people, replies and events a server on SQLite has stored."""
    path = server.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("received_messages", "contacts", "outgoing_messages", "events")
        ]
