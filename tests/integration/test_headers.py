"""Headers of every kind of answer: pages, conversations, refusals, errors."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests

TALK = "/webhooks/rest/webhook"
NEVER = ("Server", "X-Powered-By", "Set-Cookie")
ANSWERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "page": ("GET", "/", {}),
    "script": ("GET", "/widget.js", {}),
    "config": ("GET", "/widget/config", {}),
    "health": ("GET", "/health/ready", {}),
    "metrics": ("GET", "/metrics", {}),
    "message": ("POST", TALK, {"json": {"sender": f"h-{uuid.uuid4().hex}", "message": "hello"}}),
    "no message": ("POST", TALK, {"data": b"{"}),
    "news": ("POST", "/widget/news", {"json": {"sender": f"h-{uuid.uuid4().hex}", "news": 0}}),
    "erasing": ("POST", "/widget/erase", {"json": {"sender": f"h-{uuid.uuid4().hex}"}}),
    "polling": ("GET", "/socket.io/?EIO=4&transport=polling", {}),
    "another site": ("GET", "/", {"headers": {"Origin": "https://evil.example"}}),
    "unknown": ("GET", "/none", {}),
    "wrong method": ("DELETE", "/", {}),
    "too large": ("POST", TALK, {"data": b"x" * 100_000}),
}
KEPT = {"page": "no-cache", "script": "public", "config": "no-cache"}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_has_the_secure_headers(live_server: str, kind: str) -> None:
    method, path, more = ANSWERS[kind]
    answer = requests.request(method, live_server + path, timeout=30, **more)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin")
    assert answer.headers["Cache-Control"].startswith(KEPT.get(kind, "no-store"))
    for name in NEVER:
        assert name not in answer.headers


def test_only_pages_may_be_framed_and_only_by_our_own(live_server: str) -> None:
    page = requests.get(live_server, timeout=10).headers["Content-Security-Policy"]
    other = requests.get(f"{live_server}/health/live", timeout=10)
    assert "frame-ancestors 'self'" in page
    assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]
