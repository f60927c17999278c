"""Encrypting what is stored already, portion by portion beside running servers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backline.store import call_backs
from backline.store.audit import Audit
from backline.store.calls import ABOUT, HEARD, STATE
from backline.store.cases import NOTE
from backline.store.cipher import FORMAT, is_encrypted
from backline.store.corrections import REASON
from backline.store.desk_tables import CallBack, Correction
from backline.store.engine import write_turn
from backline.store.errors import translate_driver_errors
from backline.store.events import EVENTS, SAID, has_events, mark_of
from backline.store.field_encryption import FieldEncryption
from backline.store.staff import TOTP_SECRET
from backline.store.suspicions import CLAUSE, QUOTE
from backline.store.tables import (
    Call,
    EncryptionState,
    Handling,
    Hearing,
    StaffAccount,
    SuspicionRow,
    UnansweredQuestionRow,
    schema_compatibility,
)
from backline.store.takeover_tables import TakeoverMessageRow
from backline.store.takeovers import WORDS
from backline.store.transactions import Transactions
from backline.store.unanswered_questions import QUESTION

PORTION = 200
"""Rows that are encrypted in one transaction: some milliseconds."""
EVENT_DATA = ("events.data",)
OLDEST = "0006"
"""The first revision whose version of Backline can read what is encrypted."""
_CALL_BACK = {"name": call_backs.NAME, "number": call_backs.NUMBER, "note": call_backs.NOTE}

Values = dict[str, Any]


class Reencryption:
    """Encrypts what was stored before, or by an older key. Stopped at any time, it begins again."""

    def __init__(
        self, transactions: Transactions, field_encryption: FieldEncryption, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._encryption = field_encryption
        self._audit = audit

    def is_complete(self) -> bool:
        """Tell whether nothing is left to be encrypted for the first time."""
        with self._transactions.reading() as session:
            return bool(session.execute(sa.select(EncryptionState.complete)).scalar())

    def portions(self, *, anew: bool = False) -> Iterator[int]:
        """Do a portion of the work each time; gives how many rows it encrypted.

        Servers of earlier versions cannot start any more from the first portion on.

        Args:
            anew: also what is encrypted with another key than the newest.

        Raises:
            StoreUnavailable: the database does not answer; what was done stays done.
            Unreadable: something is encrypted with a key that is not there.
        """
        self._leave_earlier_versions()
        if anew:
            self._keep_keys_anew()
        done = self._encryption.cipher.newest_prefix if anew else FORMAT
        for table in self._tables():
            after = 0
            while (last := self._end_of_portion(table, after)) is not None:
                begun = time.monotonic()
                changed = self._portion(table, after, last, done)
                # As long as it took, others have their turn at SQLite's write lock.
                time.sleep(time.monotonic() - begun)
                yield changed
                after = last
        self._finish()

    def _leave_earlier_versions(self) -> None:
        oldest = schema_compatibility.c.oldest
        with self._transactions.writing() as session:
            session.execute(
                sa.update(schema_compatibility).where(oldest < OLDEST).values(oldest=OLDEST)
            )

    def _tables(self) -> list[_Table]:
        with self._transactions.long_read() as session:
            rasa = [_Table(EVENTS, "data", self._event)] if has_events(session) else []
        return [
            *rasa,
            _Table(Hearing.__table__, "heard", self._hearing),
            _Table(Call.__table__, "state", self._call),
            _Table(SuspicionRow.__table__, "clause", self._suspicion),
            _Table(UnansweredQuestionRow.__table__, "question", self._question),
            _Table(StaffAccount.__table__, "totp_secret", self._secret),
            _Table(Handling.__table__, "note", self._note),
            *(
                _Table(CallBack.__table__, column, self._sealed(column, place))
                for column, place in _CALL_BACK.items()
            ),
            _Table(TakeoverMessageRow.__table__, "text", self._sealed("text", WORDS)),
            _Table(Correction.__table__, "reason", self._sealed("reason", REASON)),
        ]

    def _end_of_portion(self, table: _Table, after: int) -> int | None:
        ids = sa.select(table.id.label("id")).where(table.id > after).order_by(table.id)
        portion = ids.limit(PORTION).subquery()
        with self._transactions.reading() as session:
            last: int | None = session.execute(sa.select(sa.func.max(portion.c.id))).scalar()
            return last

    def _portion(self, table: _Table, after: int, last: int, done: str) -> int:
        mine = sa.select(table.rows).where(table.id > after, table.id <= last).order_by(table.id)
        with self._transactions.writing() as session:
            # A call goes on meanwhile; nothing else ever changes.
            rows = session.execute(mine.with_for_update()).mappings().all()
            changed = [
                {"row": row["id"], **table.changed(row)}
                for row in rows
                if not _is_done(row[table.column], done)
            ]
            if changed:
                _store(session, table, changed)
        return len(changed)

    def _event(self, row: Any) -> Values:
        owner, data = row["sender_id"], row["data"]
        text = self._encryption.decrypt(data, *EVENT_DATA, owner)
        mark = row["action_name"]
        if row["type_name"] == SAID and mark is None:
            message_id = json.loads(text).get("message_id")
            mark = mark_of(message_id) if message_id else None
        cipher = self._encryption.cipher
        return {"data": cipher.encrypt(text, *EVENT_DATA, owner), "action_name": mark}

    def _hearing(self, row: Any) -> Values:
        owner, encrypt = row["conversation_id"], self._encryption.cipher.encrypt
        return {
            "about": encrypt(self._encryption.decrypt(row["about"], *ABOUT, owner), *ABOUT, owner),
            "heard": encrypt(self._encryption.decrypt(row["heard"], *HEARD, owner), *HEARD, owner),
        }

    def _suspicion(self, row: Any) -> Values:
        owner, decrypt = row["conversation_id"], self._encryption.decrypt
        encrypt = self._encryption.cipher.encrypt
        return {
            "clause": encrypt(decrypt(row["clause"], *CLAUSE, owner), *CLAUSE, owner),
            "quote": encrypt(decrypt(row["quote"], *QUOTE, owner), *QUOTE, owner),
        }

    def _question(self, row: Any) -> Values:
        owner, encrypt = row["conversation_id"], self._encryption.cipher.encrypt
        question = self._encryption.decrypt(row["question"], *QUESTION, owner)
        return {"question": encrypt(question, *QUESTION, owner)}

    def _call(self, row: Any) -> Values:
        owner = row["conversation_id"]
        state = self._encryption.decrypt_json(row["state"], *STATE, owner)
        return {"state": self._encryption.cipher.encrypt(json.dumps(state), *STATE, owner)}

    def _secret(self, row: Any) -> Values:
        place = (*TOTP_SECRET, str(row["id"]))
        secret = self._encryption.decrypt(row["totp_secret"], *place)
        return {"totp_secret": self._encryption.cipher.encrypt(secret, *place)}

    def _note(self, row: Any) -> Values:
        owner = row["conversation_id"]
        note = self._encryption.decrypt(row["note"], *NOTE, owner)
        return {"note": self._encryption.cipher.encrypt(note, *NOTE, owner)}

    def _sealed(self, column: str, place: tuple[str, ...]) -> Callable[[Any], Values]:
        def changed(row: Any) -> Values:
            owner = row["conversation_id"]
            text = self._encryption.decrypt(row[column], *place, owner)
            return {column: self._encryption.cipher.encrypt(text, *place, owner)}

        return changed

    def _keep_keys_anew(self) -> None:
        hash_key = self._encryption.encrypted_hash_key()
        with self._transactions.writing() as session:
            audit = self._audit.encrypted_anew(session)
            session.execute(sa.update(EncryptionState).values(hash_key=hash_key, **audit))

    def _finish(self) -> None:
        with self._transactions.writing() as session:
            session.execute(sa.update(EncryptionState).values(complete=True))
        if self._transactions.is_sqlite:
            # What was there before may be left in pages that are not in use, and in the log.
            with (
                translate_driver_errors(),
                write_turn(self._transactions.engine),
                closing(self._transactions.engine.raw_connection()) as connection,
            ):
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@dataclass(frozen=True)
class _Table:
    """Rows to be encrypted: `column` tells whether they are, `changed` gives what they become."""

    rows: Any
    column: str
    changed: Callable[[Any], Values]

    @property
    def id(self) -> Any:
        return self.rows.c.id


def _is_done(kept: Any, done: str) -> bool:
    return kept is None or (is_encrypted(kept) and str(kept).startswith(done))


def _store(session: Session, table: _Table, changed: list[Values]) -> None:
    new = {name: sa.bindparam(f"new_{name}") for name in changed[0] if name != "row"}
    statement = sa.update(table.rows).where(table.id == sa.bindparam("row_id")).values(**new)
    session.connection().execute(
        statement,
        [{"row_id": row["row"], **{f"new_{name}": row[name] for name in new}} for row in changed],
    )
