"""What callers say to what was read back is kept, and the recogniser's numbers learnt from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from backline.cli import phone as phone_commands
from backline.phone.calls import CallService
from backline.phone.dialogue import wording
from backline.phone.events import Dtmf, Transcript
from backline.store import Store
from tests.phone.conftest import CALL
from tests.phone.talking import answer_until


@pytest.mark.parametrize(("key", "how"), [("1", "keys"), ("2", "denied")])
async def test_what_is_read_back_is_kept_with_how_sure_it_was_and_what_came(
    line: CallService, store: Store, key: str, how: str
) -> None:
    turn = await answer_until(line, "pain_severity")
    before = store.calls.judged("twilio")
    turn = await line.handle(CALL, turn.number, Transcript("eight", 0.55))
    await line.handle(CALL, turn.number, Dtmf(key))
    assert store.calls.judged("twilio")[len(before) :] == [(0.55, how)]


class _Judged:
    """A store whose calls were judged as a test wants."""

    def __init__(self, judged: list[tuple[float, str]]) -> None:
        self.calls: Any = self
        self._judged = judged

    def judged(self, entrance: str) -> list[tuple[float, str]]:
        return self._judged if entrance == "twilio" else []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the thresholds are; what is learnt is written there."""
    usual = (wording.FOLDER / "confidence.yml").read_text(encoding="utf-8")
    (tmp_path / "confidence.yml").write_text(usual, encoding="utf-8")
    monkeypatch.setattr(wording, "FOLDER", tmp_path)
    judged = [(0.62, "read_back")] * 60
    monkeypatch.setattr(phone_commands, "ready_store", lambda _: _Judged(judged))
    return tmp_path


def test_the_command_shows_what_would_be_learnt_and_writes_nothing(folder: Path) -> None:
    told = CliRunner().invoke(phone_commands.phone, ["learn-confidence"])
    assert told.exit_code == 0, told.output
    assert "twilio: {floor: 0.25, fair: 0.35, sure: 0.5}" in told.output
    assert "stream: 0 answers were judged, 50 are needed." in told.output
    assert not (folder / wording.LEARNT).exists()


def test_with_write_calls_go_by_it(folder: Path) -> None:
    told = CliRunner().invoke(phone_commands.phone, ["learn-confidence", "--write"])
    assert told.exit_code == 0, told.output
    wording.thresholds.cache_clear()
    try:
        assert wording.thresholds()["twilio"].sure == 0.5
    finally:
        wording.thresholds.cache_clear()
