"""Reading a conversation back: the latest turns, and what was known before them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from backline.server.tracker_store import KEPT_TURNS, BacklineTrackerStore

TURNS = 60
SENDER = "somebody"


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(Path(__file__).resolve().parents[2] / "domain.yml"))


@pytest.fixture
def store(domain: Domain, database_url: str) -> BacklineTrackerStore:
    return BacklineTrackerStore(domain=domain, host=database_url)


def turn(tracker: DialogueStateTracker, number: int) -> None:
    """One turn, as an assistant takes it; the age is told early and never again."""
    tracker.update(UserUttered(f"turn {number}", {"name": "inform"}))
    if number == 2:
        tracker.update(SlotSet("age", 44))
        tracker.update(ActionExecuted("triage_form"))
        tracker.update(ActiveLoop("triage_form"))
    tracker.update(SlotSet("pain_severity", number % 10))
    tracker.update(BotUttered(f"answer {number}"))
    tracker.update(ActionExecuted("action_listen"))


async def talked(store: BacklineTrackerStore, domain: Domain, turns: int) -> None:
    tracker = DialogueStateTracker.from_dict(SENDER, [], domain.slots)
    tracker.update(ActionExecuted("action_session_start"))
    tracker.update(SessionStarted())
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    for number in range(turns):
        found = await store.retrieve(SENDER)
        assert found is not None
        turn(found, number)
        await store.save(found)


async def test_a_short_conversation_is_read_back_whole(
    store: BacklineTrackerStore, domain: Domain
) -> None:
    await talked(store, domain, KEPT_TURNS - 1)
    latest, whole = await store.retrieve(SENDER), await store.retrieve_full_tracker(SENDER)
    assert latest is not None and whole is not None
    # Rasa reads a session from its start on, without the action that started it.
    assert [e.as_dict() for e in latest.events] == [e.as_dict() for e in whole.events][1:]


async def test_of_a_long_conversation_the_latest_turns_and_all_that_is_known_are_read_back(
    store: BacklineTrackerStore, domain: Domain
) -> None:
    await talked(store, domain, TURNS)
    latest, whole = await store.retrieve(SENDER), await store.retrieve_full_tracker(SENDER)
    assert latest is not None and whole is not None
    said = [e.text for e in latest.events if isinstance(e, UserUttered)]
    assert said == [f"turn {number}" for number in range(TURNS - KEPT_TURNS, TURNS)]
    assert latest.current_slot_values() == whole.current_slot_values()
    assert latest.get_slot("age") == 44
    assert latest.active_loop_name == whole.active_loop_name == "triage_form"
    assert latest.latest_message == whole.latest_message


async def test_every_turn_is_stored_once_however_long_people_talk(
    store: BacklineTrackerStore, domain: Domain
) -> None:
    await talked(store, domain, TURNS)
    whole = await store.retrieve_full_tracker(SENDER)
    assert whole is not None
    said = [e.text for e in whole.events if isinstance(e, UserUttered)]
    assert said == [f"turn {number}" for number in range(TURNS)]
    assert sum(isinstance(e, BotUttered) for e in whole.events) == TURNS
