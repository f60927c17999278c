"""The chat widget as other websites get it: its script, the clinic's words, erasing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.responses import Responses
from backline.sanitize import Refused, clean_sender
from backline.settings import Clinic
from backline.store import StoreUnavailable
from backline.web.files import STATIC, Asset, answer, load_assets

SCRIPT = "widget.js"
OPENING = "utter_opening"
LANGUAGE = "en"
HIGHEST = 2**53
"""The highest whole number that a browser can tell from its neighbours."""

# Any website may load the script; which ones may talk to this server is decided at each request.
FOR_OTHER_SITES = {"Cross-Origin-Resource-Policy": "cross-origin"}
# A new version reaches every page within ten minutes; meanwhile nobody waits for it.
FOR_MINUTES = {"Cache-Control": "public, max-age=600, stale-while-revalidate=86400"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class Erasing(Protocol):
    """What forgets a conversation."""

    def erase(self, conversation: str) -> Awaitable[bool]:
        """Delete it; False if there was none."""


class WhatIsNew(Protocol):
    """What a person is told without having asked; see `backline.conversation.staff_news`."""

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        """As the REST interface has them."""

    @property
    def number(self) -> int:
        """Of the last of them."""


class Telling(Protocol):
    """What knows such messages."""

    def since(self, conversation: str, number: int) -> Awaitable[WhatIsNew]:
        """Give what came after a number."""


def versioned_name(script: Asset) -> str:
    """The script's name with its content in it: whoever has such a file never asks again."""
    return f"widget.{script.digest[:16]}.js"


def lines_to_paste(address: str) -> tuple[str, str]:
    """The line that shows the chat on a page, plain and with an integrity hash.

    Args:
        address: where the server is reached, such as `https://bot.clinic.example`.
    """
    script = load_assets(STATIC)[SCRIPT]
    server = address.rstrip("/")
    return (
        f'<script src="{server}/{SCRIPT}" defer></script>',
        f'<script src="{server}/{versioned_name(script)}" integrity="{script.integrity}" '
        'crossorigin="anonymous" defer></script>',
    )


def widget_blueprint(clinic: Clinic, eraser: Erasing, news: Telling) -> Blueprint:
    """Routes for the script, `/widget/config`, `/widget/news` and `/widget/erase`.

    The opening line is the domain's; without a domain in `app.ctx.agent` it is null and the
    widget keeps its own.
    """
    widget = Blueprint("backline_widget")
    script = load_assets(STATIC)[SCRIPT]

    @widget.route(f"/{SCRIPT}", methods=["GET", "HEAD"])
    async def newest(request: Request) -> HTTPResponse:
        return answer(request, script, {**FOR_OTHER_SITES, **FOR_MINUTES})

    @widget.route(f"/{versioned_name(script)}", methods=["GET", "HEAD"], name="versioned")
    async def versioned(request: Request) -> HTTPResponse:
        return answer(request, script, {**FOR_OTHER_SITES, **FOR_EVER})

    @widget.route("/widget/config", methods=["GET", "HEAD"])
    async def config(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        responses = agent.domain.responses if agent is not None else {}
        body = json.dumps(config_of(clinic, responses), ensure_ascii=False).encode()
        return answer(request, Asset(body, "application/json"), FOR_OTHER_SITES)

    @widget.route("/widget/news", methods=["POST"])
    async def tell_news(request: Request) -> HTTPResponse:
        try:
            body = request.json if isinstance(request.json, dict) else {}
            sender, number = clean_sender(body.get("sender")), _number_in(body)
        except Refused as refused:
            return response.json({"error": refused.code, "message": str(refused)}, status=400)
        try:
            told = await news.since(sender, number)
        except StoreUnavailable:
            return response.json(
                {"error": "unavailable", "message": "Nothing could be read just now."}, status=503
            )
        shown = {"messages": [dict(one) for one in told.messages], "number": told.number}
        return response.json(shown, headers=FOR_OTHER_SITES)

    @widget.route("/widget/erase", methods=["POST"])
    async def erase(request: Request) -> HTTPResponse:
        try:
            body = request.json
            sender = clean_sender(body.get("sender") if isinstance(body, dict) else None)
        except Refused as refused:
            return response.json({"error": refused.code, "message": str(refused)}, status=400)
        try:
            return response.json({"erased": await eraser.erase(sender)}, headers=FOR_OTHER_SITES)
        except StoreUnavailable:
            return response.json(
                {"error": "unavailable", "message": "Nothing could be deleted just now."},
                status=503,
            )

    return widget


def _number_in(body: dict[str, Any]) -> int:
    number = body.get("news", 0)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < HIGHEST:
        raise Refused("bad_number", "`news` is the number of the latest news that is known, or 0.")
    return int(number)


def config_of(clinic: Clinic, responses: dict[str, Any]) -> dict[str, str | None]:
    """What the widget shows of the clinic, and its first line."""
    return {
        "clinic_name": clinic.name,
        "phone": clinic.phone,
        "emergency_number": clinic.emergency_number,
        "health_line": clinic.health_line,
        "crisis_line": clinic.crisis_line,
        "violence_line": clinic.violence_line,
        "child_line": clinic.child_line,
        "poisons_line": clinic.poisons_line,
        "language": LANGUAGE,
        "opening": _opening(Responses(responses, clinic)),
    }


def _opening(responses: Responses) -> str | None:
    return responses.say(OPENING) if OPENING in responses else None
