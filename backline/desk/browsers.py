"""What a browser holds of the desk: one cookie, and forms that were made for it."""

from __future__ import annotations

import datetime as dt
import hmac
import re

from starlette.requests import Request
from starlette.responses import Response

from backline.desk.settings import DeskSettings
from backline.desk.tokens import form_token
from backline.store.sign_in_tries import KNOWN_FOR

IDLE = dt.timedelta(minutes=30)
"""How long somebody stays signed in who does nothing, and LONGEST at most: ASVS 4, 3.3.2."""
LONGEST = dt.timedelta(hours=12)
HALF = dt.timedelta(minutes=10)
"""How long there is for the code, once the password was given."""
_SHAPE = r"[A-Za-z0-9_-]{43}"


def cookie_name(settings: DeskSettings) -> str:
    """Name the cookie; by TLS so that browsers take it from this very host alone."""
    return "__Host-desk" if settings.secure else "desk"


def token_in(request: Request, settings: DeskSettings) -> str | None:
    """Find the token that a browser sends, if it is one."""
    held = request.cookies.get(cookie_name(settings), "")
    return held if re.fullmatch(_SHAPE, held) else None


def keep_token(response: Response, token: str, settings: DeskSettings) -> None:
    """Have the browser hold a token until it is closed."""
    response.set_cookie(
        cookie_name(settings),
        token,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def known_token_in(request: Request, settings: DeskSettings) -> str | None:
    """Find the token by which a browser is known, in which somebody has signed in before."""
    held = request.cookies.get(_known_name(settings), "")
    return held if re.fullmatch(_SHAPE, held) else None


def keep_known_token(response: Response, token: str, settings: DeskSettings) -> None:
    """Have the browser hold the token by which it is known, beyond the session."""
    response.set_cookie(
        _known_name(settings),
        token,
        max_age=int(KNOWN_FOR.total_seconds()),
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def _known_name(settings: DeskSettings) -> str:
    return f"{cookie_name(settings)}-known"


def comes_from_here(request: Request, form: dict[str, str], token: str | None, url: str) -> bool:
    """Tell whether a form was sent from a page of the desk, in the browser that got it.

    Args:
        url: where staff reach the desk.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin.lower() != url:
        return False
    given = form.get("form_token", "")
    if token is None or not given.isascii():
        return False
    return hmac.compare_digest(given, form_token(token))
