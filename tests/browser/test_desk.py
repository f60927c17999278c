"""The clinic's desk in a browser: it comes by itself what is new, and everybody can use it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from backline.clock import utcnow
from backline.desk.app import create_app, server_of
from backline.desk.settings import DeskSettings
from backline.settings import load_settings
from backline.store import By, Store, create_store
from tests.conftest import free_port
from tests.desk.browser import PASSWORD, QUICK, add_member
from tests.desk.people import EMERGENCY, SPASM, URGENT, add_person, assessment
from tests.desk.serving import until

pytestmark = pytest.mark.browser

SIZES = {"phone": {"width": 320, "height": 640}, "desktop": {"width": 1280, "height": 800}}
SMALLEST_TARGET = 24
"""WCAG 2.2 AA, 2.5.8."""
POLL_MS = 15_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    add_person(made, "ada", SPASM, words=("My lower back keeps cramping, about a 4", "x" * 300))
    add_person(made, "bob", URGENT, channel="whatsapp")
    made.call_backs.ask("dora", "socketio", "Dora Finch", "+61400123456", utcnow())
    failing(made)
    yield made
    made.close()


def failing(store: Store) -> None:
    """A notice that has not gone out."""
    now = utcnow()
    store.notices.find([], {"call_back": ["email desk@clinic.example"]}, {"call_back": now}, now)
    (notice,) = store.notices.take(1, now)
    store.notices.retry_later(notice, "SMTP 550", now)


@pytest.fixture
def desk(store: Store) -> Iterator[str]:
    """A running desk; its address."""
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
def inside(blank: Page, store: Store, desk: str) -> Page:
    """Somebody of the staff has signed in, and sees the list."""
    sign_in(blank, store, desk)
    return blank


def sign_in(page: Page, store: Store, desk: str) -> None:
    for _ in signing_in(page, store, desk):
        pass


def signing_in(page: Page, store: Store, desk: str) -> Iterator[str]:
    """The pages on the way to the list."""
    member = add_member(store)
    page.goto(f"{desk}/desk")
    yield "sign in"
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("six digits")).to_be_visible()
    yield "code"
    page.get_by_label("six digits").fill(pyotp.TOTP(page.inner_text(".secret")).now())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="People who wrote")).to_be_visible()


def pages(page: Page, store: Store, desk: str) -> Iterator[str]:
    """Each page, one after the other, from before the first account on, with its looks loaded."""
    for name in _pages(page, store, desk):
        page.wait_for_load_state()
        yield name


def _pages(page: Page, store: Store, desk: str) -> Iterator[str]:
    page.goto(f"{desk}/desk")
    yield "off"
    yield from signing_in(page, store, desk)
    yield "list"
    page.get_by_role("link", name=store.cases.reference_of("ada")).click()
    yield "person"
    page.get_by_role("link", name="Write to them").click()
    yield "talk"
    page.get_by_role("button", name="Take this conversation over").click()
    page.get_by_role("button", name="Put it into your answer").click()
    yield "writing"
    page.get_by_role("link", name=re.compile("Back to")).click()
    page.get_by_role("button", name="Take this person in hand").click()
    yield "in hand"
    page.get_by_role("link", name="Summary to print").click()
    yield "summary"
    page.get_by_role("link", name="Back", exact=True).click()
    page.get_by_role("link", name="Correct this result").click()
    yield "correct"
    page.get_by_role("link", name="Export").click()
    yield "export"
    page.get_by_role("link", name="Figures").click()
    yield "figures"
    page.get_by_role("link", name="Read them").click()
    yield "review"
    page.get_by_role("link", name="Policy").click()
    yield "policy"
    page.get_by_role("link", name="People", exact=True).click()
    page.locator(".tasks").get_by_role("link").click()
    yield "call-back"
    page.get_by_role("button", name="Show name and number").click()
    expect(page.get_by_text("0400 123 456")).to_be_visible()
    yield "number"
    page.get_by_role("link", name="Notices").click()
    yield "notices"
    page.get_by_role("link", name="Audit log").click()
    yield "audit log"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    blank: Page, store: Store, desk: str, scheme: Any, size: str
) -> None:
    blank.emulate_media(color_scheme=scheme)
    blank.set_viewport_size(SIZES[size])
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for name in pages(blank, store, desk):
        found = Axe().run(blank).response["violations"]
        places = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
        assert places == [], name
        assert blank.evaluate(wide) == 0, name


def test_everything_to_press_is_large_enough(blank: Page, store: Store, desk: str) -> None:
    blank.set_viewport_size(SIZES["phone"])
    for name in pages(blank, store, desk):
        for control in blank.locator("button:visible, select, summary, nav a, .who a").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= SMALLEST_TARGET, (name, control.inner_text())


def test_an_emergency_comes_by_itself_and_is_closed_with_a_note(inside: Page, store: Store) -> None:
    expect(inside.get_by_role("status")).to_have_text(re.compile("Nobody in danger waits"))
    # The words first: the list shows the result as soon as it is stored.
    add_person(store, "cleo", None, words=("I can't feel it when I wipe",))
    store.record_assessment("cleo", "socketio", assessment(EMERGENCY))
    status = inside.get_by_role("status")
    expect(status).to_have_text(re.compile("1 person who may be in danger"), timeout=POLL_MS)
    inside.locator(".person.alarm a").click()
    expect(inside.get_by_text("I can't feel it when I wipe")).to_be_visible()
    inside.get_by_role("button", name="Take this person in hand").click()
    inside.get_by_label("What was done?").fill("Rang back; an ambulance is on its way")
    inside.get_by_role("button", name="Close with this note").click()
    expect(inside.get_by_text("Rang back; an ambulance is on its way")).to_be_visible()
    inside.get_by_role("link", name="People", exact=True).click()
    expect(inside.get_by_role("status")).to_have_text(re.compile("Nobody in danger waits"))


def test_where_no_stream_gets_through_the_page_asks_by_itself(
    blank: Page, store: Store, desk: str
) -> None:
    blank.route("**/desk/events", lambda route: route.fulfill(status=502))
    sign_in(blank, store, desk)
    add_person(store, "cleo", EMERGENCY)
    expect(blank.locator(".alarm")).to_be_visible(timeout=POLL_MS)


def test_a_person_s_page_says_that_there_is_something_new_and_keeps_what_is_written(
    inside: Page, store: Store
) -> None:
    inside.get_by_role("link", name=store.cases.reference_of("ada")).click()
    inside.get_by_role("button", name="Take this person in hand").click()
    inside.get_by_label("What was done?").fill("half a thought")
    add_person(store, "ada", EMERGENCY)
    news = inside.locator("#person-news")
    expect(news).to_contain_text("There is something new here")
    expect(inside.get_by_label("What was done?")).to_have_value("half a thought")
    news.get_by_role("link", name="Show it").click()
    expect(inside.locator("article.result").first).to_contain_text("Emergency")


def test_who_is_signed_out_elsewhere_sees_the_list_no_longer(inside: Page, store: Store) -> None:
    store.staff_sessions.end_everybodys()
    expect(inside.get_by_label("E-mail address")).to_be_visible(timeout=POLL_MS)


STAND_IN = """
  window.shown = [];
  window.Notification = class extends EventTarget {
    static permission = sessionStorage.allowed ?? "default";
    static async requestPermission() {
      return (Notification.permission = sessionStorage.allowed = "granted");
    }
    constructor(title, { body, tag }) { super(); window.shown.push([title, body, tag]); }
    close() {}
  };
