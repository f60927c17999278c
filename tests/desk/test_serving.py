"""`backline desk serve` in a process of its own, as it runs at a clinic."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from backline.store import create_store
from tests.conftest import PROJECT, free_port
from tests.desk.browser import add_member


def wait_for(url: str) -> requests.Response:
    for _ in range(150):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError("the desk did not start")


def test_it_is_off_until_there_is_an_account_and_then_opens_by_itself(tmp_path: Path) -> None:
    database_url, port = f"sqlite:///{tmp_path / 'backline.db'}", free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "backline.cli", "desk", "serve", "--port", str(port)],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://localhost:{port}/desk/sign-in"
    off = wait_for(url)
    assert (off.status_code, "The desk is off" in off.text) == (503, True)
    assert "server" not in off.headers
    add_member(create_store(database_url))
    assert "E-mail address" in requests.get(url, timeout=5).text
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 0, told
    assert "The desk is off: nobody has an account yet." in told
    assert "Traceback" not in told
