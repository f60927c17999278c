"""A message that does not get through: kept, shown with whom to call, and in nobody's way."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.chat_page import (
    answer,
    begin,
    open_chat,
    press,
    say,
    tick,
    to_question,
    yours,
)
from tests.browser.stand_in import StandIn, filled

pytestmark = pytest.mark.browser

SHORTEN = "Please shorten it."
NUMBER = filled("{emergency_number}")
HELP = f"In an emergency: call {NUMBER}"
REPEATED_WITHIN_MS = 8_000

ANSWERED_MS = 20_000
"""For an answer that comes late on purpose."""


def refuse(stand_in: StandIn) -> None:
    stand_in.plan(json.dumps({"error": "too_long", "message": SHORTEN}), status=413)


def message(page: Page, text: str) -> Locator:
    return page.locator(".message-you").filter(has_text=text)


def help_beside(page: Page, text: str) -> Locator:
    return message(page, text).get_by_role("link", name=HELP)


def test_a_message_refused_for_good_is_kept_with_whom_to_call(
    page: Page, stand_in: StandIn
) -> None:
    refuse(stand_in)
    say(page, "A long story")
    expect(help_beside(page, "A long story")).to_be_in_viewport()
    assert help_beside(page, "A long story").get_attribute("href") == f"tel:{NUMBER}"
    expect(message(page, "A long story").locator(".note")).to_have_text("Not sent")
    spoken = page.get_by_role("alert").filter(has_text=SHORTEN)
    expect(spoken).to_contain_text(HELP)


def test_a_message_refused_for_good_does_not_hold_up_the_next(
    page: Page, stand_in: StandIn
) -> None:
    refuse(stand_in)
    say(page, "A long story")
    expect(help_beside(page, "A long story")).to_be_visible()
    say(page, "I am numb between my legs")
    expect(page.locator(".result-emergency")).to_be_visible()
    expect(help_beside(page, "A long story")).to_be_visible()
    assert stand_in.received[-1].get("manner") is None


def test_a_refused_message_can_be_sent_again(page: Page, stand_in: StandIn) -> None:
    refuse(stand_in)
    say(page, "A long story")
    message(page, "A long story").get_by_role("button", name="Send again").click()
    expect(answer(page).get_by_role("button", name="Yes, go on")).to_be_visible()
    expect(page.locator(".message-unsent")).to_have_count(0)
    assert len({body["message_id"] for body in stand_in.received}) == 1
    assert yours(page) == ["A long story"]


def test_a_refused_message_can_be_changed(page: Page, stand_in: StandIn) -> None:
    refuse(stand_in)
    say(page, "A long story")
    message(page, "A long story").get_by_role("button", name="Change").click()
    expect(page.get_by_label("Your message")).to_have_value("A long story")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.locator(".problem")).to_be_empty()
    assert yours(page) == []


@pytest.mark.parametrize("body", ["<html>Forbidden</html>", '{"detail": "no"}'])
def test_what_a_proxy_refuses_is_not_taken_for_the_servers_word(
    page: Page, stand_in: StandIn, body: str
) -> None:
    stand_in.plan(body, status=403)
    say(page, "My back hurts")
    expect(message(page, "My back hurts").locator(".note")).to_have_text("Not answered yet")
    expect(page.get_by_role("button", name="Change")).to_have_count(0)


def test_what_failed_for_the_moment_is_sent_again_by_itself(page: Page, stand_in: StandIn) -> None:
    stand_in.plan("oops", status=500)
    say(page, "My back hurts")
    expect(help_beside(page, "My back hurts")).to_be_visible()
    expect(answer(page).get_by_role("button", name="Yes, go on")).to_be_visible(
        timeout=REPEATED_WITHIN_MS
    )
    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(page.locator(".problem")).to_be_empty()
    assert len({body["message_id"] for body in stand_in.received}) == 1


def test_a_later_message_overtakes_one_that_failed(page: Page, stand_in: StandIn) -> None:
    begin(page)
    stand_in.plan("oops", status=500)
    press(page, "Yes, go on")
    expect(help_beside(page, "Yes, go on")).to_be_visible()
    say(page, "I am numb between my legs")
    expect(page.locator(".result-emergency")).to_be_visible()
    sent = stand_in.received[-1]
    assert (sent["manner"], sent["answers"]) == ("early", "")


def test_what_was_overtaken_says_which_question_it_answers(page: Page, stand_in: StandIn) -> None:
    begin(page)
    stand_in.plan("oops", status=500)
    press(page, "Yes, go on")
    say(page, "since Monday")
    message(page, "Yes, go on").get_by_role("button", name="Send again").click()
    expect(page.locator(".message-unsent")).to_have_count(0)
    sent = stand_in.received[-1]
    assert (sent["message"], sent["manner"], sent["answers"]) == ("Yes, go on", "late", "consent")


def test_of_several_lists_what_was_overtaken_says_which_one_it_answers(
    page: Page, stand_in: StandIn
) -> None:
    begin(page)
    to_question(page, "danger_signs")
    stand_in.plan("oops", status=500)
    tick(page, "None of these")
    say(page, "since Monday")
    message(page, "None of these").get_by_role("button", name="Send again").click()
    expect(page.locator(".message-unsent")).to_have_count(0)
    sent = stand_in.received[-1]
    assert (sent["manner"], sent["answers"]) == ("late", "danger_signs")


def test_one_that_is_not_answered_soon_holds_up_nothing(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([{"text": "At last."}], delay=6.0)
    say(page, "My back hurts")
    say(page, "I am numb between my legs")
    expect(page.locator(".result-emergency")).to_be_visible(timeout=3_000)
    expect(page.get_by_role("log")).to_contain_text("At last.", timeout=ANSWERED_MS)
    assert yours(page) == ["I am numb between my legs", "My back hurts"]


def test_beside_one_that_is_not_answered_for_long_stands_whom_to_call(
    page: Page, stand_in: StandIn
) -> None:
    stand_in.plan([{"text": "At last."}], delay=10.0)
    say(page, "My back hurts")
    expect(help_beside(page, "My back hurts")).to_be_visible(timeout=9_500)
    expect(page.get_by_role("log")).to_contain_text("At last.", timeout=ANSWERED_MS)
    expect(page.locator(".message-unsent")).to_have_count(0)


def test_one_that_the_network_never_carries_holds_up_nothing(page: Page, stand_in: StandIn) -> None:
    def drop(route: Route) -> None:
        if "My back hurts" in (route.request.post_data or ""):
            route.abort()
        else:
            route.fallback()

    page.route("**/webhooks/rest/webhook", drop)
    say(page, "My back hurts")
    expect(help_beside(page, "My back hurts")).to_be_visible()
    say(page, "I am numb between my legs")
    expect(page.locator(".result-emergency")).to_be_visible()


def test_an_undelivered_message_survives_a_reload(page: Page, stand_in: StandIn) -> None:
    stand_in.plan("oops", status=500)
    say(page, "My back hurts")
    expect(help_beside(page, "My back hurts")).to_be_visible()
    stand_in.plan("oops", status=500, delay=1.0)
    page.reload()
    # Known at once to be unsent, and not only after the next failure.
    expect(help_beside(page, "My back hurts")).to_be_visible(timeout=900)
    page.get_by_role("button", name="Send again").click()
    expect(answer(page).get_by_role("button", name="Yes, go on")).to_be_visible(
        timeout=REPEATED_WITHIN_MS
    )
    assert yours(page) == ["My back hurts"]


def test_a_closed_chat_sends_what_an_earlier_page_could_not(
    page: Page, context: BrowserContext, stand_in: StandIn
) -> None:
    stand_in.plan("oops", status=500)
    say(page, "My back hurts")
    expect(help_beside(page, "My back hurts")).to_be_visible()
    other = context.new_page()
    page.close()
    other.goto(stand_in.url)
    expect(other.locator(".badge")).to_contain_text("1")
    assert stand_in.texts == ["My back hurts"] * 2
    other.locator(".launcher").click()
    expect(answer(other).get_by_role("button", name="Yes, go on")).to_be_visible()


def test_another_tab_sends_what_a_closed_one_could_not(
    page: Page, context: BrowserContext, stand_in: StandIn
) -> None:
    other = context.new_page()
    other.goto(stand_in.url)
    open_chat(other)
    stand_in.plan("oops", status=500)
    say(page, "My back hurts")
    expect(help_beside(other, "My back hurts")).to_be_visible()
    page.close()
    expect(answer(other).get_by_role("button", name="Yes, go on")).to_be_visible(timeout=12_000)
    assert yours(other) == ["My back hurts"]
    assert len({body["message_id"] for body in stand_in.received}) == 1


def test_while_offline_the_number_stands_beside_each_message(
    page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    say(page, "My back hurts")
    say(page, "since Monday")
    expect(help_beside(page, "My back hurts")).to_be_visible()
    expect(help_beside(page, "since Monday")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="no connection")).to_contain_text(HELP)
    context.set_offline(False)
    expect(page.locator(".message-unsent")).to_have_count(0)


def test_the_number_is_known_although_the_server_is_gone(
    blank: Page, context: BrowserContext, stand_in: StandIn
) -> None:
    blank.goto(stand_in.url)
    open_chat(blank)
    expect(blank.locator(".emergency")).to_be_visible()
    blank.route("**/widget/config", lambda route: route.abort())
    blank.route("**/webhooks/**", lambda route: route.abort())
    blank.reload()
    say(blank, "My back hurts")
    expect(help_beside(blank, "My back hurts")).to_be_visible()


def test_an_emergency_that_was_told_and_not_stored_is_shown_once(
    page: Page, stand_in: StandIn
) -> None:
    told = stand_in.answer("somebody", "numb between my legs")
    apology = {"type": "error", "code": "unavailable", "retry": True}
    stand_in.plan([*told, {"text": "I cannot save that now.", "custom": apology}])
    say(page, "I am numb between my legs")
    expect(page.locator(".result-emergency")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(page.locator(".result-emergency")).to_have_count(1)
    assert yours(page) == ["I am numb between my legs"]
