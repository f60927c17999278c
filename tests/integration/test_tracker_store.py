"""Reading a conversation back: the latest turns, and what was known before them."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
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

from backline.runtime.tracker_store import KEPT_TURNS, BacklineTrackerStore, Overtaken
from backline.store import create_store

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
    tracker.update(UserUttered(f"turn {number}", {"name": "inform"}, message_id=f"m_{number}"))
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
    assert [e.as_dict() for e in latest.events] == [e.as_dict() for e in whole.events]


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


async def test_a_turn_that_was_overtaken_is_refused(
    store: BacklineTrackerStore, domain: Domain
) -> None:
    """As when a server stands still longer than its lock lives, and another one goes on."""
    await talked(store, domain, 2)
    late, quick = await store.retrieve(SENDER), await store.retrieve(SENDER)
    assert late is not None and quick is not None
    turn(quick, 2)
    await store.save(quick)
    turn(late, 2)
    with pytest.raises(Overtaken):
        await store.save(late)
    assert await said_in(store) == ["turn 0", "turn 1", "turn 2"]


async def test_a_turn_under_way_does_not_bring_back_what_was_erased(
    store: BacklineTrackerStore, domain: Domain, database_url: str
) -> None:
    await talked(store, domain, 2)
    under_way = await store.retrieve(SENDER)
    assert under_way is not None
    backline_store = create_store(database_url)
    backline_store.upgrade()
    backline_store.erase(SENDER)
    turn(under_way, 2)
    with pytest.raises(Overtaken):
        await store.save(under_way)
    assert await store.retrieve_full_tracker(SENDER) is None


def no(tracker: DialogueStateTracker, number: int) -> None:
    tracker.update(UserUttered("no", {"name": "deny"}, message_id=f"m_{number}"))
    tracker.update(SlotSet("consent", False))
    tracker.update(ActionExecuted("action_listen"))


def consents(database_url: str) -> list[bool]:
    engine = sa.create_engine(database_url, future=True)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT given FROM consents ORDER BY id")).scalars()
        given = [bool(value) for value in found]
    engine.dispose()
    return given


async def test_a_no_that_was_overtaken_takes_nothing_away_and_is_not_kept(
    store: BacklineTrackerStore, domain: Domain, database_url: str
) -> None:
    create_store(database_url).upgrade()
    await talked(store, domain, 2)
    late, quick = await store.retrieve(SENDER), await store.retrieve(SENDER)
    assert late is not None and quick is not None
    turn(quick, 2)
    await store.save(quick)
    no(late, 3)
    with pytest.raises(Overtaken):
        await store.save(late)
    assert await said_in(store) == ["turn 0", "turn 1", "turn 2"]
    assert consents(database_url) == []


async def test_a_turn_that_a_no_overtook_brings_no_words_back(
    store: BacklineTrackerStore, domain: Domain, database_url: str
) -> None:
    create_store(database_url).upgrade()
    await talked(store, domain, 2)
    late, quick = await store.retrieve(SENDER), await store.retrieve(SENDER)
    assert late is not None and quick is not None
    no(quick, 2)
    await store.save(quick)
    turn(late, 3)
    with pytest.raises(Overtaken):
        await store.save(late)
    assert await said_in(store) == [None, None, None]
    assert consents(database_url) == [False]


async def test_of_two_noes_at_once_one_counts(
    store: BacklineTrackerStore, domain: Domain, database_url: str
) -> None:
    create_store(database_url).upgrade()
    await talked(store, domain, 1)
    trackers = [await store.retrieve(SENDER) for _ in range(4)]
    for tracker in trackers:
        assert tracker is not None
        no(tracker, 1)
    done = await asyncio.gather(*map(store.save, trackers), return_exceptions=True)
    assert sorted(str(type(end).__name__) for end in done) == ["NoneType", *["Overtaken"] * 3]
    assert consents(database_url) == [False]


class Broker:
    """Notes what is published."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def publish(self, event: dict[str, Any]) -> None:
        self.told.append(event["event"])


