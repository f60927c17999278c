"""Which websites may talk to this server from a visitor's browser."""

from __future__ import annotations

from collections.abc import Collection

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

REFUSAL = {
    "error": "site_not_allowed",
    "message": "This website may not use the assistant. Its operator lists it under `sites`.",
}
PREFLIGHT_SECONDS = 7200


class Origins:
    """This server's own pages and the sites of `clinic.yml`.

    A browser names the page's origin in the header `Origin` with every request that could do
    harm; programs send none and are judged by what they send.
    """

    def __init__(self, sites: Collection[str]) -> None:
        self._sites = sites

    def allow(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a request from a page of that origin to this host is answered.

        Args:
            origin: the header `Origin`, such as `https://www.clinic.example`, or None.
            host: the header `Host`, as the browser addressed this server.
        """
        if origin is None or origin in self._sites:
            return True
        return host is not None and origin in (f"https://{host}", f"http://{host}")


def guard(app: Sanic, origins: Origins) -> None:
    """Answer pages of other sites with 403, and let those that are allowed read the answers."""

    @app.middleware("request")
    async def refuse_other_sites(request: Request) -> HTTPResponse | None:
        origin = request.headers.get("origin")
        if not origins.allow(origin, request.headers.get("host")):
            return response.json(REFUSAL, status=403, headers={"Vary": "Origin"})
        if request.method == "OPTIONS" and origin and _is_preflight(request):
            return response.empty(
                headers={
                    "Access-Control-Allow-Methods": "GET, HEAD, POST",
                    "Access-Control-Allow-Headers": "Content-Type",
                    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
                }
            )
        return None

    @app.middleware("response")
    async def let_read(request: Request, answer: HTTPResponse) -> None:
        origin = request.headers.get("origin")
        if origin and origins.allow(origin, request.headers.get("host")):
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
            answer.headers.setdefault("Vary", "Origin")


def _is_preflight(request: Request) -> bool:
    return "access-control-request-method" in request.headers
