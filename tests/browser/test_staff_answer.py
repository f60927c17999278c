"""A person of the clinic answers on the page: live, once, in order, and the bot goes on after."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pyotp
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backline.desk.app import create_app, server_of
from backline.desk.settings import DeskSettings
from backline.settings import load_settings
from backline.store import Store, create_store
from backline.store.tables import Conversation
from tests.browser.chat_page import answer, answer_plainly, open_chat, say, settled
from tests.browser.stand_in import StandIn
from tests.conftest import Server, free_port
from tests.desk.browser import PASSWORD, QUICK, add_member

pytestmark = pytest.mark.browser

PATIENCE_MS = 20_000
NAME = "A person of the clinic"
ASIDE = "It is a bit better when I walk"


def from_staff(number: int, text: str) -> dict[str, object]:
    return {"text": text, "custom": {"type": "staff", "number": number, "name": NAME}}


def test_what_staff_write_comes_without_a_connection_and_once(
    page: Page, stand_in: StandIn
) -> None:
    say(page, "my back hurts")
    stand_in.news.append(from_staff(1, "Hello from the clinic"))
    log = page.get_by_role("log")
    expect(log.get_by_text("Hello from the clinic")).to_be_visible(timeout=PATIENCE_MS)
    expect(log.locator(".message-staff")).to_contain_text(NAME)
    page.reload()
    stand_in.news.append(from_staff(2, "Are you there?"))
    expect(log.get_by_text("Are you there?")).to_be_visible(timeout=PATIENCE_MS)
    expect(log.locator(".message-staff")).to_have_count(2)


def test_a_message_that_staff_read_is_sent_and_has_no_answer(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([{"custom": {"type": "with_staff"}}])
    say(page, ASIDE)
    log = page.get_by_role("log")
    expect(log.locator(".message-you")).to_have_text(re.compile(ASIDE))
    expect(page.locator(".unsent, .typing:visible")).to_have_count(0)
    assert stand_in.texts == [ASIDE]


def test_the_open_list_stays_until_staff_have_asked_something(
    page: Page, stand_in: StandIn
) -> None:
    stand_in.plan_question({"slot": "age", "input": {"kind": "number", "min": 1, "max": 120}})
    say(page, "hello")
    controls = answer(page).locator("*")
    expect(controls.first).to_be_attached()
    notice = {"text": "Somebody is here.", "custom": {"type": "notice", "number": 1}}
    stand_in.news.append(notice)
    expect(page.get_by_text("Somebody is here.")).to_be_visible(timeout=PATIENCE_MS)
    expect(controls.first).to_be_attached()
    stand_in.news.append(from_staff(2, "How are you?"))
    expect(page.get_by_text("How are you?")).to_be_visible(timeout=PATIENCE_MS)
    expect(controls).to_have_count(0)


@pytest.fixture
def store(served: Server) -> Iterator[Store]:
    made = create_store(served.database_url)
    yield made
    made.close()


@pytest.fixture
def desk(store: Store) -> Iterator[str]:
    """A desk beside the server, on the same database; its address."""
    port = free_port()
    own = DeskSettings(url=f"http://localhost:{port}")
    server = server_of(create_app(load_settings({}), own, store, QUICK), "127.0.0.1", port)
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        time.sleep(0.05)
    yield own.url
    server.should_exit = True
    running.join()


@pytest.fixture
def staff(browser: Browser, store: Store, desk: str) -> Iterator[Page]:
    """Somebody of the staff, signed in, on a phone."""
    context: BrowserContext = browser.new_context(viewport={"width": 375, "height": 667})
    context.set_default_timeout(PATIENCE_MS)
    page, member = context.new_page(), add_member(store)
    page.goto(f"{desk}/desk")
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("six digits").fill(pyotp.TOTP(page.inner_text(".secret")).now())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="People who wrote")).to_be_visible()
    yield page
    context.close()


def newest(store: Store) -> str:
    """What staff call the conversation that began last; others share the server."""
    with store._engine.connect() as connection:
        latest = sa.select(Conversation.id).order_by(Conversation.created_at.desc()).limit(1)
        return store.cases.reference_of(connection.execute(latest).scalar_one())


def accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [n["html"] for n in rule["nodes"]]) for rule in found] == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0


def test_a_conversation_is_taken_over_answered_and_handed_back(
    blank: Page, served: Server, store: Store, staff: Page
) -> None:
    blank.goto(served.url)
    open_chat(blank)
    say(blank, "my back hurts")
    settled(blank)
    answer_plainly(blank)
    log = blank.get_by_role("log")

    staff.reload()
    staff.locator(f".person a[href*='{newest(store)}']").first.click()
    staff.get_by_role("link", name="Write to them").click()
    accessible(staff)
    staff.get_by_role("button", name="Take this conversation over").click()
    expect(staff.get_by_text("You have this conversation")).to_be_visible()
    expect(log.get_by_text("is here now, and reads what you write")).to_be_visible()

    say(blank, ASIDE)
    expect(staff.get_by_text(ASIDE)).to_be_visible()
    staff.get_by_label("Your answer").fill("Glad to hear it.")
    staff.get_by_role("button", name="Send").click()
    expect(log.get_by_text("Glad to hear it.")).to_be_visible()
    expect(log.locator(".message-staff")).to_contain_text(NAME)
    accessible(staff)

    # What is being typed stays while new words come.
    staff.get_by_label("Your answer").fill("half a thought")
    say(blank, "Thank you")
    expect(staff.get_by_text("Thank you")).to_be_visible()
    expect(staff.get_by_label("Your answer")).to_have_value("half a thought")
    staff.get_by_label("Your answer").fill("")

    say(blank, "I can't feel it when I wipe")
    expect(log.locator(".message-result")).to_contain_text("Emergency")

    staff.get_by_label("What the bot says").fill("We ring you now.")
    staff.get_by_role("button", name="Hand back").click()
    expect(staff.get_by_text("The bot has this conversation")).to_be_visible()
    expect(log.get_by_text("The clinic: We ring you now.")).to_be_visible()
    staff.get_by_role("link", name="People").click()
    expect(staff.locator(".person.alarm").first).to_be_visible()


def test_what_staff_wrote_while_the_page_was_closed_is_there_when_it_opens(
    blank: Page, served: Server, store: Store, staff: Page
) -> None:
    blank.goto(served.url)
    open_chat(blank)
    say(blank, "my back hurts")
    settled(blank)
    answer_plainly(blank)
    settled(blank)
    blank.goto("about:blank")
    staff.reload()
    staff.locator(f".person a[href*='{newest(store)}']").first.click()
    staff.get_by_role("link", name="Write to them").click()
    staff.get_by_role("button", name="Take this conversation over").click()
    for text in ("First.", "Second."):
        staff.get_by_label("Your answer").fill(text)
        staff.get_by_role("button", name="Send").click()
        expect(staff.locator(".message-staff").get_by_text(text)).to_be_visible()
    staff.get_by_role("button", name="Hand back").click()
    expect(staff.get_by_text("The bot has this conversation")).to_be_visible()
    blank.goto(served.url)
    log = blank.get_by_role("log")
    expect(log.locator(".message-staff .bubble")).to_have_text(["First.", "Second."])
    expect(log.get_by_text("The person of the clinic has left")).to_be_visible()
    expect(answer(blank).locator("*").first).to_be_attached()
