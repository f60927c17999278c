"""The log of a server on which people write through every channel, at its most talkative."""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from tests.conftest import Server, start_server
from tests.messaging.conftest import CHANNELS, Services
from tests.messaging.person import Person
from tests.messaging.telegram import TelegramPerson
from tests.messaging.whatsapp import WhatsAppPerson
from tests.plain import PLAIN
from tests.talking import MOST_QUESTIONS, Patient

NAME, NUMBER, PLACE = "Wilhelmina", "0412777333", "rhinoceros"
TELLTALES = (NAME, NUMBER, PLACE)
OPENING = f"I am {NAME}, call me on {NUMBER}, my back hurts since I fed a {PLACE} at 36 weeks"
ASIDES = (f"{PLACE} {PLACE}?", f"what would {NAME} pay for a massage", f"no, I meant {NUMBER}")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def server(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logs")
    server = start_server(
        f"sqlite:///{folder / 'backline.db'}",
        folder / "log",
        BACKLINE_LOG_LEVEL="debug",
        **services.environment,
    )
    yield server
    server.stop()


@pytest.fixture
def read(server: Server) -> Callable[[], list[dict[str, Any]]]:
    """Gives the lines logged so far. Each must be JSON."""
    path: Path = server.log

    def lines() -> list[dict[str, Any]]:
        # One may be in the middle of being written.
        whole, _, _ = path.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    return lines


def finish(person: Patient | Person) -> None:
    for _ in range(MOST_QUESTIONS):
        if person.asked is None:
            return
        person.say(PLAIN[person.asked])
    raise AssertionError("no result")


def triage(person: Patient | Person) -> None:
    for text in (OPENING, "yes", *ASIDES):
        person.say(text)
    finish(person)


def nothing_tells(server: Server, *more: str) -> None:
    log = server.log.read_text()
    assert [word for word in (*TELLTALES, *more) if word in log] == []


def test_a_triage_over_rest_leaves_no_words_in_the_log(server: Server) -> None:
    patient = Patient(server.url)
    patient.id = f"{NAME}-{NUMBER}"
    triage(patient)
    assert "rasa.core.processor" in server.log.read_text()
    nothing_tells(server, patient.id)


def test_a_triage_over_socket_io_leaves_no_words_in_the_log(server: Server) -> None:
    with socketio.SimpleClient() as visitor:
        visitor.connect(server.url)
        session = visitor.call("session_request", {"session_id": f"{NAME}-{uuid.uuid4().hex}"})
        for text in (OPENING, "yes", *ASIDES, "40", "none", f"3 weeks, {PLACE}", "4", {"a": PLACE}):
            visitor.call("user_uttered", {"message": text, "message_id": uuid.uuid4().hex})
    nothing_tells(server, session["session_id"])


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_triage_over_a_messaging_service_leaves_no_words_in_the_log(
    services: Services, server: Server, channel: str
) -> None:
    person = services.someone(channel, server.url)
    triage(person)
    person.do(person.media(f"a picture of {NAME}"))
    nothing_tells(server, person.address.removeprefix("whatsapp:+"))


def write_while_the_database_is_locked(server: Server) -> Patient:
    patient = Patient(server.url)
    patient.say("sore back")
    path = server.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        patient.say(OPENING)
        blocker.execute("ROLLBACK")
    assert "02 5550 0100" in patient.heard
    return patient


def test_what_fails_leaves_no_words_in_the_log(server: Server) -> None:
    patient = write_while_the_database_is_locked(server)
    assert "A message could not be handled" in server.log.read_text()
    nothing_tells(server, patient.id)


def test_what_fails_is_logged_with_its_place_in_the_code(
    server: Server, read: Callable[[], list[dict[str, Any]]]
) -> None:
    write_while_the_database_is_locked(server)
    failed = next(line for line in read() if line["event"].startswith("A message could not be"))
    assert re.fullmatch(r".*: \w+ at backline\.store\.\w+:\d+ \w+", failed["event"]), failed


def test_odd_requests_leave_nothing_of_themselves_in_the_log(server: Server) -> None:
    for method, path in (("GET", f"/{NAME}?q={NUMBER}"), (NAME.upper(), "/"), ("POST", "/widget")):
        request = urllib.request.Request(
            f"{server.url}{path}",
            data=PLACE.encode() if method == "POST" else None,
            method=method,
            headers={"X-Request-Id": f"{NAME} {NUMBER}", "User-Agent": PLACE, "Referer": NAME},
        )
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10)
    requests.post(f"{server.url}/webhooks/rest/webhook", data=OPENING, timeout=10)
    requests.post(f"{server.url}/webhooks/telegram/webhook", data=OPENING, timeout=10)
    nothing_tells(server, NAME.upper())


