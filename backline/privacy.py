"""Numbers and texts of messaging services: hashed to be found again, encrypted to be used."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from backline.failures import Told

ID_CHARACTERS = 40


class Undecryptable(Told, ValueError):
    """An encrypted text that none of the keys decrypts."""


class Pseudonymizer:
    """Names people by keyed hashes, so that whoever reads the database or a log knows nobody.

    Args:
        key: another one makes everybody a stranger.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def conversation_of(self, channel: str, address: str) -> str:
        """Return the id of the conversation with this address, the same every time."""
        return f"{channel}-{self.digest(channel, address)}"

    def digest(self, *parts: str) -> str:
        """Return a keyed hash of 40 hexadecimal digits."""
        text = "\x1f".join(parts).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:ID_CHARACTERS]


class Encryptor:
    """Encrypts what has to be used again, such as numbers.

    Args:
        keys: Fernet keys, the newest first: it encrypts, all of them decrypt.

    Raises:
        ValueError: a key is not one.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, data: Any) -> str:
        """Encrypt JSON-ready data with the newest key."""
        return self._fernet.encrypt(json.dumps(data).encode()).decode()

    def decrypt(self, encrypted: str) -> Any:
        """Return what was encrypted.

        Raises:
            Undecryptable: its key is no longer there, or it was changed.
        """
        try:
            return json.loads(self._fernet.decrypt(encrypted.encode()))
        except InvalidToken:
            raise Undecryptable("none of BACKLINE_ENCRYPTION_KEYS opens it") from None

    def rotate(self, encrypted: str) -> str:
        """Encrypt the same anew, with the newest key.

        Raises:
            Undecryptable: as `decrypt`.
        """
        try:
            return self._fernet.rotate(encrypted.encode()).decode()
        except InvalidToken:
            raise Undecryptable("none of BACKLINE_ENCRYPTION_KEYS opens it") from None


@dataclass(frozen=True)
class Privacy:
    """Both of them, by the keys of one clinic."""

    pseudonymizer: Pseudonymizer
    encryptor: Encryptor

    @classmethod
    def by(cls, pseudonym_key: str, encryption_keys: Sequence[str]) -> Privacy:
        """Make both by their keys.

        Raises:
            ValueError: a key is not one.
        """
        return cls(Pseudonymizer(pseudonym_key), Encryptor(encryption_keys))


def new_pseudonym_key() -> str:
    """Make a new random key for pseudonyms."""
    return secrets.token_urlsafe(32)


def new_encryption_key() -> str:
    """Make a new random key for encryption."""
    return Fernet.generate_key().decode()
