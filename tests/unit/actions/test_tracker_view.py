"""What actions read from a conversation's record beside its slots."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.tracker_view import agreed_before, keeps_nothing, with_sign_words, with_ticks
from backline.dialogue import Conversation
from backline.facts import EmergencySign, Facts, Finding, Slot
from backline.policy.checklists import LISTS
from backline.replies import NONE, questions_in
from tests.unit.actions.conftest import DOMAIN, Talk

SAID = {"event": "user", "text": "sore"}
SILENT = {"event": "user", "text": None}
"""A message as it is kept after a no."""


def tracker(consent: bool | None, *events: dict[str, Any]) -> Tracker:
    latest = {"text": "sore", "intent": {}, "entities": []}
    return Tracker("ada", {"consent": consent}, latest, list(events), False, None, {}, "listen")


def consent(value: bool | None) -> dict[str, Any]:
    return {"event": "slot", "name": "consent", "value": value}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (tracker(None, SAID), False),
        (tracker(True, SAID, SAID), False),
        (tracker(False, SILENT, SAID), True),
        (tracker(None, SILENT, SAID, consent(None)), True),
        (tracker(True, SILENT, SAID, consent(True)), False),
    ],
    ids=["not asked yet", "agreed", "declined", "asked again after a no", "agreed after a no"],
)
def test_nothing_is_kept_from_a_no_to_a_yes(now: Tracker, expected: bool) -> None:
    assert keeps_nothing(now) is expected


def test_only_a_yes_of_an_earlier_turn_was_given_before() -> None:
    assert agreed_before(tracker(True, SAID, consent(True), SAID))
    assert not agreed_before(tracker(True, SAID, consent(True)))
    assert not agreed_before(tracker(None, SAID))


def test_a_sign_keeps_the_sentence_that_told_it(talk: Talk) -> None:
    text = "Hi. I get a cold sweat with it, between my shoulders! Can I have a bath?"
    start = text.index("cold sweat")
    sign = Finding("emergency_sign", "chest_pain", start=start, end=start + 10)
    told = Conversation(facts=Facts(emergency_signs=frozenset({EmergencySign.CHEST_PAIN})))
    kept = with_sign_words(talk("inform", sign, text=text), Conversation(), told)
    assert kept.sign_words == {"chest_pain": "I get a cold sweat with it, between my shoulders"}


@pytest.mark.parametrize("asked", LISTS)
def test_the_title_of_a_line_ticks_it_and_tells_nothing_else(talk: Talk, asked: Slot) -> None:
    for option in questions_in(DOMAIN["responses"])[asked.value].options:
        told = [Finding("health_condition", "steroids"), Finding("age", 30)]
        tapped = talk("inform", *told, text=option.title, requested_slot=asked.value)
        (tick,) = with_ticks(tapped, DOMAIN, told)
        denied = option.value == NONE
        kind, value = ("denial", True) if denied else ("ticked_line", option.value)
        assert (tick.kind, tick.value) == (kind, value)


def test_a_word_that_is_a_code_is_told_in_words(talk: Talk) -> None:
    told = [Finding("health_condition", "steroids")]
    said = talk("inform", text="steroids", requested_slot="health_conditions")
    assert with_ticks(said, DOMAIN, told) == told


def test_what_is_said_behind_ticks_is_told_in_words(talk: Talk) -> None:
    title = "Fever or night sweats"
    before, behind = Finding("age", 30, start=2), Finding("answer", "no", start=len(title) + 2)
    said = talk("inform", text=f"{title}; no others", requested_slot="health_conditions")
    ticked = Finding("ticked_line", "fever")
    assert with_ticks(said, DOMAIN, [before, behind]) == [ticked, behind]


def test_a_title_with_words_of_ones_own_is_no_bare_tick(talk: Talk) -> None:
    told = [Finding("health_condition", "fever")]
    said = talk("inform", text="Fever or night sweats, yes", requested_slot="health_conditions")
    assert with_ticks(said, DOMAIN, told) == told


def test_a_sign_that_was_ticked_has_no_words(talk: Talk) -> None:
    told = Conversation(facts=Facts(emergency_signs=frozenset({EmergencySign.CHEST_PAIN})))
    picked = talk("inform", Finding("pick", 7, end=1), text="7")
    assert with_sign_words(picked, Conversation(), told).sign_words == {}
