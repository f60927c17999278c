"""A whole triage on the page, against the stand-in server."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_page import (
    answer,
    begin,
    expect_question,
    give,
    press,
    say,
    settled,
    tick,
    to_question,
    yours,
)
from tests.browser.stand_in import FIRST, ORDER, StandIn, question, words_of

pytestmark = pytest.mark.browser

NONE = "None of these"
GIVEN = {
    "consent": "Yes, go on",
    "age": "36",
    "emergency_signs": NONE,
    "danger_signs": NONE,
    "safety": NONE,
    "pain_duration": "Over 3 months",
    "pain_severity": "4",
    "health_conditions": NONE,
    "back_signs": "Muscle spasms in the back",
    "massage_response": "No massage yet",
}
ANSWERS = ["I have back pain", *(GIVEN[name] for name in ORDER)]


def keys_for(name: str) -> list[str]:
    """What is pressed to give this answer, from the control on that focus came to."""
    given, control = GIVEN[name], question(name)[-1]["custom"]["input"]
    titles = [option["title"] for option in control.get("options", [])]
    if control["kind"] == "scale":
        return [*["ArrowRight"] * (int(given) + 1), "ArrowLeft", "Enter"]
    if given not in titles:
        return [*given, "Enter"]
    ticked = ["Space"] if control["kind"] == "multi_choice" else []
    return [*["Tab"] * titles.index(given), *ticked, "Enter"]


def test_a_whole_triage_with_the_mouse(page: Page, stand_in: StandIn) -> None:
    press(page, "I have back pain")
    settled(page)
    for name in ORDER:
        expect_question(page, name)
        give(page, GIVEN[name])
    expect(page.get_by_role("heading", name="Therapeutic massage")).to_be_visible()
    assert stand_in.texts == ANSWERS


def test_a_whole_triage_with_the_keyboard_alone(page: Page, stand_in: StandIn) -> None:
    page.keyboard.press("Escape")
    expect(page.locator(".launcher")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("I have back pain")
    page.keyboard.press("Enter")
    for name in ORDER:
        expect_question(page, name)
        # Focus comes to the question by itself; the test only ever presses keys.
        expect(answer(page).locator(":focus")).to_have_count(1)
        for key in keys_for(name):
            page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Therapeutic massage")).to_be_visible()
    assert stand_in.texts == ANSWERS


def test_a_question_can_be_answered_in_free_text(page: Page, stand_in: StandIn) -> None:
    begin(page)
    say(page, "yes, let's go")
    expect_question(page, FIRST)
    assert stand_in.texts == ["My back hurts", "yes, let's go"]


def test_the_result_shows_what_to_do_why_the_plan_and_the_safety_net(page: Page) -> None:
    for text in ANSWERS:
        say(page, text)
        settled(page)
    card = page.get_by_role("region", name="Your result: Therapeutic massage")
    expect(card).to_contain_text("A course of therapeutic massage fits")
    expect(
        card.get_by_role("listitem").filter(has_text="Your back muscles go into spasm")
    ).to_be_visible()
    expect(card.get_by_role("heading", name="What to do next")).to_be_visible()
    expect(card.get_by_role("listitem").filter(has_text="4 massages")).to_be_visible()
    expect(card.get_by_role("heading", name="If any of these start, call 000")).to_be_visible()
    expect(card).to_be_focused()


def test_an_emergency_is_announced_at_once_and_can_be_called(page: Page) -> None:
    say(page, "I am numb between my legs")
    expect(page.locator("#alert")).to_have_text(
        "This needs emergency care now. Call 000 or go to the nearest emergency department. "
        "Do not drive yourself, and do not wait to see if it gets better."
    )
    assert page.locator("#alert").get_attribute("role") == "alert"
    call = page.locator(".result").get_by_role("link", name="Call 000 now")
    assert call.get_attribute("href") == "tel:000"
    assert answer(page).inner_text() == ""


def test_an_emergency_stays_in_sight_whatever_is_said_next(page: Page) -> None:
    say(page, "I am numb between my legs")
    bar = page.locator(".bar")
    expect(bar).to_contain_text("Emergency care now")
    for text in ("ok", "thank you", "what now", "hello"):
        say(page, text)
        settled(page)
    expect(bar.get_by_role("link", name="Call 000 now")).to_be_in_viewport()
    page.reload()
    expect(bar.get_by_role("link", name="Call 000 now")).to_be_in_viewport()
    expect(page.locator(".result").get_by_role("link", name="Call 000 now")).to_have_count(1)


def test_the_result_can_be_copied(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(page, "I am numb between my legs")
    page.get_by_role("button", name="Copy summary").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Emergency\n\nThis needs emergency care now.")


def test_the_result_is_printed_alone(page: Page) -> None:
    page.evaluate("window.print = () => {}")
    say(page, "I am numb between my legs")
    page.get_by_role("button", name="Print or save").click()
    page.emulate_media(media="print")
    expect(page.locator("#backline-print .result")).to_be_visible()
    expect(page.get_by_role("heading", name="Back pain? Find out")).to_be_hidden()
    expect(page.locator(".composer")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.locator("#backline-print")).to_have_count(0)
    expect(page.get_by_role("heading", name="Back pain? Find out")).to_be_visible()


def test_none_of_these_and_the_other_lines_exclude_each_other(
    page: Page, stand_in: StandIn
) -> None:
    begin(page)
    to_question(page, "danger_signs")
    none = answer(page).get_by_label(NONE)
    chest = answer(page).get_by_label("Chest pain or tightness")
    fainting = answer(page).get_by_label("Passing out or collapsing")
    none.check()
    chest.check()
    expect(none).not_to_be_checked()
    none.check()
    expect(chest).not_to_be_checked()
    chest.check()
    fainting.check()
    press(page, "Send answer")
    settled(page)
    assert stand_in.texts[-1] == (
        "Chest pain or tightness, or trouble breathing; Passing out or collapsing"
    )


def test_rather_not_say_and_the_other_lines_exclude_each_other(
    page: Page, stand_in: StandIn
) -> None:
    begin(page)
    to_question(page, "safety")
    rather_not = answer(page).get_by_label("Rather not say")
    none = answer(page).get_by_label(NONE)
    thoughts = answer(page).get_by_label("Thoughts of ending one's life")
    for other in (thoughts, none):
        other.check()
        rather_not.check()
        expect(other).not_to_be_checked()
        other.check()
        expect(rather_not).not_to_be_checked()
    rather_not.check()
    press(page, "Send answer")
    settled(page)
    assert stand_in.texts[-1] == "Rather not say"


def test_a_checklist_without_a_tick_is_not_sent(page: Page, stand_in: StandIn) -> None:
    begin(page)
    to_question(page, "emergency_signs")
    sent = list(stand_in.texts)
    press(page, "Send answer")
    expect(answer(page).get_by_role("alert")).to_contain_text("tick at least one line")
    assert stand_in.texts == sent


def test_a_checklist_shows_its_question_without_the_numbered_list(page: Page) -> None:
    begin(page)
    to_question(page, "emergency_signs")
    *_, last_line = question("emergency_signs")[0]["text"].splitlines()
    assert last_line == f"6. {NONE}"
    expect(page.get_by_role("group", name=words_of("emergency_signs"))).to_be_visible()
    expect(page.get_by_role("log")).not_to_contain_text(last_line)


def test_a_duration_is_sent_with_its_unit(page: Page, stand_in: StandIn) -> None:
    stand_in.plan_question({"input": {"kind": "duration"}})
    begin(page)
    answer(page).get_by_label("How many").fill("1")
    answer(page).get_by_label("Days, weeks, months or years").select_option("months")
    press(page, "Send answer")
    expect(page.locator(".message-assistant")).to_have_count(3)
    assert stand_in.texts[-1] == "1 month"


def test_a_number_out_of_range_is_explained_and_not_sent(page: Page, stand_in: StandIn) -> None:
    stand_in.plan_question({"input": {"kind": "number", "min": 0, "max": 120, "unit": "years"}})
    begin(page)
    field = answer(page).get_by_label("Your answer in years")
    field.fill("400")
    press(page, "Send answer")
    expect(answer(page).get_by_role("alert")).to_have_text(
        "Please write a whole number from 0 to 120."
    )
    expect(field).to_have_attribute("aria-invalid", "true")
    assert len(stand_in.received) == 1


def test_a_reload_in_the_middle_brings_everything_back(page: Page, stand_in: StandIn) -> None:
    begin(page)
    to_question(page, "safety")
    said = yours(page)
    assert said[:2] == ["My back hurts", "Yes, go on"]
    page.get_by_label("Your message").fill("half a sentence")
    page.reload()
    # The chat was open and is again, without taking focus from the page.
    expect(answer(page).get_by_label(NONE)).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")
    assert yours(page) == said
    expect(page.get_by_label("Your message")).to_have_value("half a sentence")
    tick(page, NONE)
    expect(page.get_by_role("button", name="Over 3 months")).to_be_visible()
    assert len({body["sender"] for body in stand_in.received}) == 1


def test_starting_again_clears_the_page_and_takes_a_new_id(page: Page, stand_in: StandIn) -> None:
    begin(page)
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".message-you")).to_have_count(0)
    expect(page.get_by_label("Your message")).to_be_focused()
    begin(page)
    first, second = (body["sender"] for body in stand_in.received)
    assert first != second
    assert min(len(first), len(second)) >= 32


def test_starting_again_does_not_wait_for_an_answer_under_way(
    page: Page, stand_in: StandIn
) -> None:
    stand_in.plan([{"text": "Too late."}], delay=3.0)
    say(page, "My back hurts")
    expect(page.locator(".typing")).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    say(page, "My neck hurts")
    expect(answer(page).get_by_role("button", name="Yes, go on")).to_be_visible()
    page.wait_for_timeout(3000)
    assert yours(page) == ["My neck hurts"]
    expect(page.get_by_role("log")).not_to_contain_text("Too late.")


def test_starting_again_can_be_taken_back(page: Page, stand_in: StandIn) -> None:
    begin(page)
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".message-you")).to_have_count(0)
    page.get_by_role("button", name="Back to the one before").click()
    assert yours(page) == ["My back hurts"]
    press(page, "Yes, go on")
    expect_question(page, FIRST)
    assert len({body["sender"] for body in stand_in.received}) == 1


def test_one_press_deletes_the_conversation_here_and_on_the_server(
    page: Page, stand_in: StandIn
) -> None:
    begin(page)
    page.get_by_role("button", name="Delete my conversation").click()
    expect(page.get_by_text("Your conversation was deleted.")).to_be_visible()
    assert yours(page) == []
    assert stand_in.erased == [stand_in.received[0]["sender"]]
    assert "My back hurts" not in page.evaluate("JSON.stringify({...localStorage})")


def test_a_deletion_that_failed_is_told_and_nothing_is_lost(page: Page, stand_in: StandIn) -> None:
    begin(page)
    page.route("**/widget/erase", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("button", name="Delete my conversation").click()
    expect(page.get_by_text("could not be deleted")).to_be_visible()
    assert yours(page) == ["My back hurts"]
