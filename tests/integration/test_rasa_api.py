"""Rasa's own HTTP API, which reads and changes any conversation, is not there to be reached."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests
from rasa.core.channels import BUILTIN_CHANNELS

from tests.conftest import PROJECT

OURS = "/"
OUR_CHANNELS = {"rest", "socketio"}
LIST_ROUTES = (
    "import rasa.server\n"
    "for route in rasa.server.create_app().router.routes:\n"
    "    for method in sorted(route.methods):\n"
    "        print(method, '/' + route.path)\n"
)
BODY = {"sender_id": "x", "message": "my back hurts", "policy": "x", "name": "action_restart"}


@pytest.fixture(scope="module")
def routes() -> list[tuple[str, str]]:
    """Methods and paths of Rasa's API, as Rasa itself registers them."""
    listed = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    routes = [tuple(line.split()) for line in listed.stdout.splitlines() if " /" in line]
    return [(method, path) for method, path in routes if path != OURS]


def test_none_of_its_routes_answers(live_server: str, routes: list[tuple[str, str]]) -> None:
    paths = {path for _, path in routes}
    assert {"/version", "/status", "/domain", "/model/train", "/model/parse"} <= paths
    assert any(path.startswith("/conversations/") for path in paths)
    for method, path in routes:
        address = live_server + path.replace("<conversation_id:path>", "x")
        for token in ("", "?token=", "?token=secret"):
            answer = requests.request(method, address + token, json=BODY, timeout=10)
            assert (answer.status_code, path) == (404, path)


@pytest.mark.parametrize("name", sorted(BUILTIN_CHANNELS.keys() - OUR_CHANNELS))
def test_no_channel_of_rasa_answers_but_ours(live_server: str, name: str) -> None:
    for path in (f"/webhooks/{name}/webhook", f"/webhooks/{name}/"):
        for method in ("GET", "POST"):
            answer = requests.request(method, live_server + path, json=BODY, timeout=10)
            assert answer.status_code == 404, (method, path)
