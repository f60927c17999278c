"""What staff see of calls: `backline phone calls`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backline.cli.phone import phone
from backline.phone.dialogue.state import AnswerEffect, CallState, PendingConfirmation
from backline.phone.events import BotTurn
from backline.store import create_store

NOW = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.timezone.utc)


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'backline.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    store = create_store(url)
    store.upgrade()
    waits = PendingConfirmation(
        AnswerEffect("chest pain", 0.5), "I heard chest pain. Is that right?", alarm=True
    )
    for name in ("phone-broken", "phone-silent", "phone-done", "phone-alarm"):
        talk = CallState(pending=waits if name == "phone-alarm" else None)
        state = {"talk": talk.to_json(), "turn": BotTurn(1, ()).to_json()}
        store.calls.begin(name, "twilio", None, state, NOW)
    store.calls.end("phone-alarm", {}, ["age"])
    store.calls.end("phone-broken", {"pain_duration": 21, "emergency_signs": []}, ["age"])
    store.calls.end("phone-silent", None, None)
    store.calls.go_on("phone-done", 2, {}, [], "finished", NOW)
    return CliRunner().invoke(phone, ["calls"]).output


def test_a_broken_call_is_listed_with_what_was_known_and_is_still_to_ask(listed: str) -> None:
    assert "known        pain_duration: 21; emergency_signs: none" in listed
    assert "still to ask age" in listed


def test_of_who_did_not_agree_nothing_is_listed_but_the_call(listed: str) -> None:
    assert "phone-silent\n    The caller did not agree" in listed


def test_a_call_with_a_result_is_not_listed(listed: str) -> None:
    assert "phone-done" not in listed
    assert "3 calls without a result." in listed


def test_a_call_that_broke_off_at_a_danger_sign_is_marked(listed: str) -> None:
    assert "phone-alarm\n    A DANGER SIGN MAY HAVE BEEN TOLD" in listed
    assert listed.count("DANGER SIGN") == 1
