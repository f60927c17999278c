"""The style sheet and scripts of the desk, as a browser gets them. No other host is asked."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HTMX = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"
"""Of htmx 2.0.11 as its authors publish it (htmx.org, 0BSD): a browser runs no other file."""


def static_routes(folder: Path) -> list[Route]:
    """Make a route for each file of a folder; only these can be asked for."""
    return [
        Route(f"/desk/static/{file.name}", partial(_send, *_read(file)), methods=["GET"])
        for file in sorted(folder.iterdir())
        if file.suffix in CONTENT_TYPES
    ]


def _read(file: Path) -> tuple[bytes, str, str]:
    body = file.read_bytes()
    return body, CONTENT_TYPES[file.suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"'


async def _send(body: bytes, kind: str, tag: str, request: Request) -> Response:
    # Asked each time, mostly answered 304: after an update no page runs with older scripts.
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
