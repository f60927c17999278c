"""What is kept of a turn after a no to storing, and which turns are not kept at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    EntitiesAdded,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from backline.dialogue.state import FACT_SLOTS
from backline.runtime.consented_events import (
    answer_in,
    is_unsaved,
    keeps_no_words,
    said_no,
    without_words,
)

SECRET = "periwinkle"
ENTITY = {"entity": "health_condition", "value": SECRET, "start": 0, "end": 4}
SILENT = UserUttered(message_id="1")
DOMAIN = Domain.from_dict(
    {
        "version": "3.1",
        "slots": {"consent": {"type": "any", "mappings": [{"type": "custom"}]}},
        "responses": {"utter_ask_consent": [{"text": "Shall we?"}]},
    }
)


def telling() -> st.SearchStrategy[Event]:
    """Events that tell something of what a person said."""
    return st.one_of(
        st.builds(
            lambda name: UserUttered(
                SECRET, {"name": name}, [ENTITY], message_id="1", metadata={"heard": SECRET}
            ),
            st.sampled_from(["inform", "deny"]),
        ),
        st.builds(
            lambda name: SlotSet(name, SECRET), st.sampled_from([*FACT_SLOTS, "last_result"])
        ),
        st.builds(lambda: BotUttered(SECRET, {"custom": {"type": "triage_result"}})),
        st.builds(lambda: EntitiesAdded([ENTITY])),
        st.builds(lambda: ActionExecuted(f"action_{SECRET}")),
        st.builds(lambda: SlotSet("answered", [SECRET, "consent"])),
    )


@given(st.lists(telling(), max_size=12))
def test_nothing_that_was_told_is_left_after_a_no(events: list[Event]) -> None:
    kept = json.dumps([event.as_dict() for event in without_words(events)])
    assert SECRET not in kept
    assert "inform" not in kept


def test_that_a_message_came_is_kept_with_its_id_time_and_channel() -> None:
    said = UserUttered(
        SECRET, {"name": "deny"}, timestamp=5.0, input_channel="rest", message_id="7"
    )
    (kept,) = without_words([said])
    assert isinstance(kept, UserUttered)
    assert (kept.message_id, kept.timestamp, kept.input_channel) == ("7", 5.0, "rest")


def test_where_the_dialogue_stands_is_kept() -> None:
    stands = [
        ActionExecuted("action_listen"),
        SlotSet("consent", False),
        SlotSet("requested_slot", "consent"),
        ActiveLoop("triage_form"),
    ]
    assert without_words(stands) == stands


def tracker(*events: Event) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("ada", list(events), DOMAIN.slots)


@pytest.mark.parametrize(
    ("before", "turn", "kept"),
    [
        ([], [UserUttered("sore")], True),
        ([UserUttered("sore")], [UserUttered("no"), SlotSet("consent", False)], False),
        ([SILENT, SlotSet("consent", False)], [UserUttered("hm")], False),
        ([SILENT], [UserUttered("sore"), SlotSet("consent", None)], False),
        ([SILENT], [UserUttered("yes"), SlotSet("consent", True)], True),
    ],
    ids=["before an answer", "the no", "after it", "while asked again", "a yes after it"],
)
def test_words_are_kept_but_after_a_no(before: list[Event], turn: list[Event], kept: bool) -> None:
    assert keeps_no_words(tracker(*before, *turn), len(before)) is not kept


def test_a_no_is_known_by_the_message_that_was_kept_without_words() -> None:
    assert said_no([UserUttered("sore"), SILENT, SlotSet("consent", None)])
    assert not said_no([SILENT, UserUttered("yes")])
    assert not said_no([])


@pytest.mark.parametrize("given", [True, False])
def test_an_answer_is_one_where_it_changes_what_was_answered(given: bool) -> None:
    said = [UserUttered("well", input_channel="rest"), SlotSet("consent", given)]
    answer = answer_in(tracker(*said), 0, DOMAIN)
    assert answer is not None
    assert (answer.given, answer.channel) == (given, "rest")
    # As where a new session carries the slots over.
    assert answer_in(tracker(*said, SlotSet("consent", given)), 2, DOMAIN) is None
    assert answer_in(tracker(UserUttered("well")), 0, DOMAIN) is None


def test_the_version_of_a_text_changes_with_its_wording() -> None:
    said = tracker(UserUttered("yes"), SlotSet("consent", True))
    other = Domain.from_dict({"responses": {"utter_ask_consent": [{"text": "May we?"}]}})
    versions = [answer_in(said, 0, domain) for domain in (DOMAIN, DOMAIN, other)]
    first, again, changed = (answer.text_version for answer in versions if answer)
    assert first == again != changed
    assert len(first) <= 32


@pytest.mark.parametrize(
    ("custom", "unsaved"),
    [
        ({"type": "error", "code": "unavailable"}, True),
        ({"type": "triage_result", "stored": False}, True),
        ({"type": "triage_result"}, False),
        (None, False),
    ],
)
def test_a_turn_that_tells_that_something_was_not_stored_is_unsaved(
    custom: Any, unsaved: bool
) -> None:
    assert is_unsaved(BotUttered("sorry", {"custom": custom})) is unsaved
