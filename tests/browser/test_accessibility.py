"""Everybody can use it: screen readers, keyboards, small screens, low vision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from backline.policy.checklists import LISTS
from tests.browser.chat_page import answer, begin, open_chat, say, settled, to_question
from tests.browser.stand_in import MASSAGE, StandIn, question

pytestmark = pytest.mark.browser

SMALLEST_TARGET = 44
CONTROLS = {
    "age": "number",
    "emergency_signs": "checklist",
    "safety": "checklist with two lines that stand alone",
    "pain_duration": "duration",
    "pain_severity": "scale",
}
"""A question, in the order asked, for each control."""
PHONE = {"width": 320, "height": 640}
LARGER_PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


def states(page: Page, stand_in: StandIn) -> Iterator[str]:
    """Each kind of content the page can show, one after the other."""
    yield "opening"
    begin(page)
    yield "yes or no"
    for name, state in CONTROLS.items():
        to_question(page, name)
        yield state
    stand_in.plan("oops", status=500)
    say(page, "what?")
    expect(page.get_by_role("button", name="Send again")).to_be_visible()
    yield "error"
    stand_in.plan(MASSAGE)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="Therapeutic massage")).to_be_visible()
    yield "result"
    refused = '{"error": "too_long", "message": "Please shorten it."}'
    stand_in.plan(refused, status=413)
    say(page, "a long story")
    expect(page.get_by_role("button", name="Change")).to_be_visible()
    yield "not sent"
    say(page, "I am numb between my legs")
    expect(page.locator(".result-emergency .call")).to_be_visible()
    yield "emergency"
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("button", name="Back to the one before")).to_be_visible()
    yield "started again"
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".launcher")).to_be_visible()
    yield "closed"


def axe_over(page: Page) -> list[tuple[str, Any]]:
    """What axe finds in the page as it is, at any severity: rule and places."""
    # Colours are judged once nothing moves any more.
    page.wait_for_function(
        "[document, Backline.shadowRoot].every((root) =>"
        "root.getAnimations().every((a) => a.playState !== 'running'))"
    )
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(page: Page, stand_in: StandIn, scheme: Any, size: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(size)
    found = {state: axe_over(page) for state in states(page, stand_in)}
    assert {state: rules for state, rules in found.items() if rules} == {}


def test_nothing_scrolls_sideways_at_320_pixels(page: Page, stand_in: StandIn) -> None:
    page.set_viewport_size(PHONE)
    for state in states(page, stand_in):
        wider = page.evaluate(
            "[document.documentElement, Backline.shadowRoot.querySelector('.scroller')]"
            ".map((box) => box.scrollWidth - box.clientWidth)"
        )
        assert wider == [0, 0], state


def test_at_200_percent_nothing_scrolls_sideways(page: Page, stand_in: StandIn) -> None:
    page.set_viewport_size({"width": 640, "height": 400})
    for state in states(page, stand_in):
        wider = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider == 0, state


def test_in_forced_colours_everything_to_press_has_an_outline(
    page: Page, stand_in: StandIn
) -> None:
    page.emulate_media(forced_colors="active")
    for state in states(page, stand_in):
        for control in page.locator("backline-chat :is(.primary, .choice, .step, .call)").all():
            if control.is_visible():
                style = control.evaluate("(node) => getComputedStyle(node).borderTopStyle")
                assert style == "solid", state


def test_every_list_is_seen_whole_with_its_question_on_a_phone(
    page: Page, stand_in: StandIn
) -> None:
    page.set_viewport_size(LARGER_PHONE)
    for asked in LISTS:
        stand_in.plan(question(asked.value))
        say(page, "My back hurts")
        settled(page)
        for part in (page.locator(".message-assistant").last, answer(page)):
            expect(part, asked.value).to_be_in_viewport(ratio=1)


def test_an_endless_word_does_not_widen_the_page(page: Page, stand_in: StandIn) -> None:
    page.set_viewport_size(PHONE)
    stand_in.plan([{"text": "x" * 2000}])
    begin(page)
    scroller = page.locator(".scroller")
    assert scroller.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0


def test_everything_to_press_is_large_enough(page: Page, stand_in: StandIn) -> None:
    page.set_viewport_size(PHONE)
    for state in states(page, stand_in):
        controls = page.locator(
            "backline-chat :is(button, select, label.check, a.call, a.emergency):visible"
        )
        for control in controls.all():
            box = control.bounding_box()
            assert box is not None
            assert min(round(box["width"]), round(box["height"])) >= SMALLEST_TARGET, (
                state,
                control.inner_text(),
            )


def test_focus_never_falls_back_to_the_page(page: Page, stand_in: StandIn) -> None:
    for state in states(page, stand_in):
        assert page.evaluate("Backline.shadowRoot.activeElement !== null"), state


def test_new_questions_do_not_pull_a_person_away_from_writing(
    page: Page, stand_in: StandIn
) -> None:
    stand_in.plan_question(
        {"input": {"kind": "choice", "options": [{"value": "a", "title": "An answer"}]}}
    )
    stand_in.planned[0].delay = 1.0
    say(page, "My back hurts")
    page.get_by_label("Your message").press_sequentially("and my")
    expect(answer(page).get_by_role("button", name="An answer")).to_be_visible()
    expect(page.get_by_label("Your message")).to_be_focused()


def test_messages_are_announced_with_their_author(page: Page) -> None:
    begin(page)
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    said = [text.split("\n")[0] for text in log.get_by_role("article").all_inner_texts()]
    assert said[0].startswith("The assistant said:")
    assert said[1].startswith("You said:")


def test_messages_restored_by_a_reload_are_not_read_out_again(page: Page) -> None:
    begin(page)
    page.add_init_script(
        """
        new MutationObserver(() => {
          const log = window.Backline?.shadowRoot.querySelector(".log");
          const loud = log?.getAttribute("aria-live") === "polite";
          if (log?.children.length === 0 && loud) window.readOut = true;
        }).observe(document, { subtree: true, childList: true, attributes: true });
        """
    )
    page.reload()
    expect(page.locator(".message-you")).to_have_count(1)
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert page.evaluate("window.readOut") is None


def test_the_scale_is_one_stop_for_the_tab_key(page: Page, stand_in: StandIn) -> None:
    stand_in.plan_question(
        {
            "input": {
                "kind": "scale",
                "min": 0,
                "max": 10,
                "min_title": "No pain",
                "max_title": "Worst pain",
            }
        }
    )
    begin(page)
    radios = answer(page).get_by_role("radio")
    assert radios.count() == 11
    expect(radios.first).to_have_accessible_name("0, No pain")
    expect(radios.last).to_have_accessible_name("10, Worst pain")
    expect(radios.first).to_be_focused()
    page.keyboard.press("End")
    expect(radios.last).to_be_focused()
    expect(radios.last).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your message")).to_be_focused()


def test_right_to_left_text_runs_from_the_right(page: Page) -> None:
    say(page, "ظهري يؤلمني")
    settled(page)
    bubble = page.locator(".message-you .bubble p")
    assert bubble.evaluate("(p) => getComputedStyle(p).direction") == "rtl"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_who_asked_for_less_motion(
    browser: Browser, stand_in: StandIn, motion: Any
) -> None:
    context = browser.new_context(reduced_motion=motion)
    page = context.new_page()
    page.goto(stand_in.url)
    open_chat(page)
    stand_in.plan([{"text": "Here I am."}], delay=1.5)
    say(page, "My back hurts")
    expect(page.locator(".typing")).to_be_visible()
    moving = page.evaluate("Backline.shadowRoot.getAnimations().length")
    assert (moving > 0) is (motion == "no-preference")
    context.close()


def test_at_400_percent_the_whole_panel_scrolls(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    begin(page)
    button = answer(page).get_by_role("button", name="Yes, go on")
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport()
    assert page.locator(".panel").evaluate("(panel) => panel.scrollHeight > 256")
