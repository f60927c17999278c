"""Where the keys are that encrypt a database: in the environment, or in a file beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cryptography.fernet import Fernet

from backline.store.cipher import Cipher
from backline.store.engine import sqlite_file
from backline.store.errors import StoreConfigError

SETTING = "BACKLINE_ENCRYPTION_KEYS"
COMMENT = "#"


def key_file(url: Any) -> Path | None:
    """Return the file of an SQLite database's keys, beside it; None for other databases.

    Args:
        url: SQLAlchemy's.
    """
    database = sqlite_file(url)
    return None if database is None else database.with_suffix(".key")


def find_keys(url: Any, environ: Mapping[str, str] | None = None) -> list[str]:
    """Find the keys of a database, the newest first; the environment's before the file's.

    Raises:
        StoreConfigError: the file cannot be read.
    """
    env = os.environ if environ is None else environ
    file = key_file(url)
    return [*_split(env.get(SETTING, "")), *(_read(file) if file is not None else [])]


def cipher_by(url: Any, keys: list[str]) -> Cipher:
    """Make the cipher by these keys.

    Raises:
        StoreConfigError: one of them is no key.
    """
    try:
        return Cipher(keys)
    except ValueError:
        file = key_file(url)
        beside = f", and so does {file}" if file is not None and file.exists() else ""
        raise StoreConfigError(
            f"{SETTING} takes keys made by `backline keys new`, the newest first, with commas "
            f"between them{beside}"
        ) from None


def make_key_file(file: Path) -> list[str]:
    """Make a key in a file that its owner alone can read; one that is there stays as it is.

    Raises:
        StoreConfigError: the file cannot be written.
    """
    text = (
        f"{COMMENT} The key of the database beside it. Keep a copy elsewhere, apart from backups:\n"
        f"{COMMENT} without it nobody can read what is stored.\n{Fernet.generate_key().decode()}\n"
    )
    try:
        # Readable by its owner alone from the first moment, and whole when it gets its name.
        with NamedTemporaryFile("w", dir=file.absolute().parent, prefix=".key-") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(new.name, file)
    except OSError as error:
        raise StoreConfigError(
            f"{file}, which is to hold the key of the database, cannot be written "
            f"({error.strerror}); set {SETTING}, with a key made by `backline keys new`"
        ) from None
    return _read(file)


def _read(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        raise StoreConfigError(
            f"{file}, which holds the key of the database, cannot be read"
        ) from None
    return [key for line in lines if not line.startswith(COMMENT) for key in _split(line)]


def _split(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]