def test_every_line_tells_when_how_grave_who_and_what(
    read: Callable[[], list[dict[str, Any]]],
) -> None:
    assert all({"time", "level", "logger", "event"} <= set(line) for line in read())


def test_a_request_is_followed_by_the_id_that_its_proxy_gave_it(
    server: Server, read: Callable[[], list[dict[str, Any]]]
) -> None:
    conversation = f"test-{uuid.uuid4().hex}"
    answer = requests.post(
        f"{server.url}/webhooks/rest/webhook",
        json={"sender": conversation, "message": "sore back"},
        headers={"X-Request-Id": TRACE},
        timeout=20,
    )
    assert answer.headers["X-Request-Id"] == TRACE
    mine = [line for line in read() if line.get("request_id") == TRACE]
    assert {line["logger"].split(".")[0] for line in mine} == {"backline", "rasa"}
    (access,) = [line for line in mine if line["event"] == "request"]
    assert access["route"] == "/webhooks/rest/webhook"
    assert access["status"] == 200
    assert access["channel"] == "rest"
    assert access["duration_ms"] > 0


def test_a_message_is_followed_from_its_webhook_to_the_sending_of_its_reply(
    services: Services, server: Server, read: Callable[[], list[dict[str, Any]]]
) -> None:
    person = TelegramPerson(services.telegram, server.url)
    delivered = person.deliver(person.write("sore back"))
    person.read(0)

    def events(request_id: str) -> dict[str, dict[str, Any]]:
        return {line["event"]: line for line in read() if line.get("request_id") == request_id}

    webhook = events(delivered.headers["X-Request-Id"])
    assert webhook["request"]["route"] == "/webhooks/telegram/webhook"
    delivery = webhook["message received"]["delivery"]
    Person.wait_for(lambda: "message answered" in events(delivery))
    assert events(delivery)["message sent"]["channel"] == "telegram"


def test_an_event_on_a_socket_has_a_request_id_of_its_own(
    server: Server, read: Callable[[], list[dict[str, Any]]]
) -> None:
    with socketio.SimpleClient() as visitor:
        visitor.connect(server.url)
        visitor.call("session_request", {})
        for text in ("sore back", "yes"):
            visitor.call("user_uttered", {"message": text, "message_id": uuid.uuid4().hex})
    lines = [line for line in read() if line["event"] == "socket event"]
    first, second = lines[-2:]
    assert first["request_id"] != second["request_id"]
    assert first["conversation"] == second["conversation"]
    assert (first["channel"], first["status"]) == ("socketio", "answered")


def test_people_of_two_services_at_once_stay_apart_in_the_log(
    services: Services, server: Server, read: Callable[[], list[dict[str, Any]]]
) -> None:
    people = [
        TelegramPerson(services.telegram, server.url),
        WhatsAppPerson(services.whatsapp, server.url),
    ]
    for person in people:
        person.deliver(person.write("sore back"))
    for person in people:
        person.read(0)
    told: dict[str, set[str]] = {}
    for line in read():
        if "channel" in line:
            told.setdefault(line["request_id"], set()).add(line["channel"])
    assert {"telegram", "whatsapp"} <= set.union(*told.values())
    assert all(len(channels) == 1 for channels in told.values())
