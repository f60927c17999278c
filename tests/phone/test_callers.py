"""Whole calls of `callers.yml` through the phone line, each to what the policy demands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from backline.facts import Slot
from backline.phone.calls import CallService
from backline.phone.events import (
    AfterPrompt,
    Dtmf,
    Event,
    NoInput,
    NoMatch,
    NoMatchReason,
    Transcript,
)
from backline.store import Store
from tests.phone.caller import KEYS
from tests.phone.conftest import CALL
from tests.phone.talking import THE_END, answer_until

CALLERS = yaml.safe_load(Path(__file__).with_name("callers.yml").read_text(encoding="utf-8"))
CONFIDENCE = {"doubt": 0.5, "fair": 0.7, "lost": 0.1}
PLAIN = {**KEYS, "others": "2"}


def by_question(others: str, **answers: str) -> Mapping[str, str]:
    """Answers by question, and one to all others."""
    return {**dict.fromkeys((slot.value for slot in Slot), others), **answers}


def events_of(said: str | dict[str, Any]) -> list[Event]:
    """What the line gets for a row of `says`."""
    if isinstance(said, str):
        return [Transcript(said, 0.97)]
    (kind, what), *_ = said.items()
    if kind == "keys":
        return [Dtmf(keys) for keys in what.split()]
    if kind == "silence":
        return [NoInput()] * what
    if kind == "noise":
        return [NoMatch(NoMatchReason.NOISE)] * what
    return [Transcript(what, CONFIDENCE[kind])]


@pytest.mark.parametrize("caller", CALLERS, ids=[c["caller"] for c in CALLERS])
async def test_a_caller_comes_to_what_the_policy_demands(
    line: CallService, store: Store, caller: dict[str, Any]
) -> None:
    turn = await line.answer(CALL)
    for said in caller["says"]:
        if isinstance(said, dict) and said.keys() & {"until", "answers"}:
            answers = by_question(**said.get("answers", PLAIN))
            turn = await answer_until(line, said.get("until", THE_END), answers)
            continue
        for event in events_of(said):
            assert turn.then is AfterPrompt.LISTEN, "the call ended before all was said"
            turn = await line.handle(CALL, turn.number, event)
            assert turn.say
    assessment = store.latest_assessment(line.conversation_of(CALL))
    if isinstance(caller["comes_to"], str):
        assert turn.then is AfterPrompt(caller["comes_to"])
        assert assessment is None
    else:
        assert assessment is not None, f"no result; last said: {turn.say}"
        assert [assessment["outcome"], assessment["urgency"]] == caller["comes_to"]
        assert turn.emergency == (assessment["urgency"] == "emergency")
