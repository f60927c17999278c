"""A line in the log for each HTTP request, and its id in the response."""

from __future__ import annotations

import logging
import time

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.observability import logs, metrics

logger = logging.getLogger(__name__)

ID_HEADER = "X-Request-Id"
ROUTINE = ("/health/", "/metrics", "/socket.io")
"""Asked by machines every few seconds; an event on a socket has a line of its own."""
NO_ROUTE = "none"


def log_requests(app: Sanic) -> None:
    """Log and count every request. To be called before anything else watches the app."""

    @app.middleware("request")
    async def begin(request: Request) -> None:
        request.ctx.request_id = logs.begin(request.headers.get(ID_HEADER))
        request.ctx.begun = time.perf_counter()

    @app.middleware("response")
    async def end(request: Request, answer: HTTPResponse) -> None:
        answer.headers[ID_HEADER] = request.ctx.request_id
        # The path and the method of what we do not know may be any text.
        known = request.route is not None
        route = request.uri_template if known else NO_ROUTE
        metrics.REQUESTS.labels(route, str(answer.status)).inc()
        logger.log(
            logging.DEBUG if route.startswith(ROUTINE) else logging.INFO,
            "request",
            extra={
                "method": request.method if known else NO_ROUTE,
                "route": route,
                "status": answer.status,
                "duration_ms": round(1000 * (time.perf_counter() - request.ctx.begun), 1),
            },
        )
