"""One-time codes of authenticator apps (RFC 6238): six digits, anew every 30 seconds."""

from __future__ import annotations

import datetime as dt
import hmac
import io
import re

import pyotp
import segno

TOLERANCE = 1
"""Steps that the clock of a phone may be ahead or behind."""


def new_secret() -> str:
    """Make a secret of 160 random bits, as RFC 4226 recommends."""
    return pyotp.random_base32()


def address_of(secret: str, email: str, clinic: str) -> str:
    """Make the address by which an app takes up the secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=clinic)


def picture_of(address: str) -> str:
    """Draw that address as a QR code: SVG that stands in a page, without styles of its own."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=True, scale=5, light="#fff", svgclass="qr"
    )
    return drawn.getvalue().decode()


def step_of(secret: str, code: str, now: dt.datetime) -> int | None:
    """Find the time step that a code is of; None if it is wrong, or too old.

    Args:
        code: as it was typed, perhaps with spaces.
    """
    digits = re.sub(r"\s", "", code)
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    steps = range(current - TOLERANCE, current + TOLERANCE + 1)
    # All of them, so that the time taken does not tell which.
    fitting = [s for s in steps if hmac.compare_digest(totp.generate_otp(s), _ascii(digits))]
    return fitting[-1] if fitting else None


def _ascii(text: str) -> str:
    return text if text.isascii() else ""
