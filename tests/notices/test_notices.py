"""Staff are told outside the desk: of whom, when, how often, and with nothing personal."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from backline.notices.settings import NoticeSettings, load_notices
from backline.notices.worker import NoticeWorker
from backline.settings import Clinic, load_clinic
from backline.store import By, Store, create_store
from backline.store.consents import forgetting
from tests.conftest import PROJECT, free_port
from tests.desk.browser import add_member
from tests.desk.people import EMERGENCY, SPASM, URGENT, VIOLENCE, add_person
from tests.notices.receivers import Hook, MailBox, smtp_server

SECRET = "s" * 32
DESK = "https://desk.clinic.example"
MAIL = "desk@clinic.example"
HOUR = dt.timedelta(hours=1)


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.timezone.utc)

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hook() -> Hook:
    return Hook()


def clinic_with(**rules: Any) -> Clinic:
    known = load_clinic(PROJECT / "clinic.yml")
    return Clinic(**{**known.dict(), "notices": rules})


def settings_for(clinic: Clinic, **environment: str) -> NoticeSettings:
    settings = load_notices(clinic, environment)
    assert settings is not None
    return settings


def by_hook(store: Store, hook: Hook, clock: Clock, **rules: Any) -> NoticeWorker:
    clinic = clinic_with(**rules)
    environment = {"BACKLINE_WEBHOOK_URLS": hook.url, "BACKLINE_WEBHOOK_SECRET": SECRET}
    return NoticeWorker(store, clinic, settings_for(clinic, **environment), DESK, clock)


def by_mail(store: Store, port: int, clock: Clock, **rules: Any) -> NoticeWorker:
    clinic = clinic_with(email=[MAIL], **rules)
    environment = {
        "BACKLINE_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "BACKLINE_NOTICE_FROM": "backline@clinic.example",
    }
    return NoticeWorker(store, clinic, settings_for(clinic, **environment), DESK, clock)


def look(worker: NoticeWorker) -> None:
    """Have a server look once."""

    async def once() -> None:
        async with aiohttp.ClientSession() as http:
            await worker.look(http)

    asyncio.run(once())


def told(hook: Hook) -> list[dict[str, Any]]:
    return [json.loads(body) for body, _ in hook.calls]


def test_an_emergency_violence_an_urgent_result_and_a_call_back_are_told_once(
    store: Store, hook: Hook, clock: Clock
) -> None:
    for who, facts in (("e", EMERGENCY), ("v", VIOLENCE), ("u", URGENT), ("n", SPASM)):
        add_person(store, who, facts)
    store.call_backs.ask("n", "socketio", "Tom", "+61400123456", clock.now)
    worker = by_hook(store, hook, clock)
    with hook.served():
        look(worker)
        look(worker)
    happened = {"e": "emergency", "v": "violence", "u": "urgent", "n": "call_back"}
    assert {(one["event"], one["reference"]) for one in told(hook)} == {
        (event, store.cases.reference_of(who)) for who, event in happened.items()
    }
    assert len(hook.calls) == 4
    assert {notice.state for notice in store.notices.latest(9)} == {"sent"}


def test_a_webhook_is_signed_with_its_time_and_tells_nothing_personal(
    store: Store, hook: Hook, clock: Clock
) -> None:
    add_person(store, "e", EMERGENCY)
    with hook.served():
        look(by_hook(store, hook, clock))
    ((body, headers),) = hook.calls
    seconds, digest = (part.partition("=")[2] for part in headers["Backline-Signature"].split(","))
    signed = f"{seconds}.".encode() + body
    assert hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest() == digest
    assert abs(int(seconds) - clock.now.timestamp()) < 2
    reference = store.cases.reference_of("e")
    assert json.loads(body).keys() == {
        *("version", "id", "event", "reference", "at", "clinic", "link")
    }
    assert json.loads(body)["link"] == f"{DESK}/desk/person/{reference}"


def test_what_the_clinic_allows_stands_beside_the_reference(
    store: Store, hook: Hook, clock: Clock
) -> None:
    add_person(store, "e", EMERGENCY, channel="whatsapp")
    with hook.served():
        look(by_hook(store, hook, clock, personal=True))
    assert told(hook)[0]["result"] == {"channel": "whatsapp", "age": 48, "rules": ["E1"]}


def test_an_e_mail_names_the_reference_alone(store: Store, clock: Clock) -> None:
    add_person(store, "e", EMERGENCY)
    box, port = MailBox(), free_port()
    with smtp_server(box, port):
        look(by_mail(store, port, clock))
    (mail,) = box.mails
    reference = store.cases.reference_of("e")
    assert (mail["To"], mail["From"]) == (MAIL, "backline@clinic.example")
    assert mail["Subject"] == f"Emergency ({reference})"
    assert f"{DESK}/desk/person/{reference}" in mail.get_content()
    assert "48" not in mail.get_content() and "numb" not in mail.get_content()


def test_a_server_of_mail_that_is_away_for_an_hour_gets_it_then(store: Store, clock: Clock) -> None:
    add_person(store, "e", EMERGENCY)
    box, port = MailBox(), free_port()
    worker = by_mail(store, port, clock)
    for _ in range(60):
        look(worker)
        clock.now += dt.timedelta(minutes=1)
    (waiting,) = store.notices.latest(9)
    assert (waiting.state, waiting.error) == ("waiting", "ConnectionRefusedError")
    assert store.notices.count_in_trouble(clock.now) == 1
    assert 5 < waiting.attempts < 20
    with smtp_server(box, port):
        clock.now += dt.timedelta(minutes=10)
        look(worker)
    assert len(box.mails) == 1
    assert store.notices.count_in_trouble(clock.now) == 0


def test_a_webhook_that_answers_with_an_error_is_called_again_with_the_same_id(
    store: Store, hook: Hook, clock: Clock
) -> None:
    add_person(store, "e", EMERGENCY)
    worker = by_hook(store, hook, clock)
    with hook.served():
        hook.status = 500
        look(worker)
        look(worker)
        assert store.notices.latest(9)[0].error == "HTTP 500"
        hook.status = 204
        clock.now += dt.timedelta(minutes=1)
        look(worker)
    first, second = told(hook)
    assert first["id"] == second["id"]
    assert store.notices.latest(9)[0].state == "sent"


def test_after_a_day_it_is_given_up_and_the_desk_says_so(store: Store, clock: Clock) -> None:
    add_person(store, "e", EMERGENCY)
    worker = by_mail(store, free_port(), clock)
    look(worker)
    clock.now += 25 * HOUR
    look(worker)
    assert [notice.state for notice in store.notices.latest(9)] == ["failed"]


def test_a_refusal_quotes_no_address(store: Store, clock: Clock) -> None:
    add_person(store, "e", EMERGENCY)
    box, port = MailBox(), free_port()
    box.refuses = f"550 no mailbox {MAIL}"
    with smtp_server(box, port):
        look(by_mail(store, port, clock))
    assert store.notices.latest(9)[0].error == "SMTP 550"


def at(clock: Clock, clinic: Clinic, hour: int) -> None:
    """Put the clock to an hour of today, by the clinic's time."""
    local = clock.now.astimezone(clinic.zone).replace(hour=hour, minute=30)
    clock.now = local.astimezone(dt.timezone.utc)


