"""Headers that every answer carries, whatever else it has: errors and conversations too."""

from __future__ import annotations

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

ALWAYS = {
    # Nothing of ours is to be run, shown or framed, unless an answer says otherwise, as pages do.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What somebody said, or that they have a conversation here, is for no cache on the way.
    "Cache-Control": "no-store",
}


def secure_headers(app: Sanic) -> None:
    """Add them to each answer that has none of its own."""

    @app.middleware("response")
    async def add(_: Request, answer: HTTPResponse) -> None:
        for name, value in ALWAYS.items():
            answer.headers.setdefault(name, value)
