"""What people said, encrypted: texts that belong to somebody, under keys that can be changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backline.store.errors import Unreadable

FORMAT = "bl1:"
"""What every encrypted text begins with; no JSON does, and nothing that is heard on the phone."""
KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12


class Cipher:
    """Encrypts and decrypts by AES-256-GCM.

    An encrypted text tells by which key, and can be opened only as what it was closed as: moved to
    another column or another conversation, it is unreadable.

    Args:
        keys: as `backline keys new` prints them, the newest first: it encrypts, all decrypt.

    Raises:
        ValueError: a key is not one, or there is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("no key")
        secrets = [_secret(key) for key in keys]
        self._secrets = {_derived(s, b"id", KEY_ID_BYTES).hex(): s for s in reversed(secrets)}
        self._ciphers = {i: AESGCM(_derived(s, b"rows")) for i, s in self._secrets.items()}
        self.newest = _derived(secrets[0], b"id", KEY_ID_BYTES).hex()
        """The id of the key that encrypts."""
        self.newest_prefix = f"{FORMAT}{self.newest}:"
        """What every text begins with that is encrypted with the newest key."""

    def encrypt(self, text: str, *place: str) -> str:
        """Encrypt a text.

        Args:
            place: where it is kept and whose it is; needed again to open it.
        """
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(nonce, text.encode(), _place(place))
        return self.newest_prefix + binascii.b2a_base64(nonce + sealed, newline=False).decode()

    def decrypt(self, kept: str, *place: str) -> str:
        """Decrypt a text; one that was never encrypted, as by earlier versions, stays as it is.

        Raises:
            Unreadable: its key is not there, or it was changed, or belongs to another place.
        """
        if not kept.startswith(FORMAT):
            return kept
        key, _, body = kept.removeprefix(FORMAT).partition(":")
        try:
            raw = binascii.a2b_base64(body)
            cipher = self._ciphers[key]
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _place(place)).decode()
        except (KeyError, InvalidTag, binascii.Error, ValueError):
            # Without the cause: nothing of what was stored goes into a log.
            raise Unreadable(
                "something stored is encrypted with a key that is not there, or was changed"
            ) from None

    def file_key(self, key_id: str, salt: bytes) -> bytes:
        """Derive the key of one encrypted file.

        Args:
            key_id: which of the keys it is made from.

        Raises:
            Unreadable: that key is not there.
        """
        if key_id not in self._secrets:
            raise Unreadable("the key that it was encrypted with is not there")
        return _derived(self._secrets[key_id], b"file" + salt)


def is_encrypted(kept: object) -> bool:
    """Tell whether something stored is an encrypted text."""
    return isinstance(kept, str) and kept.startswith(FORMAT)


def keyed_hash(key: bytes, text: str) -> str:
    """Make a hash of 64 hexadecimal digits that nobody can make without the key."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _secret(key: str) -> bytes:
    Fernet(key)
    return base64.urlsafe_b64decode(key)


def _derived(secret: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"backline at rest " + purpose).derive(secret)


def _place(parts: Sequence[str]) -> bytes:
    return "\x1f".join(parts).encode()
