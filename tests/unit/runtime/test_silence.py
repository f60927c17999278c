"""When the bot is silent while staff answer, and when it speaks all the same."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from backline.channels.messaging.capabilities import CAPABILITIES
from backline.channels.messaging.rendering import render
from backline.replies import WithStaff, parse, with_staff_marker
from backline.runtime.silence import is_silent, open_question
from backline.store import BotHears

QUESTION = {"type": "question", "slot": "age", "input": {"kind": "number", "min": 1, "max": 120}}


def tracker(*events: Any) -> DialogueStateTracker:
    slots = [AnySlot(name, mappings=[{}]) for name in ("requested_slot",)]
    return DialogueStateTracker.from_events("ada", list(events), slots=slots)


def parsed(kind: str | None = None, value: Any = None, intent: str = "other", **more: Any) -> Any:
    found = {"entity": kind, "value": value, "start": 0, "end": 1, "status": "present", **more}
    return {"intent": {"name": intent}, "entities": [found] if kind else []}


SIGN = parsed("emergency_sign", "saddle_numbness")
ASKED_LIST = (SlotSet("requested_slot", "emergency_signs"),)


@pytest.mark.parametrize(
    ("message", "hears", "silent"),
    [
        (parsed(), None, False),
        (parsed(), BotHears.DANGER, True),
        (parsed(), BotHears.LISTS, True),
        (parsed(), BotHears.ANSWER, False),
        (SIGN, BotHears.DANGER, False),
        (parsed("emergency_sign", "saddle_numbness", status="absent"), BotHears.DANGER, True),
        (parsed("suspicion", "chest_pain"), BotHears.DANGER, False),
        (parsed("health_condition", "fever"), BotHears.DANGER, True),
        (parsed(intent="delete_my_data"), BotHears.DANGER, False),
        (parsed("pick", 1), BotHears.LISTS, False),
        (parsed("pick", 1), BotHears.DANGER, True),
    ],
)
def test_danger_and_deleting_are_the_bots_and_the_rest_is_staffs(
    message: Any, hears: BotHears | None, silent: bool
) -> None:
    assert is_silent(tracker(*ASKED_LIST), message, hears) is silent


def test_a_number_is_staffs_where_the_open_question_is_no_list_of_dangers() -> None:
    asked = tracker(SlotSet("requested_slot", "pain_severity"))
    assert is_silent(asked, parsed("pick", 1), BotHears.LISTS)


def test_the_open_question_is_the_one_that_was_asked_last() -> None:
    talk = tracker(
        ActiveLoop("triage_form"),
        BotUttered("How old are you?", {"custom": QUESTION, "buttons": None}),
        UserUttered("why?"),
        BotUttered("So that I can advise you."),
    )
    assert open_question(talk) == {"text": "How old are you?", "custom": QUESTION}


def test_after_a_result_no_question_is_open() -> None:
    talk = tracker(BotUttered("How old?", {"custom": QUESTION}), ActiveLoop(None))
    assert open_question(talk) is None
    assert open_question(None) is None


@pytest.mark.parametrize("channel", CAPABILITIES)
def test_nothing_is_sent_for_a_message_that_staff_read(channel: str) -> None:
    reply = parse([{"recipient_id": "ada", "custom": with_staff_marker()}])
    assert reply.parts == (WithStaff(),)
    assert reply.texts == ()
    assert render(reply, CAPABILITIES[channel], lambda name, **_: name) == []
