"""Who had no massage had none yet, whatever else was told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import Finding, MassageResponse, Slot
from tests.plain import PLAIN_FACTS


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (MassageResponse.NO_CHANGE, MassageResponse.NONE_YET),
        (MassageResponse.RELAXED, MassageResponse.NONE_YET),
        (MassageResponse.WORSE, MassageResponse.WORSE),
    ],
)
def test_no_sessions_are_no_massage_but_harm_stays(
    told: MassageResponse, known: MassageResponse
) -> None:
    facts = replace(PLAIN_FACTS, massage_response=told, massage_sessions=None)
    asked = Conversation(facts=facts, consent=True, asked=Slot.MASSAGE_SESSIONS)
    assert update(asked, Understanding([Finding("number", 0)])).facts.massage_response is known
