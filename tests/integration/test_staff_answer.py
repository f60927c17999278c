"""Staff answer in place of the bot: it is silent, but for danger, and goes on where it was."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml

from backline.store import By, StaffMember, Store, create_store
from tests.conftest import PROJECT, Server, postgres_database, start_server
from tests.desk.browser import add_member
from tests.plain import PLAIN
from tests.services import postgres_available, require_or_skip
from tests.talking import Patient, asked_in

BY = By("Robin (account-1)", "test", dt.datetime(2026, 11, 30, 9, tzinfo=dt.timezone.utc))
DANGER = "I can't feel it when I wipe"
ASIDE = "she said it is a bit better when I walk"
HERE, NAME = "Somebody is here.", "A person of the clinic"
WITH_STAFF = [{"type": "with_staff"}]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("staff")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'backline.db'}"
    else:
        require_or_skip(postgres_available(), "PostgreSQL does not answer")
        database = postgres_database()
        url = database.__enter__()
        request.addfinalizer(lambda: database.__exit__(None, None, None))
    clinic = yaml.safe_load((PROJECT / "clinic.yml").read_text(encoding="utf-8"))
    clinic["staff"] = {"answer_within_minutes": 1}
    (folder / "clinic.yml").write_text(yaml.safe_dump(clinic))
    server = start_server(url, folder / "log", BACKLINE_CLINIC=str(folder / "clinic.yml"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    """The desk's own store: it runs elsewhere."""
    made = create_store(server.database_url)
    yield made
    made.close()


@pytest.fixture
def robin(store: Store) -> StaffMember:
    return add_member(store)


@pytest.fixture
def ada(server: Server) -> Patient:
    """Somebody who agreed to storing, and is asked the first list."""
    patient = Patient(server.url)
    patient.say("my back hurts")
    patient.answer_until("emergency_signs")
    return patient


def take(store: Store, robin: StaffMember, patient: Patient) -> None:
    assert store.takeovers.take(patient.id, robin.id, HERE, BY, None)


def write(store: Store, robin: StaffMember, patient: Patient, text: str) -> None:
    assert store.takeovers.write(patient.id, robin.id, NAME, text, text, BY)


def hand_back(store: Store, robin: StaffMember, patient: Patient) -> None:
    assert store.takeovers.hand_back(patient.id, robin.id, "The clinic: see you.", BY)


def markers(messages: list[dict[str, Any]]) -> list[Any]:
    return [message.get("custom") for message in messages]


def urgencies(messages: list[dict[str, Any]]) -> list[Any]:
    return [m["urgency"] for m in markers(messages) if m and m.get("type") == "triage_result"]


def news(patient: Patient, number: int = 0) -> dict[str, Any]:
    """What the person's page finds when it looks."""
    body = {"sender": patient.id, "news": number}
    answer = requests.post(f"{patient.url}/widget/news", json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_bot_is_silent_and_what_is_written_is_kept_for_staff(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    for _ in range(2):
        assert markers(ada.say(ASIDE, message_id="m1")) == WITH_STAFF
    kept = [(one.author.value, one.text) for one in store.takeovers.messages(ada.id)]
    assert kept == [("bot", HERE), ("person", ASIDE)]


def test_the_page_finds_what_staff_wrote_once_and_in_order(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    write(store, robin, ada, "How are you?")
    found = news(ada)
    assert [m["text"] for m in found["messages"]] == [HERE, "How are you?"]
    assert found["messages"][1]["custom"]["name"] == NAME
    write(store, robin, ada, "Still there?")
    later = news(ada, found["number"])
    assert [m["text"] for m in later["messages"]] == ["Still there?"]
    assert news(ada, later["number"])["messages"] == []


def test_an_emergency_is_told_at_once_and_the_case_stands_on_top(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    write(store, robin, ada, "How are you?")
    before = store.cases.count_alarms()
    assert urgencies(ada.say(DANGER)) == ["emergency"]
    assert store.cases.count_alarms() == before + 1
    assert markers(ada.say(ASIDE)) == WITH_STAFF, "and is silent again"


def test_a_number_is_a_line_of_the_bots_list_until_staff_have_said_something(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    assert markers(ada.say("1")) != WITH_STAFF


def test_a_number_is_staffs_once_they_have_asked(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    write(store, robin, ada, "How many children do you have?")
    assert markers(ada.say("1")) == WITH_STAFF


def test_deleting_is_asked_back_and_done_whoever_answers(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    write(store, robin, ada, "How are you?")
    assert markers(ada.say("delete my data")) != WITH_STAFF
    ada.say("yes")
    assert store.takeovers.of(ada.id) is None
    assert store.takeovers.messages(ada.id) == []


def test_handed_back_the_bot_asks_its_question_again_and_goes_on(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    take(store, robin, ada)
    ada.say(ASIDE)
    hand_back(store, robin, ada)
    *_, note, question = news(ada)["messages"]
    assert note["text"] == "The clinic: see you."
    assert asked_in([question]) == "emergency_signs"
    ada.say(PLAIN["emergency_signs"])
    assert ada.asked not in (None, "emergency_signs")


def test_after_a_result_nothing_is_asked_again(
    store: Store, robin: StaffMember, ada: Patient
) -> None:
    while ada.asked is not None:
        ada.say(PLAIN[ada.asked])
    take(store, robin, ada)
    hand_back(store, robin, ada)
    assert [m["text"] for m in news(ada)["messages"]] == [HERE, "The clinic: see you."]


def test_who_asks_for_a_person_is_at_the_desk_and_told_when_nobody_comes(
    store: Store, ada: Patient
) -> None:
    said = ada.say("can I speak to a human")
    assert any("I have let Harbour Street Back Clinic know" in m.get("text", "") for m in said)
    asked = store.takeovers.of(ada.id)
    assert asked is not None
    assert asked.taken_by is None
    assert markers(ada.say(PLAIN["emergency_signs"])) != WITH_STAFF, "the bot goes on meanwhile"
    now = dt.datetime.now(dt.timezone.utc)
    for _ in range(90):
        if found := news(ada)["messages"]:
            break
        time.sleep(1)
    assert "nobody of the clinic could come" in found[0]["text"]
    assert "02 5550 0100" in found[0]["text"]
    assert dt.datetime.now(dt.timezone.utc) - now > dt.timedelta(seconds=40)


def test_what_is_no_number_is_refused(ada: Patient) -> None:
    for number in (-1, True, "1", 2**60, None):
        body = {"sender": ada.id, "news": number}
        answer = requests.post(f"{ada.url}/widget/news", json=body, timeout=10)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_number")
