"""Actions on a server of their own, as `rasa run actions` serves them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import PROJECT, Server, free_port, start_server
from tests.plain import PLAIN
from tests.talking import Patient

PORT = free_port()


def start_actions(database_url: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(PORT)],
            cwd=PROJECT,
            env={**os.environ, "DATABASE_URL": database_url},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    for _ in range(300):
        try:
            requests.get(f"http://127.0.0.1:{PORT}/health", timeout=2)
            return process
        except requests.ConnectionError:
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"the action server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    database_url = f"sqlite:///{tmp_path / 'backline.db'}"
    where = f"http://127.0.0.1:{PORT}/webhook"
    server = start_server(database_url, tmp_path / "log", BACKLINE_ACTIONS_URL=where)
    yield server
    server.stop()


def test_a_lost_action_server_is_told_and_the_conversation_goes_on_after(
    server: Server, tmp_path: Path
) -> None:
    actions = start_actions(server.database_url, tmp_path / "actions.log")
    patient = Patient(server.url)
    patient.say("sore back")
    patient.answer_until("pain_duration")
    actions.kill()
    actions.wait()
    messages = patient.say("3 weeks")
    assert (messages[-1].get("custom") or {}).get("code") == "unavailable"
    actions = start_actions(server.database_url, tmp_path / "actions.log")
    patient.say("3 weeks")
    assert patient.answer_all(PLAIN)["outcome"] == "massage"
    actions.terminate()
    actions.wait()
