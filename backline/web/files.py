"""Files as a browser gets them: compressed, with an entity tag, and with strict headers."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

STATIC = Path(__file__).parent / "static"

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# A browser asks each time and is mostly answered 304: after an update no page runs with the
# scripts of the version before.
REVALIDATE = {"Cache-Control": "no-cache"}


@dataclass(frozen=True)
class Asset:
    """One file, as it is sent."""

    body: bytes
    content_type: str

    @cached_property
    def etag(self) -> str:
        """The entity tag: it changes with the content."""
        return f'"{self.digest[:32]}"'

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal digits."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def integrity(self) -> str:
        """For the attribute `integrity` of a script element."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.body).digest()).decode()}"

    @cached_property
    def compressed(self) -> bytes:
        """The content, gzipped."""
        return gzip.compress(self.body, compresslevel=9, mtime=0)


def load_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """A folder's files by name; only these can be asked for, whatever a path says."""
    return {
        path.name: Asset(path.read_bytes(), CONTENT_TYPES[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in CONTENT_TYPES
    }


def answer(request: Request, asset: Asset, extra: dict[str, str] | None = None) -> HTTPResponse:
    """The file, or 304 when the browser has it already; `extra` headers win over the usual."""
    headers = {**SECURITY_HEADERS, **REVALIDATE, **(extra or {}), "ETag": asset.etag}
    headers["Vary"] = "Accept-Encoding, Origin"
    if _has(request, asset.etag):
        return response.empty(status=304, headers=headers)
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.compressed
        headers["Content-Encoding"] = "gzip"
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(body))
        return response.raw(b"", content_type=asset.content_type, headers=headers)
    return response.raw(body, content_type=asset.content_type, headers=headers)


def _has(request: Request, etag: str) -> bool:
    held = request.headers.get("if-none-match", "")
    return held == "*" or etag in {tag.strip().removeprefix("W/") for tag in held.split(",")}
