"""Random texts that nobody guesses: of a browser's cookie, of a link, and of forms.

Signed in or not, a browser holds one in its cookie. The token of its forms is a keyed hash of that,
which no other site can know; the database has a plain hash of it, once the password was given.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Make a random text for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Make what the database has of a token: of 256 random bits a plain hash tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_token(token: str) -> str:
    """Make the token of the forms of whoever holds a cookie."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()
