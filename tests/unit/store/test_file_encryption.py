"""A file is encrypted piece by piece, and every change of it is noticed."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from backline.store import file_encryption
from backline.store.cipher import Cipher
from backline.store.errors import Unreadable
from backline.store.file_encryption import Damaged, decrypt_file, encrypt_file, is_encrypted_file

PIECE = 64
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_encryption, "PIECE", PIECE)


def encrypted(folder: Path, content: bytes) -> Path:
    plain, file = folder / "plain", folder / "encrypted"
    plain.write_bytes(content)
    encrypt_file(plain, file, Cipher([OLD]))
    return file


def decrypted(file: Path, *keys: str) -> bytes:
    plain = file.with_name("again")
    decrypt_file(file, plain, Cipher(keys or [OLD]))
    return plain.read_bytes()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 5 * PIECE + 7])
def test_a_file_of_any_size_comes_back(tmp_path: Path, size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    assert decrypted(encrypted(tmp_path, content)) == content


def test_nothing_of_it_shows_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = encrypted(tmp_path, b"my private matter" * 20)
    assert b"private" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert is_encrypted_file(file)


def test_an_older_key_still_decrypts(tmp_path: Path) -> None:
    assert decrypted(encrypted(tmp_path, b"told"), NEW, OLD) == b"told"


def test_without_its_key_it_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        decrypted(encrypted(tmp_path, b"told"), NEW)


SEALED = PIECE + 16


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-1],
        lambda body: body[:-SEALED],
        lambda body: body + body[-SEALED:],
        lambda body: body[:-2] + bytes([body[-2] ^ 1]) + body[-1:],
        lambda body: body[: -3 * SEALED] + body[-2 * SEALED : -SEALED] + body[-SEALED:],
        lambda body: body[:-SEALED] + body[-2 * SEALED : -SEALED],
    ],
    ids=["a byte less", "a piece less", "a piece more", "a bit", "one left out", "one twice"],
)
def test_every_change_is_noticed(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    file = encrypted(tmp_path, bytes(range(PIECE)) * 4)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(Damaged):
        decrypted(file)
