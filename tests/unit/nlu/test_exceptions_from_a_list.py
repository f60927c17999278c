"""Answers to a checklist that deny all of it but something, or nothing of it."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import EmergencySign, Slot
from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 24))
ASKED = Conversation(consent=True, asked=Slot.EMERGENCY_SIGNS)


@pytest.mark.parametrize(
    "text",
    ["none but 5", "none except 5", "none of these except for number 5", "no to all apart from 5"],
)
def test_all_but_one_line_is_that_line(text: str) -> None:
    after = update(ASKED, Understanding(READER.read(text)))
    assert after.facts.emergency_signs == {EmergencySign.BOTH_LEGS}


@pytest.mark.parametrize("text", ["all of them", "all of these", "All of the above!"])
def test_all_of_them_is_no_denial(text: str) -> None:
    findings = READER.read(text)
    assert [f.value for f in findings if f.kind == "answer"] == ["yes"]
    assert Slot.EMERGENCY_SIGNS not in update(ASKED, Understanding(findings)).facts.checked