async def test_nothing_is_published_that_is_not_kept(domain: Domain, database_url: str) -> None:
    create_store(database_url).upgrade()
    broker = Broker()
    store = BacklineTrackerStore(domain=domain, host=database_url, event_broker=broker)
    tracker = DialogueStateTracker.from_dict(SENDER, [], domain.slots)
    no(tracker, 0)
    turn(tracker, 1)
    await store.save(tracker)
    assert broker.told == ["user", "slot", "action", "user", "action"]


async def test_what_is_known_and_heard_goes_on_after_a_no(
    store: BacklineTrackerStore, domain: Domain, database_url: str
) -> None:
    create_store(database_url).upgrade()
    await talked(store, domain, TURNS)
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    no(tracker, TURNS)
    await store.save(tracker)
    again = await store.retrieve(SENDER)
    assert again is not None
    assert again.get_slot("consent") is False
    assert again.get_slot("age") is None
    for number in (0, TURNS - 1, TURNS):
        assert await store.heard(again, f"m_{number}")
    assert not await store.heard(again, "m_another")


async def test_two_first_turns_at_once_do_not_both_count(
    store: BacklineTrackerStore, domain: Domain
) -> None:
    trackers = [DialogueStateTracker.from_dict(SENDER, [], domain.slots) for _ in range(4)]
    for tracker in trackers:
        turn(tracker, 0)
    done = await asyncio.gather(*map(store.save, trackers), return_exceptions=True)
    assert sorted(str(type(end).__name__) for end in done) == ["NoneType", *["Overtaken"] * 3]
    assert await said_in(store) == ["turn 0"]


async def test_a_clock_that_is_set_back_loses_nothing(
    store: BacklineTrackerStore, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talked(store, domain, 1)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    turn(tracker, 1)
    await store.save(tracker)
    latest = await store.retrieve(SENDER)
    assert latest is not None
    assert [e.text for e in latest.events if isinstance(e, UserUttered)] == ["turn 0", "turn 1"]


@pytest.fixture
async def cut(store: BacklineTrackerStore, domain: Domain) -> DialogueStateTracker:
    """A long conversation, as its latest turns were read back."""
    await talked(store, domain, TURNS)
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    return tracker


@pytest.mark.parametrize("ago", [1, TURNS - 1])
async def test_a_message_is_known_however_long_ago_it_was_heard(
    store: BacklineTrackerStore, cut: DialogueStateTracker, ago: int
) -> None:
    assert await store.heard(cut, f"m_{TURNS - ago}")


@pytest.mark.parametrize("other", ["m_", "m%1", "mx1", 'm_1"', "m_600", "M_1\\"])
async def test_another_message_is_not_taken_for_one_that_was_heard(
    store: BacklineTrackerStore, cut: DialogueStateTracker, other: str
) -> None:
    assert not await store.heard(cut, other)


async def said_in(store: BacklineTrackerStore) -> list[str | None]:
    whole = await store.retrieve_full_tracker(SENDER)
    assert whole is not None
    return [e.text for e in whole.events if isinstance(e, UserUttered)]


async def test_a_new_session_begins_anew_with_what_it_carries_over(
    store: BacklineTrackerStore, domain: Domain
) -> None:
    await talked(store, domain, TURNS)
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    tracker.update(ActionExecuted("action_session_start"))
    tracker.update(SessionStarted())
    tracker.update(SlotSet("age", 45))
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    again = await store.retrieve(SENDER)
    assert again is not None
    assert again.get_slot("age") == 45
    assert again.get_slot("pain_severity") is None
    assert again.active_loop_name is None


def test_servers_that_start_at_once_make_the_tables_once(domain: Domain, database_url: str) -> None:
    with ThreadPoolExecutor(6) as together:
        stores = list(
            together.map(lambda _: BacklineTrackerStore(domain=domain, host=database_url), range(6))
        )
    assert sa.inspect(stores[0].engine).has_table("events")
