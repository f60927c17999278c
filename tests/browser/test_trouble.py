"""Servers that fail, connections that break, and content that means harm."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_page import (
    answer,
    begin,
    expect_question,
    open_chat,
    press,
    say,
    to_question,
    yours,
)
from tests.browser.conftest import Watch
from tests.browser.stand_in import FIRST, MASSAGE, StandIn

pytestmark = pytest.mark.browser

UNAVAILABLE = "I cannot save your answers at the moment."


def shown_problem(page: Page) -> str:
    expect(page.locator(".problem")).not_to_be_empty()
    return page.locator(".problem").inner_text()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("Internal Server Error", 500),
        ("<html>bad gateway</html>", 502),
        ("not json", 200),
        ('{"text": "no list"}', 200),
        ("[]", 200),
        ("[null, 5]", 200),
    ],
)
def test_after_an_answer_that_is_none_the_message_can_be_sent_once_more(
    page: Page, stand_in: StandIn, body: str, status: int
) -> None:
    stand_in.plan(body, status=status)
    say(page, "My back hurts")
    assert "was not answered" in shown_problem(page)
    # Whoever goes on writing is not pulled away: the next message may be the more urgent.
    expect(page.get_by_label("Your message")).to_be_focused()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("button", name="Yes, go on")).to_be_visible()
    expect(page.locator(".problem")).to_be_empty()
    assert yours(page) == ["My back hurts"]
    assert stand_in.texts == ["My back hurts"] * 2
    assert len({sent["message_id"] for sent in stand_in.received}) == 1


def test_the_servers_own_apology_offers_another_try(page: Page, stand_in: StandIn) -> None:
    custom = {"type": "error", "code": "unavailable", "retry": True}
    stand_in.plan([{"text": UNAVAILABLE, "custom": custom}])
    say(page, "My back hurts")
    assert UNAVAILABLE in shown_problem(page)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("button", name="Yes, go on")).to_be_visible()
    expect(page.get_by_role("log")).not_to_contain_text(UNAVAILABLE)


def test_what_is_sent_too_fast_is_kept_and_can_be_sent_later(page: Page, stand_in: StandIn) -> None:
    sentence = "Please wait a minute, then write again."
    stand_in.plan(json.dumps({"error": "too_fast", "message": sentence}), status=429)
    say(page, "My back hurts")
    assert sentence in shown_problem(page)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("button", name="Yes, go on")).to_be_visible()
    assert yours(page) == ["My back hurts"]


def test_a_double_click_sends_once(page: Page, stand_in: StandIn) -> None:
    begin(page)
    stand_in.plan(MASSAGE, delay=0.5)
    answer(page).get_by_role("button", name="Yes, go on").dblclick()
    expect(page.get_by_role("heading", name="Therapeutic massage")).to_be_visible()
    assert stand_in.texts == ["My back hurts", "Yes, go on"]


def test_what_is_written_while_an_answer_is_awaited_is_sent_as_an_answer_to_nothing(
    page: Page, stand_in: StandIn
) -> None:
    stand_in.plan([{"text": "Late, but here."}], delay=3.0)
    say(page, "My back hurts")
    say(page, "Hello?")
    expect(answer(page).get_by_role("button", name="Yes, go on")).to_be_hidden()
    expect(page.get_by_role("log")).to_contain_text("Late, but here.")
    assert stand_in.texts == ["My back hurts", "Hello?"]
    assert [body.get("manner") for body in stand_in.received] == [None, "early"]
    assert stand_in.received[1]["answers"] == ""


def test_a_slow_answer_is_shown_and_spoken_as_being_written(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([{"text": "Here I am."}], delay=1.5)
    say(page, "My back hurts")
    expect(page.locator(".typing")).to_be_visible()
    expect(page.locator("#status")).to_have_text("The assistant is writing.")
    expect(page.get_by_role("log")).to_contain_text("Here I am.")
    expect(page.locator(".typing")).to_be_hidden()


def test_what_is_written_offline_is_marked_and_sent_once_and_in_order(
    page: Page, context: BrowserContext, stand_in: StandIn
) -> None:
    context.set_offline(True)
    say(page, "My back hurts")
    assert "sent as soon as it is back" in shown_problem(page)
    say(page, "since Monday")
    say(page, "on the left")
    expect(page.locator(".message-unsent .note")).to_have_text(["Waiting to be sent"] * 3)
    context.set_offline(False)
    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(page.locator(".problem")).to_be_empty()
    # The greeting and three answers: the last message is no longer marked before it has arrived.
    expect(page.locator(".message-assistant")).to_have_count(4)
    assert stand_in.texts == yours(page) == ["My back hurts", "since Monday", "on the left"]
    # Each answer stands behind what it answers.
    authors = page.locator(".log > article").evaluate_all(
        "(all) => all.map((one) => one.classList.contains('message-you'))"
    )
    assert authors == [False, True, False, True, False, True, False]


def test_ones_own_words_are_not_drawn_twice(page: Page) -> None:
    page.evaluate(
        """
        window.drawn = 0;
        new MutationObserver((changes) => {
          for (const { addedNodes } of changes)
            for (const node of addedNodes)
              if (node.classList?.contains("message-you")) window.drawn += 1;
        }).observe(Backline.shadowRoot.querySelector(".log"), { childList: true });
        """
    )
    begin(page)
    press(page, "Yes, go on")
    expect_question(page, FIRST)
    assert page.evaluate("window.drawn") == 2


def test_what_was_written_offline_is_sent_after_a_reload(
    page: Page, context: BrowserContext, stand_in: StandIn
) -> None:
    context.set_offline(True)
    say(page, "My back hurts")
    assert "sent as soon as it is back" in shown_problem(page)
    context.set_offline(False)
    page.reload()
    expect(page.get_by_role("button", name="Yes, go on")).to_be_visible()
    assert yours(page) == ["My back hurts"]
    assert len({sent["message_id"] for sent in stand_in.received}) == 1


def test_a_reload_before_the_answer_asks_for_it_again(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([{"text": "Nobody reads this."}], delay=2.0)
    say(page, "My back hurts")
    expect(page.locator(".typing")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Yes, go on")).to_be_visible()
    assert yours(page) == ["My back hurts"]
    assert len({sent["message_id"] for sent in stand_in.received}) == 1
    assert len(stand_in.received) == 2


def test_an_answer_that_takes_ten_seconds_is_waited_for(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([{"text": "Here I am."}], delay=10.0)
    say(page, "My back hurts")
    expect(page.locator("#status")).to_have_text(
        "This is taking longer than usual. Please wait a little.", timeout=10_000
    )
    expect(page.get_by_role("log")).to_contain_text("Here I am.", timeout=10_000)
    assert stand_in.texts == ["My back hurts"]


def test_more_than_4000_characters_are_not_sent(page: Page, stand_in: StandIn) -> None:
    say(page, "😀" * 4001)
    expect(page.locator("#limit")).to_have_text(
        "Your message is 1 characters too long. Please shorten it."
    )
    assert stand_in.received == []
    say(page, "😀" * 4000)
    expect(page.locator(".message-assistant")).to_have_count(2)


HOSTILE = "<img src=x onerror='window.harmed=1'><script>window.harmed=1</script><b>bold</b>"


def test_html_from_the_server_is_shown_and_never_interpreted(page: Page, stand_in: StandIn) -> None:
    stand_in.plan_question(
        {"input": {"kind": "choice", "options": [{"value": HOSTILE, "title": HOSTILE}]}}, HOSTILE
    )
    stand_in.plan_question(
        {"prompt": HOSTILE, "input": {"kind": "multi_choice", "options": [{"title": HOSTILE}]}},
        HOSTILE,
    )
    result = {
        "type": "triage_result",
        "outcome": HOSTILE,
        "urgency": HOSTILE,
        "reasons": [HOSTILE],
        "plan": {"therapies": [HOSTILE], "massage_sessions": HOSTILE},
    }
    stand_in.plan([{"text": f"{HOSTILE}\n\nWhy: {HOSTILE}."}, {"custom": result}])
    say(page, HOSTILE)
    press(page, HOSTILE)
    answer(page).get_by_role("checkbox").check()
    press(page, "Send answer")
    expect(page.locator(".result")).to_be_visible()
    assert page.evaluate("window.harmed") is None
    assert page.locator(".log img, .log script, .log b, .answer img").count() == 0
    assert yours(page) == [HOSTILE] * 3


def test_only_safe_addresses_become_links(page: Page, stand_in: StandIn) -> None:
    stand_in.plan(
        [
            {
                "text": "javascript:alert(1) data:text/html,x http://plain.example "
                "https://clinic.example/book. Write to desk@clinic.example or call 02 5550 0100"
            }
        ]
    )
    begin(page)
    links = page.locator(".message-assistant").last.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://clinic.example/book",
        "mailto:desk@clinic.example",
        "tel:0255500100",
    ]


@pytest.mark.parametrize(
    "custom",
    [
        {"input": None},
        {"input": {"kind": "unheard_of"}},
        {"input": {"kind": "choice", "options": "no list"}},
        {"input": {"kind": "choice", "options": [None, {}, {"title": 5}]}},
        {"input": {"kind": "scale", "min": 0, "max": 1e9}},
        {"input": {"kind": "scale", "min": "a", "max": None}},
    ],
)
def test_a_question_in_an_unknown_shape_can_still_be_answered_in_words(
    page: Page, stand_in: StandIn, custom: dict[str, object]
) -> None:
    stand_in.plan_question(custom)
    begin(page)
    say(page, "My own words")
    expect(page.locator(".message-assistant")).to_have_count(3)
    assert stand_in.texts == ["My back hurts", "My own words"]


def test_no_other_host_is_ever_asked(page: Page, stand_in: StandIn, watch: Watch) -> None:
    begin(page)
    to_question(page, "emergency_signs")
    expect(page.get_by_role("checkbox").first).to_be_visible()
    say(page, "I am numb between my legs")
    expect(page.locator(".result .call")).to_be_visible()
    assert watch.hosts == {stand_in.url.removeprefix("http://")}


def test_the_page_works_without_its_clinic_data(blank: Page, stand_in: StandIn) -> None:
    blank.route("**/widget/config", lambda route: route.fulfill(status=503, body="later"))
    blank.goto(stand_in.url)
    open_chat(blank)
    expect(blank.get_by_role("log")).to_contain_text("not a doctor")
    begin(blank)
