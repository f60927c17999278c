"""`GET /health/live`, `/health/ready` and `/metrics`."""

from __future__ import annotations

import asyncio
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backline.store import Store, StoreUnavailable


def health_blueprint(store: Store) -> Blueprint:
    """Liveness, readiness (503 until the model is loaded and the store answers), and metrics."""
    health = Blueprint("backline_health")

    @health.route("/health/live", methods=["GET"])
    async def live(_: Request) -> HTTPResponse:
        return response.json({"status": "live"})

    @health.route("/health/ready", methods=["GET"])
    async def ready(request: Request) -> HTTPResponse:
        agent: Any = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return response.json({"status": "starting", "waiting_for": "model"}, status=503)
        try:
            await asyncio.to_thread(store.ping)
        except StoreUnavailable:
            return response.json({"status": "unavailable", "waiting_for": "store"}, status=503)
        return response.json({"status": "ready"})

    @health.route("/metrics", methods=["GET"])
    async def metrics(_: Request) -> HTTPResponse:
        return response.raw(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return health
