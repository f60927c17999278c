"""The clinic's page at `/`, and `/embed-test` with the chat on a page that is hostile to it."""

from __future__ import annotations

import html
import re

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.responses import clinic_words, fill
from backline.settings import Clinic
from backline.web.files import Asset, answer, load_assets

PAGES = {"/": "index.html", "/embed-test": "embed-test.html"}
WIDGET = "widget.js"


def page_blueprint(clinic: Clinic) -> Blueprint:
    """Routes for the pages and, under `/static/`, their style sheets and pictures."""
    pages = Blueprint("backline_pages")
    assets = load_assets()
    widget = assets.pop(WIDGET)
    shown = {name: _filled(assets.pop(name), clinic, widget) for name in PAGES.values()}

    @pages.route("/static/<name:str>", methods=["GET", "HEAD"])
    async def static(request: Request, name: str) -> HTTPResponse:
        if name not in assets:
            raise NotFound("There is no such file.")
        return answer(request, assets[name])

    @pages.route("/", methods=["GET", "HEAD"])
    async def index(request: Request) -> HTTPResponse:
        return answer(request, shown[PAGES["/"]])

    @pages.route("/embed-test", methods=["GET", "HEAD"])
    async def embed_test(request: Request) -> HTTPResponse:
        return answer(request, shown[PAGES["/embed-test"]])

    return pages


def _filled(page: Asset, clinic: Clinic, widget: Asset) -> Asset:
    """The page with the clinic's own words, escaped."""
    text = page.body.decode("utf-8")
    words = {
        **clinic_words(clinic),
        "dialled_phone": re.sub(r"[^\d+]", "", clinic.phone),
        "widget_integrity": widget.integrity,
    }
    filled = fill(text, {name: html.escape(word) for name, word in words.items()})
    return Asset(filled.encode(), page.content_type)