"""
"""Of the browser's notifications, which a machine without a desktop does not show."""


def test_who_asks_for_it_is_notified_of_an_emergency_by_its_reference(
    blank: Page, store: Store, desk: str
) -> None:
    blank.add_init_script(STAND_IN)
    sign_in(blank, store, desk)
    button = blank.get_by_role("button", name="Notify me in this browser")
    expect(button).to_have_attribute("aria-pressed", "false")
    with blank.expect_request(re.compile(r"events\?alerts=1")):
        button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    # Any page of a person does it, too.
    with blank.expect_request(re.compile(r"/events\?alerts=1&after=")):
        blank.get_by_role("link", name=store.cases.reference_of("ada")).click()
    add_person(store, "cleo", EMERGENCY, words=("I can't feel it when I wipe",))
    until(lambda: bool(blank.evaluate("window.shown.length")), "the notification")
    ((title, body, _),) = blank.evaluate("window.shown")
    assert (title, body) == ("Emergency", store.cases.reference_of("cleo"))


def test_who_did_not_ask_for_it_is_not_notified(blank: Page, store: Store, desk: str) -> None:
    blank.add_init_script(STAND_IN)
    blank.add_init_script("Notification.permission = 'granted'")
    sign_in(blank, store, desk)
    add_person(store, "cleo", EMERGENCY)
    expect(blank.locator(".alarm")).to_be_visible(timeout=POLL_MS)
    assert blank.evaluate("window.shown") == []


