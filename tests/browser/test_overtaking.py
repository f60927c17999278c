"""An emergency gets through whatever stands before it: the real server, and a database locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_page import expect_question, open_chat, press, say, settled, yours
from tests.browser.stand_in import FIRST
from tests.conftest import Server, start_server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SLOW = 30_000
REPEATED_WITHIN_MS = 60_000
EMERGENCY = "both my legs have gone numb and I just lost control of my bladder"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backline.db"


@pytest.fixture
def server(database: Path, tmp_path: Path) -> Iterator[Server]:
    server = start_server(f"sqlite:///{database}", tmp_path / "log")
    yield server
    server.stop()


@pytest.fixture
def chat(blank: Page, server: Server) -> Iterator[Page]:
    """The page of that server, at the question for consent."""
    blank.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    begin(blank, server)
    yield blank
    expect.set_options(timeout=5_000)


def begin(page: Page, server: Server) -> None:
    page.goto(server.url)
    open_chat(page)
    say(page, "my back hurts")
    settled(page)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the database as a writer that does not end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def stored(database: Path) -> tuple[int, list[str]]:
    """How many messages of the person are stored, and the urgency of each assessment."""
    with closing(sqlite3.connect(database)) as reader:
        said = reader.execute("SELECT count(*) FROM events WHERE type_name = 'user'").fetchone()[0]
        results = reader.execute("SELECT urgency FROM assessments").fetchall()
    return said, [urgency for (urgency,) in results]


def told(page: Page) -> None:
    expect(page.locator(".result-emergency")).to_be_visible()
    expect(page.locator(".bar").get_by_role("link", name="Call 000 now")).to_be_in_viewport()


def test_an_emergency_overtakes_a_yes_that_could_not_be_stored(chat: Page, database: Path) -> None:
    with locked(database):
        press(chat, "Yes, go on")
        beside = chat.locator(".message-you").filter(has_text="Yes, go on")
        expect(beside.locator(".note")).to_have_text("Not answered yet")
        expect(beside.get_by_role("link", name="In an emergency: call 000")).to_be_visible()
        say(chat, EMERGENCY)
        told(chat)
    expect(chat.locator(".message-unsent")).to_have_count(0, timeout=REPEATED_WITHIN_MS)
    expect(chat.locator(".result-emergency")).to_have_count(1)
    assert sorted(yours(chat)) == sorted(["my back hurts", "Yes, go on", EMERGENCY])
    expect(chat.locator(".bar").get_by_role("link", name="Call 000 now")).to_be_in_viewport()
    assert stored(database) == (3, ["emergency"])


def test_an_emergency_does_not_wait_for_the_failure_of_what_is_under_way(
    chat: Page, database: Path
) -> None:
    with locked(database):
        press(chat, "Yes, go on")
        say(chat, EMERGENCY)
        told(chat)
    expect(chat.locator(".message-unsent")).to_have_count(0, timeout=REPEATED_WITHIN_MS)
    expect(chat.locator(".result-emergency")).to_have_count(1)


def test_where_socket_io_is_blocked_an_emergency_goes_another_way(
    blank: Page, server: Server, database: Path
) -> None:
    blank.set_default_timeout(SLOW)
    blank.add_init_script("delete window.WebSocket")
    blank.route("**/socket.io/**", lambda route: route.abort())
    begin(blank, server)
    with locked(database):
        press(blank, "Yes, go on")
        expect(blank.locator(".message-unsent")).to_have_count(1, timeout=SLOW)
        say(blank, EMERGENCY)
        expect(blank.locator(".result-emergency")).to_be_visible(timeout=SLOW)
    expect(blank.locator(".message-unsent")).to_have_count(0, timeout=REPEATED_WITHIN_MS)
    expect(blank.locator(".result-emergency")).to_have_count(1)
    assert stored(database) == (3, ["emergency"])


def test_a_socket_that_swallows_messages_is_gone_round(chat: Page, context: BrowserContext) -> None:
    # The connection stands, and nothing that is sent through it arrives.
    chat.evaluate("WebSocket.prototype.send = () => {}")
    with chat.expect_request("**/webhooks/rest/webhook", timeout=SLOW) as posted:
        say(chat, EMERGENCY)
    told(chat)
    sent = posted.value.post_data_json
    kept = chat.evaluate("JSON.parse(Object.values(localStorage)[0])")
    assert sent["sender"] == kept["id"]
    assert sent["message_id"] in [entry["id"] for entry in kept["entries"]]


def test_an_answer_written_later_is_not_taken_for_the_one_that_failed(
    chat: Page, database: Path
) -> None:
    with locked(database):
        press(chat, "Yes, go on")
        expect(chat.locator(".message-unsent")).to_have_count(1)
        say(chat, "no, it is not so bad")
        expect(chat.locator(".message-unsent")).to_have_count(2)
    expect(chat.locator(".message-unsent")).to_have_count(0, timeout=REPEATED_WITHIN_MS)
    expect_question(chat, FIRST)
    assert stored(database) == (3, [])


def test_an_unsent_emergency_survives_a_reload(chat: Page, server: Server) -> None:
    chat.route("**/webhooks/rest/webhook", lambda route: route.abort())
    chat.route("**/socket.io/**", lambda route: route.abort())
    chat.add_init_script("delete window.WebSocket")
    chat.reload()
    say(chat, EMERGENCY)
    help_beside = chat.locator(".message-you").filter(has_text="legs").get_by_role("link")
    expect(help_beside).to_have_text("In an emergency: call 000")
    chat.reload()
    expect(help_beside).to_have_text("In an emergency: call 000")
    chat.unroute("**/webhooks/rest/webhook")
    told(chat)
    assert yours(chat) == ["my back hurts", EMERGENCY]
