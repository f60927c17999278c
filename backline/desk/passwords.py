"""Passwords of staff: which may be chosen, and how they are kept. ASVS 4, chapter 2, level 2."""

from __future__ import annotations

import re
import threading
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backline.failures import Told

SHORTEST, LONGEST = 12, 128
DENIED = Path(__file__).parent / "denied_passwords.txt"
AT_ONCE = 2
"""Each takes 64 MB and all of a core for a twentieth of a second."""
PATIENCE_S = 5.0


class WeakPassword(Told, ValueError):
    """A password that may not be chosen; the text says why."""


class Busy(RuntimeError):
    """Too many sign in at once."""


class Passwords:
    """Makes and checks hashes by argon2id, a few at a time. Threads may share one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = self._hasher.hash("a password that nobody has")

    def hash(self, password: str) -> str:
        """Make the hash that is kept of a password.

        Raises:
            Busy: its turn did not come in time.
        """
        with _Turn(self._turn):
            return self._hasher.hash(_plain(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one of a hash. Without a hash it takes as long to say no.

        Raises:
            Busy: its turn did not come in time.
        """
        with _Turn(self._turn):
            try:
                fits = self._hasher.verify(kept or self._nobodys, _plain(password))
            except (VerificationError, InvalidHashError):
                return False
        return fits and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether today's hashes cost more than this one."""
        return self._hasher.check_needs_rehash(kept)


class _Turn:
    def __init__(self, semaphore: threading.BoundedSemaphore) -> None:
        self._semaphore = semaphore

    def __enter__(self) -> None:
        if not self._semaphore.acquire(timeout=PATIENCE_S):
            raise Busy

    def __exit__(self, *_: object) -> None:
        self._semaphore.release()


def check_password(password: str, *names: str) -> None:
    """Return if a password may be chosen: long enough, and none that is tried first.

    Args:
        names: words that others know of who chooses it, such as their name and e-mail address.

    Raises:
        WeakPassword: it may not; the text says why.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise WeakPassword(f"take {SHORTEST} characters or more; a few words are easy to remember")
    if len(plain) > LONGEST:
        raise WeakPassword(f"take {LONGEST} characters at most")
    if _core(plain) in _denied() or plain.casefold() in _denied():
        raise WeakPassword("that is one of the passwords that are tried first; take another one")
    if _is_of(plain, names):
        raise WeakPassword("that is little more than a name or an address; take another one")


def _plain(password: str) -> str:
    # The same letters come in several encodings, by the keyboard they are typed on.
    return unicodedata.normalize("NFKC", password)


def _core(password: str) -> str:
    """What is left without what is put around a word to make it longer: Password!2026 is password.

    A word or a character that is repeated counts once.
    """
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.casefold())
    repeated = re.fullmatch(r"(.+?)\1+", word or password.casefold())
    return repeated[1] if repeated else word


def _is_of(password: str, names: tuple[str, ...]) -> bool:
    known = {
        part
        for name in names
        for part in (name.casefold(), *re.split(r"[\W_]+", name.casefold()))
        if part
    }
    told = password.casefold()
    return told in known or _core(told) in known


def _denied() -> frozenset[str]:
    lines = DENIED.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
