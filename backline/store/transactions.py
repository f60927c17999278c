"""One transaction a need, on either database, with its troubles told plainly."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backline.store.engine import BEGIN_IMMEDIATE, WITHOUT_TRANSACTION, write_turn
from backline.store.errors import told_plainly

logger = logging.getLogger(__name__)


class Transactions:
    """Opens sessions that commit at the end of the block, or not at all."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{BEGIN_IMMEDIATE: True})
        self._reader = engine.execution_options(**{WITHOUT_TRANSACTION: True})

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite, else it is PostgreSQL."""
        return bool(self.engine.dialect.name == "sqlite")

    @property
    def insert(self) -> Any:
        """The database's own `insert`, which knows ON CONFLICT."""
        return (sqlite if self.is_sqlite else postgresql).insert

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """For questions only. PostgreSQL is sent nothing but these.

        In a transaction, too, each of them would see what others stored until it was asked.
        """
        with told_plainly(), Session(self._reader, future=True) as session, session.begin():
            yield session

    @contextmanager
    def at_once(self) -> Iterator[Session]:
        """For PostgreSQL: statements that are sent in one string are one transaction."""
        with self.reading() as session:
            yield session

    @contextmanager
    def searching(self) -> Iterator[Session]:
        """As `reading`, in one transaction whose settings can be changed."""
        with told_plainly(), Session(self.engine, future=True) as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction; takes SQLite's write lock at the start."""
        with (
            told_plainly(),
            write_turn(self.engine),
            Session(self._writer, future=True) as session,
            session.begin(),
        ):
            yield session

    def empty_log(self) -> None:
        """Take deleted rows out of SQLite's write-ahead log, too; never fails."""
        if not self.is_sqlite:
            return
        try:
            with closing(self.engine.raw_connection()) as connection:
                (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except Exception as error:  # noqa: BLE001 - the rows are deleted; this must not deny it
            busy = type(error).__name__
        if busy:
            logger.warning(
                "The database is in use: deleted rows leave its write-ahead log at the next purge."
            )
