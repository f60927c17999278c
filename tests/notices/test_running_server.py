"""A running server tells of an emergency that somebody has just told it."""

from __future__ import annotations

import json
import time
from pathlib import Path

from backline.store import create_store
from tests.conftest import start_server
from tests.notices.receivers import Hook
from tests.talking import Patient

PATIENCE_S = 60


def test_an_emergency_and_a_call_back_are_told_within_seconds(tmp_path: Path) -> None:
    hook = Hook()
    environment = {"BACKLINE_WEBHOOK_URLS": hook.url, "BACKLINE_WEBHOOK_SECRET": "s" * 32}
    url, log = f"sqlite:///{tmp_path / 'backline.db'}", tmp_path / "log"
    with hook.served():
        server = start_server(url, log, **environment)
        patient = Patient(server.url)
        patient.talk("I can't feel it when I wipe since today", "I'm Tom, call me on 0400 123 456")
        until = time.monotonic() + PATIENCE_S
        while len(hook.calls) < 2 and time.monotonic() < until:
            time.sleep(0.2)
        assert server.stop() == 0
    told = [json.loads(body) for body, _ in hook.calls]
    assert {one["event"] for one in told} == {"emergency", "call_back"}
    reference = create_store(url).cases.reference_of(patient.id)
    assert {one["reference"] for one in told} == {reference}
    for secret in ("0400", "secret-path", "Tom", hook.url):
        assert secret not in log.read_text(encoding="utf-8")
