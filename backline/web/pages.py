"""The chat page at `/`, its files, and what it has to know about the clinic."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Blueprint, response
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.server.responses import clinic_words
from backline.settings import Clinic

STATIC = Path(__file__).parent / "static"
INDEX = "index.html"
OPENING = "utter_opening"
LANGUAGE = "en"

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
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
    """One file of the page, as it is sent."""

    body: bytes
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


def page_blueprint(clinic: Clinic) -> Blueprint:
    """Routes for `/`, `/static/...` and `/page-config`.

    The opening line is the domain's; without a domain in `app.ctx.agent` it is null and the page
    keeps its own.
    """
    pages = Blueprint("backline_pages")
    assets = load_assets(STATIC)

    @pages.route("/", methods=["GET", "HEAD"])
    async def index(request: Request) -> HTTPResponse:
        return answer(request, assets[INDEX])

    @pages.route("/static/<name:str>", methods=["GET", "HEAD"])
    async def static(request: Request, name: str) -> HTTPResponse:
        if name not in assets:
            raise NotFound("There is no such file.")
        return answer(request, assets[name])

    @pages.route("/page-config", methods=["GET", "HEAD"])
    async def page_config(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        responses = agent.domain.responses if agent is not None else {}
        body = json.dumps(config_of(clinic, responses), ensure_ascii=False).encode()
        return answer(request, Asset(body, "application/json"))

    return pages


def load_assets(folder: Path) -> dict[str, Asset]:
    """The page's files by name; only these can be asked for, whatever a path says."""
    return {
        path.name: Asset(path.read_bytes(), CONTENT_TYPES[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in CONTENT_TYPES
    }


def config_of(clinic: Clinic, responses: dict[str, Any]) -> dict[str, str | None]:
    """What the page shows of the clinic, and its first line."""
    return {
        "clinic_name": clinic.name,
        "phone": clinic.phone,
        "emergency_number": clinic.emergency_number,
        "health_line": clinic.health_line,
        "crisis_line": clinic.crisis_line,
        "language": LANGUAGE,
        "title": f"Back pain assistant | {clinic.name}",
        "opening": _opening(clinic, responses),
    }


def answer(request: Request, asset: Asset) -> HTTPResponse:
    """The file, or 304 when the browser has it already."""
    headers = {**SECURITY_HEADERS, **REVALIDATE, "ETag": asset.etag}
    if _has(request, asset.etag):
        return response.empty(status=304, headers=headers)
    if request.method == "HEAD":
        return response.raw(
            b"",
            content_type=asset.content_type,
            headers={**headers, "Content-Length": str(len(asset.body))},
        )
    return response.raw(asset.body, content_type=asset.content_type, headers=headers)


def _has(request: Request, etag: str) -> bool:
    held = request.headers.get("if-none-match", "")
    return held == "*" or etag in {tag.strip().removeprefix("W/") for tag in held.split(",")}


def _opening(clinic: Clinic, responses: dict[str, Any]) -> str | None:
    variants = responses.get(OPENING) or []
    if not variants:
        return None
    text = str(variants[0]["text"])
    for name, word in clinic_words(clinic).items():
        text = text.replace("{" + name + "}", word)
    return text
