"""What is kept of a running call, which servers of other versions read."""

from __future__ import annotations

from typing import Any

from backline.facts import Slot
from backline.phone.dialogue.state import CallState, left_open
from backline.phone.events import AfterPrompt, BotTurn

STATE: dict[str, Any] = {
    "slot": "emergency_signs",
    "kind": "multi_choice",
    "prompt": "Do you have any of these?",
    "reading": (0, 1, 2),
    "at": 1,
    "chosen": ("chest_pain",),
    "unsure": (0,),
    "choosing": False,
    "read_out": False,
    "pending": {
        "effect": {
            "heard": "my chest hurts",
            "confidence": 0.5,
            "tell": "my chest hurts",
            "about": "emergency_signs: chest_pain",
            "codes": (),
            "group_done": False,
            "aside": False,
            "corrects": False,
            "wish": False,
        },
        "question": "I heard chest pain. Is that right?",
        "parts": ("chest_pain",),
        "alarm": True,
        "alarming": True,
    },
    "misses": 1,
    "silences": 0,
    "repeats": 0,
    "closing": False,
    "standing": "",
    "telling": False,
    "together": False,
    "missed": 1,
    "by_keys": False,
    "keys_said": False,
    "deaf": False,
    "turns": 6,
    "offer": "",
    "textable": True,
    "texts": 0,
    "handed": "",
}
TURN: dict[str, Any] = {
    "number": 4,
    "say": ({"text": "Is that right?", "slowly": False},),
    "then": "listen",
    "listening": {
        "hints": ("yes", "no"),
        "wait_s": 6.0,
        "pause_s": 0.6,
        "longest_s": 30.0,
        "keys": 1,
        "interruptible": True,
        "speech": True,
    },
    "emergency": False,
}


def test_the_state_of_a_call_is_kept_under_these_names() -> None:
    state = CallState.from_json(STATE)

    assert state.slot is Slot.EMERGENCY_SIGNS
    assert state.alarm
    assert state.to_json() == STATE


def test_a_call_that_an_earlier_version_kept_goes_on() -> None:
    new = (
        "telling",
        "together",
        "missed",
        "by_keys",
        "keys_said",
        "deaf",
        "turns",
        "offer",
        "texts",
    )
    before = {name: value for name, value in STATE.items() if name not in new}
    assert CallState.from_json(before).slot is Slot.EMERGENCY_SIGNS


def test_a_turn_is_kept_and_told_under_these_names() -> None:
    turn = BotTurn.from_json(TURN)

    assert turn.then is AfterPrompt.LISTEN
    assert turn.to_json() == TURN


def test_a_call_is_left_open_while_a_danger_sign_waits() -> None:
    assert left_open({"talk": STATE, "turn": TURN})
    assert not left_open({"talk": {**STATE, "pending": None}, "turn": TURN})
