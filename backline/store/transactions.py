"""One transaction a need, on either database; what drivers raise becomes `StoreUnavailable`."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backline.store.engine import BEGIN_IMMEDIATE, WITHOUT_TRANSACTION, write_turn
from backline.store.errors import translate_driver_errors
from backline.store.tables import Conversation

logger = logging.getLogger(__name__)


class Transactions:
    """Opens sessions that commit at the end of the block, or not at all."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{BEGIN_IMMEDIATE: True})
        self._reader = engine.execution_options(**{WITHOUT_TRANSACTION: True})

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the database is SQLite; else it is PostgreSQL."""
        return bool(self.engine.dialect.name == "sqlite")

    @property
    def insert(self) -> Any:
        """Return the database's own `insert`, which knows ON CONFLICT."""
        return (sqlite if self.is_sqlite else postgresql).insert

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for questions only. PostgreSQL is sent nothing but these.

        In a transaction, too, each of them would see what others stored until it was asked.
        """
        with self._session(self._reader) as session:
            yield session

    @contextmanager
    def batch(self) -> Iterator[Session]:
        """Open a session for PostgreSQL: statements sent in one string are one transaction."""
        with self.reading() as session:
            yield session

    @contextmanager
    def long_read(self) -> Iterator[Session]:
        """Open a session as `reading`, in one transaction whose settings can be changed."""
        with self._session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open one transaction; takes SQLite's write lock at the start."""
        with (
            translate_driver_errors(),
            write_turn(self.engine),
            Session(self._writer, future=True) as session,
            session.begin(),
        ):
            yield session

    def touch(self, session: Session, conversation_id: str, channel: str, now: dt.datetime) -> None:
        """Note a sign of life, and hold the conversation until the transaction ends."""
        session.execute(
            self.insert(Conversation)
            .values(id=conversation_id, channel=channel[:32], created_at=now, last_seen_at=now)
            .on_conflict_do_update(
                index_elements=[Conversation.id], set_={Conversation.last_seen_at: now}
            )
        )

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

    @staticmethod
    @contextmanager
    def _session(engine: Any) -> Iterator[Session]:
        with (
            translate_driver_errors(),
            Session(engine, future=True) as session,
            session.begin(),
        ):
            yield session


def update_rows(session: Session, table: Any, conditions: Sequence[Any], **values: Any) -> int:
    """Change the rows of a table that meet all conditions; return how many there were."""
    statement = sa.update(table).where(*conditions).values(**values)
    done = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)


def hold(session: Session, conversation_id: str) -> None:
    """Keep others from changing what staff keep of a conversation until the transaction ends."""
    mine = sa.select(Conversation.id).where(Conversation.id == conversation_id)
    session.execute(mine.with_for_update(key_share=True))