def test_a_wish_to_be_called_comes_by_itself_and_is_done_with_a_note(
    inside: Page, store: Store
) -> None:
    add_person(store, "cleo", SPASM)
    store.call_backs.ask("cleo", "socketio", "Cleo", "+61291234567", utcnow())
    link = inside.locator(".tasks").get_by_role("link", name=store.cases.reference_of("cleo"))
    expect(link).to_be_visible(timeout=POLL_MS)
    link.click()
    expect(inside.get_by_text("(02) 9123 4567")).to_have_count(0)
    inside.get_by_role("button", name="Show name and number").click()
    expect(inside.get_by_text("(02) 9123 4567")).to_be_visible()
    inside.get_by_label("What came of the call?").fill("Comes on Monday")
    inside.get_by_role("button", name="Call-back is done").click()
    expect(inside.get_by_text("Comes on Monday")).to_be_visible()
    expect(inside.get_by_role("button", name="Show name and number")).to_have_count(0)


def test_a_fact_is_corrected_and_the_policy_decides_anew(inside: Page, store: Store) -> None:
    inside.get_by_role("link", name=store.cases.reference_of("ada")).click()
    inside.get_by_role("link", name="Correct this result").click()
    inside.get_by_label("Fever or night sweats").check()
    inside.get_by_label("Why is it changed?").fill("39 degrees, measured here")
    inside.get_by_role("button", name="have the policy decide").click()
    newest = inside.locator("article.result").first
    expect(newest).to_contain_text("39 degrees, measured here")
    expect(newest).to_contain_text("Today")


def test_who_reads_the_list_by_keyboard_is_not_disturbed(inside: Page, store: Store) -> None:
    link = inside.get_by_role("link", name=store.cases.reference_of("bob"))
    link.focus()
    with inside.expect_response(re.compile("inbox/rows"), timeout=POLL_MS) as answer:
        # Of nothing that the list shows.
        store.audit.add(By("Robin (account-1)", "test", utcnow()).look("policy_shown", "-"))
    assert answer.value.status == 204
    add_person(store, "cleo", EMERGENCY)
    expect(inside.locator(".alarm")).to_be_visible(timeout=POLL_MS)
    expect(link).to_be_focused()


def test_the_summary_is_one_page_of_paper(inside: Page, store: Store) -> None:
    inside.goto(f"{inside.url}/person/{store.cases.reference_of('ada')}/summary")
    printed = inside.pdf(format="A4", margin=dict.fromkeys(("top", "bottom"), "1.5cm"))
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_nothing_is_asked_of_another_host(inside: Page, watch: Any, desk: str) -> None:
    assert watch.hosts == {desk.removeprefix("http://")}
