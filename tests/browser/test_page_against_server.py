"""The page and the real server together: Socket.IO, Rasa, understanding, the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import socketio
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.after_emergency import EMERGENCY, MESSAGES
from tests.browser.chat_page import (
    MOST_TURNS,
    answer,
    answer_plainly,
    expect_question,
    give,
    open_chat,
    press,
    say,
    settled,
    tick,
    to_question,
    yours,
)
from tests.browser.conftest import Watch
from tests.browser.stand_in import FIRST, ORDER
from tests.conftest import Server, start_server
from tests.plain import PLAIN

pytestmark = pytest.mark.browser

SLOW = 30_000


@pytest.fixture
def slow_page(blank: Page) -> Page:
    blank.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    return blank


@pytest.fixture(autouse=True)
def usual_patience() -> Iterator[None]:
    yield
    expect.set_options(timeout=5_000)


def open_page(page: Page, server: str) -> None:
    page.goto(server)
    open_chat(page)


def to_the_result(page: Page, heading: str = "Therapeutic massage") -> None:
    for _ in range(MOST_TURNS):
        if page.locator(".result").count():
            break
        answer_plainly(page)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_a_triage_from_the_first_word_to_the_result(
    slow_page: Page, live_server: str, watch: Watch
) -> None:
    sockets: list[str] = []
    slow_page.on("websocket", lambda socket: sockets.append(urlsplit(socket.url).netloc))
    posted: list[str] = []
    slow_page.on("request", lambda request: posted.append(request.method))
    open_page(slow_page, live_server)
    slow_page.wait_for_timeout(500)
    press(slow_page, "I have back pain")
    settled(slow_page)
    to_the_result(slow_page)
    host = live_server.rstrip("/").removeprefix("http://")
    assert watch.hosts == {host}
    assert set(sockets) == {host}
    assert "POST" not in posted, "every message goes through the socket"


def test_a_triage_with_the_keyboard_alone(slow_page: Page, live_server: str) -> None:
    page = slow_page
    page.goto(live_server)
    page.locator(".launcher").wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator(".launcher:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("my lower back has hurt for two weeks")
    page.keyboard.press("Enter")
    for _ in range(MOST_TURNS):
        settled(page)
        if page.locator(".result").count():
            break
        # Focus comes to each question by itself.
        expect(answer(page).locator(":focus")).to_have_count(1)
        focused = answer(page).locator(":focus")
        if focused.get_attribute("type") == "checkbox":
            none = answer(page).locator("label", has_text="None of these")
            while none.locator(":focus").count() == 0:
                page.keyboard.press("Tab")
            page.keyboard.press("Space")
            page.keyboard.press("Enter")
        elif focused.get_attribute("role") == "radio":
            for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
                page.keyboard.press(key)
        elif focused.get_attribute("aria-label") == "Your answer in years":
            page.keyboard.type("40")
            page.keyboard.press("Enter")
        else:
            wanted = ["Yes, go on", "No massage yet", "No"]
            while page.locator(":focus").last.inner_text() not in wanted:
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")
    expect(page.locator(".result:focus")).to_have_count(1)
    expect(page.get_by_role("heading", name="Therapeutic massage")).to_be_visible()


def test_a_line_that_stands_for_several_things_has_a_list_of_its_own(
    slow_page: Page, live_server: str
) -> None:
    open_page(slow_page, live_server)
    say(slow_page, "my back hurts")
    to_question(slow_page, "health_conditions")
    give(slow_page, "Blood thinners, steroid tablets, or a weak immune system")
    expect_question(slow_page, "medicines")
    give(slow_page, "Taking blood thinners")
    to_the_result(slow_page, "See a doctor first")
    expect(slow_page.locator(".result")).to_contain_text("blood thinners")


def test_who_would_rather_not_say_is_not_asked_again(slow_page: Page, live_server: str) -> None:
    open_page(slow_page, live_server)
    say(slow_page, "my back hurts")
    to_question(slow_page, "safety")
    give(slow_page, "Rather not say")
    expect_question(slow_page, "pain_duration")


@pytest.mark.parametrize("phone", ["Pixel 7", "iPhone SE"])
def test_a_triage_on_a_phone(
    browser: Browser, devices: dict[str, Any], live_server: str, phone: str
) -> None:
    description = {k: v for k, v in devices[phone].items() if k != "default_browser_type"}
    context = browser.new_context(**description)
    page = context.new_page()
    page.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    page.goto(live_server)
    page.locator(".launcher").tap()
    panel, seen = page.get_by_role("dialog").bounding_box(), page.viewport_size
    assert panel and seen
    assert (panel["x"], panel["y"], panel["width"]) == (0, 0, seen["width"])
    press(page, "I have back pain")
    settled(page)
    to_the_result(page)
    context.close()


def test_an_emergency_in_the_first_message_is_answered_at_once(
    slow_page: Page, live_server: str
) -> None:
    open_page(slow_page, live_server)
    say(slow_page, "my back hurts and I am numb between my legs and can't pee")
    expect(slow_page.get_by_role("region", name="Your result: Emergency")).to_be_visible()
    call = slow_page.locator(".result").get_by_role("link", name="Call 000 now")
    assert call.get_attribute("href") == "tel:000"


def test_a_reload_goes_on_with_the_same_conversation(slow_page: Page, live_server: str) -> None:
    open_page(slow_page, live_server)
    say(slow_page, "my lower back has hurt for two weeks, it is a 4 out of 10")
    settled(slow_page)
    to_question(slow_page, "safety")
    slow_page.reload()
    tick(slow_page, "None of these")
    # How long and how strong was told already.
    expect_question(slow_page, "health_conditions")


def test_what_the_server_says_by_itself_is_shown(slow_page: Page, live_server: str) -> None:
    open_page(slow_page, live_server)
    say(slow_page, "my back hurts")
    settled(slow_page)
    conversation = slow_page.evaluate("JSON.parse(Object.values(localStorage)[0]).id")
    # A stock client in the same conversation: what it is told is told to all who are in it.
    with socketio.SimpleClient() as stock:
        stock.connect(live_server, transports=["polling"])
        stock.emit("session_request", {"session_id": conversation})
        stock.receive(timeout=10)
        stock.emit("user_uttered", {"message": "Yes, go on"})
        expect_question(slow_page, FIRST)


def test_a_network_that_drops_under_a_socket_loses_nothing(
    slow_page: Page, context: BrowserContext, live_server: str
) -> None:
    open_page(slow_page, live_server)
    slow_page.wait_for_timeout(500)
    say(slow_page, "my back hurts")
    settled(slow_page)
    context.set_offline(True)
    press(slow_page, "Yes, go on")
    expect(slow_page.locator(".problem")).to_contain_text("sent as soon as it is back")
    context.set_offline(False)
    expect_question(slow_page, FIRST)
    give(slow_page, "40")
    assert yours(slow_page) == ["my back hurts", "Yes, go on", "40"]


def test_where_no_websocket_gets_through_messages_still_do(
    slow_page: Page, live_server: str
) -> None:
    slow_page.add_init_script("delete window.WebSocket")
    open_page(slow_page, live_server)
    say(slow_page, "my back hurts")
    settled(slow_page)
    press(slow_page, "Yes, go on")
    expect_question(slow_page, FIRST)


def test_deleting_the_conversation_deletes_what_the_server_stored(
    slow_page: Page, live_server: str
) -> None:
    open_page(slow_page, live_server)
    say(slow_page, "my back hurts")
    settled(slow_page)
    press(slow_page, "Yes, go on")
    settled(slow_page)
    with slow_page.expect_response("**/widget/erase") as answered:
        slow_page.get_by_role("button", name="Delete my conversation").click()
    assert answered.value.json() == {"erased": True}
    expect(slow_page.get_by_text("Your conversation was deleted.")).to_be_visible()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[list[Server]]:
    """A server that a test may stop and start again; the list holds the one that runs."""
    running = [start_server(f"sqlite:///{tmp_path / 'backline.db'}", tmp_path / "log")]
    yield running
    running[-1].stop()


def restart(running: list[Server], *, kill: bool = False) -> None:
    server = running[-1]
    if kill:
        server.process.kill()
        server.process.wait()
    else:
        server.stop()
    port = int(server.url.rsplit(":", 1)[1])
    running.append(start_server(server.database_url, server.log, port=port))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_server_that_restarts_in_the_middle_loses_and_doubles_nothing(
    slow_page: Page, own_server: list[Server], kill: bool
) -> None:
    open_page(slow_page, own_server[0].url)
    say(slow_page, "my back hurts")
    settled(slow_page)
    server = own_server[0]
    if kill:
        server.process.kill()
        server.process.wait()
    else:
        server.stop()
    press(slow_page, "Yes, go on")
    expect(slow_page.locator(".problem")).to_contain_text("sent as soon as it is back")
    port = int(server.url.rsplit(":", 1)[1])
    own_server.append(start_server(server.database_url, server.log, port=port))
    expect_question(slow_page, FIRST)
    assert yours(slow_page) == ["my back hurts", "Yes, go on"]
    to_the_result(slow_page)


@pytest.mark.timeout(180)
def test_an_answer_lost_by_a_crash_is_given_again_and_not_counted_twice(
    slow_page: Page, context: BrowserContext, own_server: list[Server]
) -> None:
    open_page(slow_page, own_server[0].url)
    say(slow_page, "my back hurts")
    settled(slow_page)
    # The server hears "Yes, go on", but its answer never reaches the page.
    id_and_server = "[Backline.dataset.server, JSON.parse(Object.values(localStorage)[0]).id]"
    conversation = slow_page.evaluate(id_and_server)[1]
    message = {"sender": conversation, "message": "Yes, go on", "message_id": "m-lost"}
    heard = context.request.post(f"{own_server[0].url}/webhooks/rest/webhook", data=message)
    restart(own_server, kill=True)
    again = context.request.post(f"{own_server[-1].url}/webhooks/rest/webhook", data=message)
    assert again.json() == heard.json()
    after = context.request.post(
        f"{own_server[-1].url}/webhooks/rest/webhook",
        data={"sender": conversation, "message": PLAIN[FIRST], "message_id": "m-next"},
    )
    asked = [m["custom"]["slot"] for m in after.json() if m.get("custom", {}).get("slot")]
    assert asked == [ORDER[ORDER.index(FIRST) + 1]]


def test_after_an_emergency_every_reply_begins_with_the_call(
    slow_page: Page, live_server: str
) -> None:
    open_page(slow_page, live_server)
    say(slow_page, EMERGENCY)
    settled(slow_page)
    said = slow_page.locator(".message-assistant .bubble")
    for message in MESSAGES:
        before = said.count()
        say(slow_page, message)
        settled(slow_page)
        assert said.nth(before).inner_text().startswith("Please call 000 now."), message
