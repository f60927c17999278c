"""Notifications of the browser: of what, to whom, when; and each page is told of each once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backline.clock import utcnow
from backline.desk.alerts import ToldAlerts
from backline.desk.app import application
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.settings import Settings, load_settings
from backline.store import By, Role, Store, create_store
from backline.store.corrections import CorrectionKind
from tests.conftest import PROJECT
from tests.desk.browser import OWN, QUICK, Browser, add_member, begin_session
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, VIOLENCE, add_person, assessment
from tests.desk.serving import open_stream, served_desk, until

BY = By("Robin (account-1)", "test", NOW)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def settings_with(tmp_path: Path, notices: str) -> Settings:
    file = tmp_path / "clinic.yml"
    text = (PROJECT / "clinic.yml").read_text("utf-8")
    file.write_text(f"{text}\nnotices: {notices}\n", "utf-8")
    return load_settings({"BACKLINE_CLINIC": str(file)})


def desk_of(store: Store, settings: Settings | None = None, now: dt.datetime | None = None) -> Desk:
    settings = settings or load_settings({})
    clock = {} if now is None else {"clock": lambda: now}
    return Desk(settings, OWN, store, load_words(settings), QUICK, **clock)


def told(alerts: ToldAlerts, role: Role = Role.RECEPTIONIST) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for event in alerts.look(role, BY):
        kind, _, data = event.decode().strip().partition("\n")
        assert kind == "event: alert"
        read: dict[str, Any] = json.loads(data.removeprefix("data: "))
        assert set(read) == {"key", "title", "reference"}
        found.append((read["title"], read["reference"]))
    return found


def everything_happens(store: Store) -> None:
    add_person(store, "calm", SPASM)
    add_person(store, "urgent", URGENT)
    add_person(store, "violence", VIOLENCE)
    add_person(store, "emergency", EMERGENCY)
    store.call_backs.ask("caller", "socketio", "Cleo", "+61291234567", utcnow())


def test_what_cannot_wait_is_notified_by_its_reference_alone(store: Store) -> None:
    alerts = ToldAlerts(desk_of(store), None)
    assert told(alerts) == []
    everything_happens(store)
    of = store.cases.reference_of
    assert sorted(told(alerts)) == [
        ("A doctor today", of("urgent")),
        ("Call-back", of("caller")),
        ("Emergency", of("emergency")),
        ("Violence", of("violence")),
    ]
    assert told(alerts) == [], "each is told once"


def test_of_whom_a_browser_was_notified_stands_in_the_audit_log(store: Store) -> None:
    alerts = ToldAlerts(desk_of(store), None)
    assert told(alerts) == []
    add_person(store, "emergency", EMERGENCY)
    assert len(told(alerts)) == 1
    look = store.audit.all()[0]
    seen = (look.who, look.action, look.about)
    assert seen == (BY.who, "notified", store.cases.reference_of("emergency"))
    assert look.at > BY.at, "when it was told, not when the page was opened"


def test_what_was_there_before_is_not_notified(store: Store) -> None:
    everything_happens(store)
    assert told(ToldAlerts(desk_of(store), None)) == []


def test_a_page_that_goes_on_elsewhere_misses_nothing_and_hears_nothing_twice(
    store: Store,
) -> None:
    first = ToldAlerts(desk_of(store), None)
    add_person(store, "before", EMERGENCY)
    assert told(first) == []
    add_person(store, "told", EMERGENCY)
    assert len(told(first)) == 1
    add_person(store, "between", EMERGENCY)
    second = ToldAlerts(desk_of(store), first.mark)
    assert told(second) == [("Emergency", store.cases.reference_of("between"))]


def test_a_role_hears_what_the_clinic_wants_it_to(store: Store, tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "{browser: {receptionist: [call_back]}}")
    desk = desk_of(store, settings)
    desks = {role: ToldAlerts(desk, None) for role in (Role.RECEPTIONIST, Role.THERAPIST)}
    for role, alerts in desks.items():
        assert told(alerts, role) == []
    everything_happens(store)
    found = {role: told(alerts, role) for role, alerts in desks.items()}
    call_back = [("Call-back", store.cases.reference_of("caller"))]
    assert found == {Role.RECEPTIONIST: call_back, Role.THERAPIST: []}


@pytest.mark.parametrize(("quiet", "expected"), [(True, 2), (False, 4)])
def test_quiet_hours_hold_back_neither_emergencies_nor_violence(
    store: Store, tmp_path: Path, quiet: bool, expected: int
) -> None:
    now = utcnow()
    local = now.astimezone(load_settings({}).clinic.zone)
    begins, ends = (local + dt.timedelta(hours=h) for h in ((-1, 1) if quiet else (2, 3)))
    hours = f"{begins:%H:%M}-{ends:%H:%M}"
    everything = "[emergency, violence, urgent, call_back]"
    rules = f'{{quiet_hours: "{hours}", browser: {{therapist: {everything}}}}}'
    settings = settings_with(tmp_path, rules)
    alerts = ToldAlerts(desk_of(store, settings), "")
    everything_happens(store)
    assert len(told(alerts, Role.THERAPIST)) == expected


def test_what_staff_set_themselves_is_not_notified(store: Store) -> None:
    member = add_member(store)
    add_person(store, "ada", SPASM)
    alerts = ToldAlerts(desk_of(store), "")
    record, kind = assessment(EMERGENCY), CorrectionKind.RESULT
    assert store.corrections.add("ada", 1, record, kind, "reason", member.id, _by_now())
    assert told(alerts) == []


def _by_now() -> By:
    return By("Robin (account-1)", "test", utcnow())


def test_only_a_page_that_asked_for_them_gets_notifications(store: Store) -> None:
    token = begin_session(store, add_member(store), utcnow())
    with served_desk(store) as desk:
        asked = open_stream(desk, token, "/desk/events?alerts=1")
        plain = open_stream(desk, token)
        until(lambda: asked.count("beat") and plain.count(), "both to be open")
        add_person(store, "bob", EMERGENCY)
        until(lambda: asked.count("alert") == 1, "the notification")
        until(lambda: plain.count() > 1, "the news")
    assert plain.count("alert") == 0


def test_a_role_of_which_nothing_is_notified_is_offered_nothing(
    store: Store, tmp_path: Path
) -> None:
    settings = settings_with(tmp_path, "{browser: {receptionist: [emergency]}}")
    browser = Browser.signed_in(store, Role.THERAPIST, application(desk_of(store, settings)))
    assert "Notify me in this browser" not in browser.get("/desk")
    page = Browser.signed_in(store, Role.THERAPIST).get("/desk")
    assert "Notify me in this browser" in page
    assert "hidden" in page[page.index("data-notifications") :][:40], "not without a script"
