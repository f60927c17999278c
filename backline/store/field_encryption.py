"""How what people said is kept in one database: encrypted, by keys that fit it."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import secrets
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backline.clock import utcnow
from backline.store.cipher import Cipher, is_encrypted, keyed_hash
from backline.store.errors import StoreConfigError, Unreadable
from backline.store.events import EVENTS, has_events
from backline.store.keys import SETTING, cipher_by, find_keys, key_file, make_key_file
from backline.store.tables import EncryptionState
from backline.store.transactions import Transactions

HASH_KEY = ("encryption.hash_key",)
logger = logging.getLogger(__name__)


class FieldEncryption:
    """Encrypts what is stored and decrypts it again. The keys are looked for at the first need.

    Args:
        cipher: in place of the keys of the environment and of the file beside the database.
    """

    def __init__(self, transactions: Transactions, cipher: Cipher | None = None) -> None:
        self._transactions = transactions
        self._url = transactions.engine.url
        self._cipher = cipher
        self._begins_at: dt.datetime | None = None
        self._hash_key: bytes | None = None
        self._prepared = False
        self.made: Path | None = None
        """The file that a key was made in, if there was none."""

    def prepare(self, *, make_key: bool = False) -> None:
        """Find the keys and see whether they fit.

        Args:
            make_key: for a new SQLite database, make one if there is none.

        Raises:
            StoreConfigError: there is no key, or none that fits; the text says what to do.
            StoreUnavailable: the database does not answer.
        """
        state = self._state()
        if self._cipher is None:
            keys = find_keys(self._url) or self._new_key(state, make_key)
            self._cipher = cipher_by(self._url, keys)
        if state is not None:
            self._begins_at = state.begins_at
            self._hash_key = self._decrypt_kept_hash_key(state.hash_key or self._keep_hash_key())
        self._prepared = True

    @property
    def cipher(self) -> Cipher:
        """Return the cipher by the keys of this database.

        Raises:
            StoreConfigError, StoreUnavailable: as `prepare`.
        """
        self._be_prepared()
        if self._cipher is None:
            raise AssertionError("prepared without keys")
        return self._cipher

    def keys(self) -> list[str]:
        """Return the keys themselves, the newest first; none before there is a key.

        Raises:
            StoreConfigError: the file beside the database cannot be read.
        """
        return find_keys(self._url)

    @property
    def begins_in(self) -> dt.timedelta:
        """Tell how long nothing is encrypted yet, since earlier versions may still read."""
        self._be_prepared()
        if self._begins_at is None:
            return dt.timedelta(0)
        return max(self._begins_at - utcnow(), dt.timedelta(0))

    def encrypt(self, text: str, *place: str) -> str:
        """Encrypt a text as it is to be stored; see `Cipher.encrypt`."""
        cipher = self.cipher
        return text if self.begins_in else cipher.encrypt(text, *place)

    def decrypt(self, kept: str, *place: str) -> str:
        """Decrypt a stored text; see `Cipher.decrypt`."""
        return self.cipher.decrypt(kept, *place)

    def encrypt_json(self, data: Any, *place: str) -> Any:
        """Encrypt JSON-ready data as it is to be stored in a column of JSON."""
        return data if self.begins_in else self.cipher.encrypt(json.dumps(data), *place)

    def decrypt_json(self, kept: Any, *place: str) -> Any:
        """Decrypt what was stored by `encrypt_json`."""
        return json.loads(self.decrypt(kept, *place)) if is_encrypted(kept) else kept

    def hash_of(self, conversation_id: str) -> str:
        """Return the hash under which it is kept that a conversation was erased.

        Raises:
            StoreConfigError: the tables are not there.
        """
        return keyed_hash(self.hash_key, conversation_id)

    @property
    def hash_key(self) -> bytes:
        """Return the key of the hashes of erased conversations; it outlives other keys."""
        if self._hash_key is None:
            self.prepare()
        if self._hash_key is None:
            raise StoreConfigError("the database has no tables yet; run `backline db upgrade`")
        return self._hash_key

    def encrypted_hash_key(self) -> str:
        """Return that key as it is stored, encrypted with the newest key."""
        return self.cipher.encrypt(base64.b64encode(self.hash_key).decode(), *HASH_KEY)

    def decrypt_hash_key(self, kept: str) -> bytes:
        """Decrypt what `encrypted_hash_key` gave.

        Raises:
            Unreadable: none of the keys opens it.
        """
        return base64.b64decode(self.decrypt(kept, *HASH_KEY))

    def _be_prepared(self) -> None:
        """Prepare at the first need, where nobody did before."""
        if not self._prepared:
            self.prepare()

    def _state(self) -> Any:
        with self._transactions.long_read() as session:
            if not sa.inspect(session.connection()).has_table(EncryptionState.__tablename__):
                return None
            state = EncryptionState
            return session.execute(sa.select(state.begins_at, state.hash_key)).first()

    def _new_key(self, state: Any, make_key: bool) -> list[str]:
        file = key_file(self._url)
        if file is None:
            raise StoreConfigError(
                f"{SETTING} is missing; what people write is stored encrypted, and this database "
                "needs you to bring the key: `backline keys new` makes one (docs/operating.md)"
            )
        if (state is not None and state.hash_key is not None) or self._holds_encrypted():
            raise StoreConfigError(
                f"{self._url.database} is encrypted and its key is gone: put {file} back from your "
                f"copy of it, or set {SETTING} to its key. Without the key what is stored cannot "
                "be read; to begin anew, move the database away"
            )
        if not make_key:
            raise StoreConfigError("the database has no key yet; run `backline db upgrade`")
        keys = make_key_file(file)
        self.made = file
        logger.warning(
            "What people write is encrypted with a new key, in %s. Keep a copy of it elsewhere: "
            "without it nobody can read what is stored.",
            file,
        )
        return keys

    def _holds_encrypted(self) -> bool:
        with self._transactions.long_read() as session:
            if not has_events(session):
                return False
            latest = sa.select(EVENTS.c.data).order_by(EVENTS.c.id.desc()).limit(1)
            return is_encrypted(session.execute(latest).scalar())

    def _keep_hash_key(self) -> str:
        """Store a new one, unless another server was faster; returns what is stored."""
        if self._cipher is None:
            raise AssertionError("no keys")
        new = base64.b64encode(secrets.token_bytes(32)).decode()
        column = EncryptionState.hash_key
        with self._transactions.writing() as session:
            values = {"hash_key": self._cipher.encrypt(new, *HASH_KEY)}
            first = sa.update(EncryptionState).where(column.is_(None)).values(**values)
            session.execute(first.execution_options(synchronize_session=False))
            return str(session.execute(sa.select(column)).scalar_one())

    def _decrypt_kept_hash_key(self, kept: str) -> bytes:
        if self._cipher is None:
            raise AssertionError("no keys")
        try:
            return base64.b64decode(self._cipher.decrypt(kept, *HASH_KEY))
        except Unreadable:
            file = key_file(self._url)
            where = SETTING if file is None else f"neither {SETTING} nor {file}"
            lacks = "does not have" if file is None else "has"
            raise StoreConfigError(
                f"the database is encrypted with another key: {where} {lacks} the key that it was "
                "encrypted with; put that key back, after a newer one if you have one"
            ) from None
