"""Whose request it is, and what is too much of one visitor: in bytes, in seconds, in a minute."""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from sanic import Sanic, response
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.http_server.limits import VisitorLimits
from backline.http_server.visitors import counted_as, visitor_of
from backline.observability import metrics

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
"""A messaging service may put many messages into one call; other requests are smaller."""
MAX_VISITOR_BYTES = 64 * 1024
REQUEST_SECONDS = 20
"""For a request to arrive, from its first byte to its last."""
FORWARDED = "x-forwarded-for"
BY_A_PROXY = (
    FORWARDED,
    "forwarded",
    "via",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
)
"""What proxies add to a request: then its sender may be anywhere, whatever the header says."""
OWN_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")
TOO_MANY = {
    "error": "too_fast",
    "message": "That is more than is taken at once. Please wait a moment, then try again.",
}


def limit_visitors(
    app: Sanic, limits: VisitorLimits, proxies: int, *, services: Sequence[str], talk: str
) -> None:
    """Refuse what is too large (413), too slow (408), or too much for one address (429).

    Args:
        proxies: how many proxies stand in front of this server.
        services: how the paths of messaging and telephone services begin, which send for everybody
            from few addresses; their signatures or tokens are checked.
        talk: the path of messages, whose channel counts them itself: above the limits they are
            looked through for an emergency.
    """
    app.ctx.proxies = proxies
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.config.REQUEST_TIMEOUT = REQUEST_SECONDS
    app.config.WEBSOCKET_MAX_SIZE = MAX_VISITOR_BYTES

    by_services = tuple(services)

    @app.on_request
    async def limit(request: Request) -> HTTPResponse | None:
        if request.path.startswith(by_services):
            return None
        if len(request.body) > MAX_VISITOR_BYTES:
            raise PayloadTooLarge("too large")
        if request.path == talk:
            return None
        wait = limits.request(address_of(request), time.monotonic())
        return too_many(wait) if wait else None


def too_many(wait: float) -> HTTPResponse:
    """Answer a request above the limits; it may be repeated after `wait` seconds."""
    metrics.TOO_MANY.inc()
    return response.json(TOO_MANY, status=429, headers={"Retry-After": str(math.ceil(wait))})


def address_of(request: Request) -> str | None:
    """Tell what a request counts for: its address, or None for this machine's own.

    Programs on this machine are its operator's. Behind proxies it is what the outermost of them
    saw. Sanic's own setting for that (PROXIES_COUNT) would believe other headers too.
    """
    proxies = getattr(request.app.ctx, "proxies", 0)
    forwarded = request.headers.getall(FORWARDED) if FORWARDED in request.headers else []
    if forwarded and not proxies:
        _warn_of_a_proxy()
    return visitor_of(request.ip, forwarded, proxies)


def is_this_machine(request: Request) -> bool:
    """Tell whether a program here asks, and asks for this machine, with nothing in between.

    A proxy on this machine asks from here for everybody. It is told by its headers, or by the
    host that it was asked for.
    """
    return (
        address_of(request) is None
        and counted_as(str(request.ip)) is None
        and not any(name in request.headers for name in BY_A_PROXY)
        and _is_own_name(request.headers.get("host", ""))
    )


@lru_cache(maxsize=1024)
def _is_own_name(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name in OWN_NAMES or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _warn_of_a_proxy() -> None:
    logger.warning(
        "A request came with X-Forwarded-For, but BACKLINE_PROXIES is not set: if it came through "
        "a proxy, all visitors share the limits of one address."
    )
