"""Files that are encrypted as they are written: in pieces, so that their size does not matter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backline.store.cipher import Cipher

TITLE = b"backline encrypted 1\n"
SALT_BYTES = 16
KEY_ID_CHARACTERS = 8
TAG_BYTES = 16
PIECE = 1024 * 1024


class Damaged(ValueError):
    """An encrypted file that was changed, or is not whole."""


def is_encrypted_file(file: Path) -> bool:
    """Tell whether a file begins as those do that `encrypt_file` writes.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as source:
        return source.read(len(TITLE)) == TITLE


def encrypt_file(plain: Path, encrypted: Path, cipher: Cipher) -> None:
    """Write a file anew, encrypted with the newest key by AES-256-GCM, for its owner alone.

    Each file has a key of its own. Each piece is numbered, and the last is marked, so that none can
    be left out or put elsewhere.
    """
    salt = os.urandom(SALT_BYTES)
    aes = AESGCM(cipher.file_key(cipher.newest, salt))
    head = TITLE + cipher.newest.encode() + salt
    encrypted.touch(mode=0o600)
    with plain.open("rb") as source, encrypted.open("wb") as target:
        target.write(head)
        for number, is_last, piece in _pieces(source, PIECE):
            target.write(aes.encrypt(_nonce(number, is_last), piece, head))


def decrypt_file(encrypted: Path, plain: Path, cipher: Cipher) -> None:
    """Write what `encrypt_file` was given, for its owner alone.

    Raises:
        Unreadable: none of the keys is the one that it was encrypted with.
        Damaged: it was changed, or its end is missing.
    """
    plain.touch(mode=0o600)
    with encrypted.open("rb") as source, plain.open("wb") as target:
        head = source.read(len(TITLE) + KEY_ID_CHARACTERS + SALT_BYTES)
        key_id = head[len(TITLE) : -SALT_BYTES].decode("ascii", errors="replace")
        aes = AESGCM(cipher.file_key(key_id, head[-SALT_BYTES:]))
        for number, is_last, piece in _pieces(source, PIECE + TAG_BYTES):
            try:
                target.write(aes.decrypt(_nonce(number, is_last), piece, head))
            except InvalidTag:
                raise Damaged(f"{encrypted} was changed, or is not whole") from None


def _pieces(source: BinaryIO, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """The pieces of a file with their numbers, and whether it is the last; one if it is empty."""
    number, piece = 0, source.read(size)
    while True:
        following = source.read(size)
        yield number, not following, piece
        if not following:
            return
        number, piece = number + 1, following


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
