"""Whoever writes again after a day or more, in the conversation of before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.faults.system import environment_with_clock
from tests.conftest import start_server
from tests.plain import PLAIN
from tests.services import FAKETIME_HOW, faketime, require_or_skip
from tests.talking import Patient

TWO_DAYS = 2 * 24 * 3600
NOTICED_S = 2.5
"""The clock's library looks once a second whether it was moved."""


@dataclass(frozen=True)
class Clinic:
    """A server whose clock can be put forward."""

    url: str
    offset: Path

    def two_days_pass(self) -> None:
        self.offset.write_text(f"+{TWO_DAYS}", encoding="utf-8")
        time.sleep(NOTICED_S)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    require_or_skip(faketime() is not None, FAKETIME_HOW)
    offset = tmp_path / "offset"
    offset.write_text("+0", encoding="utf-8")
    server = start_server(
        f"sqlite:///{tmp_path / 'backline.db'}", tmp_path / "log", **environment_with_clock(offset)
    )
    yield Clinic(server.url, offset)
    assert server.stop() == 0


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    """Somebody who was recommended massage."""
    someone = Patient(clinic.url)
    someone.say("my back has been sore for two weeks")
    assert someone.answer_all(PLAIN)["outcome"] == "massage"
    return someone


def test_after_two_days_danger_signs_are_asked_for_again(patient: Patient, clinic: Clinic) -> None:
    clinic.two_days_pass()
    patient.say("thanks")
    assert patient.asked is None
    patient.say("my back still hurts")
    assert patient.asked == "emergency_signs"
    patient.say("I can't feel my bottom")
    assert patient.result is not None
    assert patient.result["urgency"] == "emergency"


def test_what_has_not_changed_is_not_asked_again(patient: Patient, clinic: Clinic) -> None:
    clinic.two_days_pass()
    patient.questions.clear()
    patient.say("my back still hurts")
    patient.answer_until("pain_severity")
    assert patient.questions == ["emergency_signs", "danger_signs", "safety", "pain_severity"]
    patient.talk("8", "most of the time")
    assert patient.asked is None
    assert patient.result is not None
    assert patient.result["rules"][0] == "D1"
