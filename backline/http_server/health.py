"""`GET /health/live`, `/health/ready` and `/metrics`."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.http_server.rate_limit import is_this_machine
from backline.observability import metrics
from backline.store import Store, StoreUnavailable

PATIENCE_S = 3.0
"""How long `/metrics` waits for the store: a scrape must come back also when the store does not."""


BEARER = "Bearer"
REFUSAL = {
    "error": "refused",
    "message": "The metrics are for this machine, or for who has the token.",
}


def health_blueprint(store: Store, metrics_token: str | None = None) -> Blueprint:
    """Serve liveness, readiness (503 until the model and the store are there), and metrics.

    Args:
        metrics_token: opens the metrics to who is not on this machine; None for nobody else.
    """
    health = Blueprint("backline_health")

    async def waiting_for(app: Sanic) -> str | None:
        agent: Any = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return "model"
        try:
            await asyncio.to_thread(store.ping)
        except StoreUnavailable:
            return "store"
        return None

    @health.route("/health/live", methods=["GET"])
    async def live(_: Request) -> HTTPResponse:
        return response.json({"status": "live"})

    @health.route("/health/ready", methods=["GET"])
    async def ready(request: Request) -> HTTPResponse:
        missing = await waiting_for(request.app)
        if missing is None:
            signed = await asyncio.to_thread(policy_state, store)
            return response.json({"status": "ready", "policy": signed})
        status = "starting" if missing == "model" else "unavailable"
        return response.json({"status": status, "waiting_for": missing}, status=503)

    @health.route("/metrics", methods=["GET"])
    async def tell_metrics(request: Request) -> HTTPResponse:
        if not (is_this_machine(request) or _has_token(request, metrics_token)):
            return response.json(REFUSAL, status=401, headers={"WWW-Authenticate": BEARER})
        try:
            missing = await asyncio.wait_for(waiting_for(request.app), PATIENCE_S)
        except asyncio.TimeoutError:
            missing = "store"
        metrics.READY.set(missing is None)
        return response.raw(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return health


def policy_state(store: Store) -> str:
    """Tell whether the policy was signed; "unknown" while the store does not answer."""
    try:
        return store.policy_signatures.state().value
    except StoreUnavailable:
        return "unknown"


def _has_token(request: Request, token: str | None) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token is None or scheme.lower() != BEARER.lower():
        return False
    # A header may hold what is no text.
    return hmac.compare_digest(given.strip().encode(errors="surrogateescape"), token.encode())
