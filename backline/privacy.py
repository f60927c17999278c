"""Numbers and texts of messaging services: hashed to be found again, encrypted to be used."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from backline.failures import Told

ID_CHARACTERS = 40


class Unsealable(Told, ValueError):
    """A sealed text that none of the keys opens."""


class Seal:
    """Keeps who somebody is from whoever reads the database or a log.

    Args:
        pseudonym_key: turns an address into the id of its conversation. Another one makes
            everybody a stranger.
        encryption_keys: Fernet keys, the newest first: it seals, all of them open.

    Raises:
        ValueError: a key is not one.
    """

    def __init__(self, pseudonym_key: str, encryption_keys: Sequence[str]) -> None:
        self._pseudonym_key = pseudonym_key.encode()
        self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])

    def conversation_of(self, channel: str, address: str) -> str:
        """The id of the conversation with this address: a keyed hash, the same every time."""
        return f"{channel}-{self.digest(channel, address)}"

    def digest(self, *parts: str) -> str:
        """A keyed hash of 40 hexadecimal digits."""
        text = "\x1f".join(parts).encode()
        return hmac.new(self._pseudonym_key, text, hashlib.sha256).hexdigest()[:ID_CHARACTERS]

    def close(self, data: Any) -> str:
        """JSON-ready data, encrypted."""
        return self._fernet.encrypt(json.dumps(data).encode()).decode()

    def open(self, sealed: str) -> Any:
        """What was sealed.

        Raises:
            Unsealable: it was sealed with a key that is no longer there, or it was changed.
        """
        try:
            return json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise Unsealable("none of BACKLINE_ENCRYPTION_KEYS opens it") from None

    def renew(self, sealed: str) -> str:
        """The same, sealed with the newest key.

        Raises:
            Unsealable: as `open`.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise Unsealable("none of BACKLINE_ENCRYPTION_KEYS opens it") from None


def renewer(encryption_keys: Sequence[str]) -> Callable[[str], str]:
    """What `Seal.renew` does, by these keys, the newest first."""
    return Seal("", encryption_keys).renew


def new_pseudonym_key() -> str:
    """A new random key for pseudonyms."""
    return secrets.token_urlsafe(32)


def new_encryption_key() -> str:
    """A new random key for encryption."""
    return Fernet.generate_key().decode()