def test_quiet_hours_hold_back_all_but_emergencies_and_violence(
    store: Store, hook: Hook, clock: Clock
) -> None:
    for who, facts in (("e", EMERGENCY), ("v", VIOLENCE), ("u", URGENT)):
        add_person(store, who, facts)
    quiet = {"quiet_hours": "20:00-07:00"}
    worker = by_hook(store, hook, clock, **quiet)
    at(clock, clinic_with(**quiet), 22)
    _move_assessments(store, clock.now)
    with hook.served():
        look(worker)
        assert {one["event"] for one in told(hook)} == {"emergency", "violence"}
        clock.now += 8 * HOUR
        look(worker)
        assert len(hook.calls) == 2
        clock.now += HOUR
        look(worker)
    assert told(hook)[-1]["event"] == "urgent"


def _move_assessments(store: Store, now: dt.datetime) -> None:
    with store._engine.begin() as connection:
        move = sa.text("UPDATE assessments SET created_at = :now")
        connection.execute(move, {"now": now.replace(tzinfo=None) if _is_sqlite(store) else now})


def _is_sqlite(store: Store) -> bool:
    return bool(store._engine.dialect.name == "sqlite")


def test_the_digest_comes_once_a_morning(store: Store, clock: Clock) -> None:
    box, port = MailBox(), free_port()
    rules: dict[str, Any] = {"digest_at": "07:00", "tell": []}
    worker = by_mail(store, port, clock, **rules)
    at(clock, clinic_with(**rules), 7)
    add_person(store, "e", EMERGENCY)
    _move_assessments(store, clock.now)
    with smtp_server(box, port):
        look(worker)
        look(worker)
        clock.now += 5 * HOUR
        look(worker)
    (mail,) = box.mails
    assert "May be in danger, not closed: 1" in mail.get_content()
    assert "1 emergency" in mail.get_content()
    assert f"{DESK}/desk" in mail.get_content()


