"""The page and the real server together: Rasa, understanding, the store."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import answer, press, say, tick
from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser

SLOW = 30_000
MOST_TURNS = 15


def open_page(page: Page, server: str) -> None:
    page.set_default_timeout(SLOW)
    page.goto(server)
    expect(answer(page).get_by_role("button")).to_be_visible()


def settled(page: Page) -> None:
    """Wait until the answer to the last message is here."""
    expect(page.locator("#scroller")).to_have_attribute("aria-busy", "false", timeout=SLOW)
    expect(page.locator("#problem")).to_be_empty()


def answer_open_question(page: Page) -> None:
    """Answer as a healthy adult of 40 with a mild pain of two weeks."""
    controls = answer(page)
    if controls.get_by_label("None of these").count():
        tick(page, "None of these")
    elif controls.get_by_role("radiogroup").count():
        controls.get_by_role("radio", name="3", exact=True).click()
    elif controls.get_by_label("Days, weeks, months or years").count():
        controls.get_by_label("How many").fill("2")
        press(page, "Send answer")
    elif controls.get_by_label("Your answer in years").count():
        controls.get_by_label("Your answer in years").fill("40")
        press(page, "Send answer")
    else:
        first = ["Yes, go on", "No massage yet", "No"]
        named = [controls.get_by_role("button", name=name, exact=True) for name in first]
        next(button for button in named if button.count()).click()
    settled(page)


def test_a_triage_from_the_first_word_to_the_result(
    blank: Page, live_server: str, watch: Watch
) -> None:
    open_page(blank, live_server)
    press(blank, "I have back pain")
    settled(blank)
    for _ in range(MOST_TURNS):
        if blank.locator(".result").count():
            break
        answer_open_question(blank)
    expect(blank.get_by_role("heading", name="Therapeutic massage")).to_be_visible()
    assert watch.hosts == {live_server.rstrip("/").removeprefix("http://")}


def test_an_emergency_in_the_first_message_is_answered_at_once(
    blank: Page, live_server: str
) -> None:
    open_page(blank, live_server)
    say(blank, "my back hurts and I am numb between my legs and can't pee")
    expect(blank.get_by_role("region", name="Your result: Emergency")).to_be_visible(timeout=SLOW)
    call = blank.get_by_role("link", name="Call 000 now")
    assert call.get_attribute("href") == "tel:000"


def test_a_reload_goes_on_with_the_same_conversation(blank: Page, live_server: str) -> None:
    open_page(blank, live_server)
    say(blank, "my lower back has hurt for two weeks, it is a 4 out of 10")
    settled(blank)
    press(blank, "Yes, go on")
    settled(blank)
    blank.reload()
    tick(blank, "None of these")
    settled(blank)
    expect(answer(blank).get_by_role("button", name="No", exact=True)).to_be_visible()
    expect(blank.get_by_role("log")).to_contain_text("injury in the last 6 weeks")