def test_two_servers_tell_each_thing_once(store: Store, hook: Hook, clock: Clock) -> None:
    for number in range(12):
        add_person(store, f"e{number}", EMERGENCY)
    workers = [by_hook(store, hook, clock) for _ in range(4)]
    with hook.served(), ThreadPoolExecutor(4) as servers:
        for _ in range(3):
            list(servers.map(look, workers))
    assert len(hook.calls) == 12
    assert len({one["id"] for one in told(hook)}) == 12


def test_what_a_server_took_and_did_not_send_another_one_sends(
    store: Store, hook: Hook, clock: Clock
) -> None:
    add_person(store, "e", EMERGENCY)
    worker = by_hook(store, hook, clock)
    worker._find()
    assert len(store.notices.take(9, clock.now)) == 1
    with hook.served():
        look(worker)
        assert hook.calls == []
        clock.now += dt.timedelta(minutes=3)
        look(worker)
    assert len(hook.calls) == 1


def test_nobody_is_told_of_who_was_erased(store: Store, hook: Hook, clock: Clock) -> None:
    add_person(store, "e", EMERGENCY)
    worker = by_hook(store, hook, clock)
    worker._find()
    store.erase("e")
    with hook.served():
        look(worker)
    assert hook.calls == [] and store.notices.latest(9) == []


def test_what_was_called_back_already_is_told_no_more(
    store: Store, hook: Hook, clock: Clock
) -> None:

    store.call_backs.ask("n", "socketio", "Tom", "+61400123456", clock.now)
    store.call_backs.finish("n", add_member(store).id, "Called.", By("r", "test", clock.now))
    with hook.served():
        look(by_hook(store, hook, clock))
    assert hook.calls == []


def test_who_comes_after_somebody_who_took_their_yes_back_is_told_of(
    store: Store, hook: Hook, clock: Clock
) -> None:
    add_person(store, "ada", EMERGENCY)
    worker = by_hook(store, hook, clock)
    with hook.served():
        look(worker)
        with store._engine.begin() as connection:
            for statement in forgetting():
                connection.execute(sa.text(statement), {"sender_id": "ada"})
        add_person(store, "ben", EMERGENCY)
        look(worker)
    who = [store.cases.reference_of(one) for one in ("ada", "ben")]
    assert [one["reference"] for one in told(hook)] == who


def test_somebody_in_danger_is_told_of_before_all_that_can_wait(
    store: Store, hook: Hook, clock: Clock
) -> None:
    for number in range(3):
        store.call_backs.ask(f"n{number}", "socketio", "Tom", "+61400123456", clock.now)
    worker = by_hook(store, hook, clock)
    worker._find()
    add_person(store, "e", EMERGENCY)
    worker._find()
    (first, *_) = store.notices.take(2, clock.now)
    assert first.event == "emergency"


def test_a_flood_comes_in_few_e_mails_and_nobody_is_left_out(store: Store, clock: Clock) -> None:
    who = [f"e{number}" for number in range(6)]
    store.call_backs.ask("n", "socketio", "Tom", "+61400123456", clock.now)
    for one in who:
        add_person(store, one, EMERGENCY)
    box, port = MailBox(), free_port()
    with smtp_server(box, port):
        look(by_mail(store, port, clock))
    (mail,) = box.mails
    assert mail["Subject"].startswith("Emergency (") and mail["Subject"].endswith(", and 6 more")
    text = mail.get_content()
    assert all(f"/desk/person/{store.cases.reference_of(one)}" in text for one in [*who, "n"])
    assert {notice.state for notice in store.notices.latest(9)} == {"sent"}


def test_a_flood_that_is_not_taken_is_tried_again(store: Store, clock: Clock) -> None:
    for number in range(4):
        add_person(store, f"e{number}", EMERGENCY)
    box, port = MailBox(), free_port()
    box.refuses = "451 later"
    with smtp_server(box, port):
        look(by_mail(store, port, clock))
        assert {notice.state for notice in store.notices.latest(9)} == {"waiting"}
        box.refuses = None
        clock.now += HOUR
        look(by_mail(store, port, clock))
    assert len(box.mails) == 1
    assert {notice.state for notice in store.notices.latest(9)} == {"sent"}
