"""While an emergency holds: whom to call stays in sight, and nothing cheerful beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat_page import answer, begin, say, settled
from tests.browser.stand_in import ENDED, MASSAGE, StandIn, question, result, standing

pytestmark = pytest.mark.browser

LINE = "13 11 14"
NUMB = "I am numb between my legs"


def bar(page: Page) -> Locator:
    return page.locator(".bar")


def call(page: Page) -> Locator:
    return bar(page).get_by_role("link", name="Call 000 now")


def in_emergency(page: Page) -> None:
    say(page, NUMB)
    expect(call(page)).to_be_in_viewport()


def test_the_call_stands_directly_above_the_message_box(page: Page) -> None:
    in_emergency(page)
    ends, begins = bar(page).bounding_box(), page.locator(".composer").bounding_box()
    assert ends and begins
    assert abs(ends["y"] + ends["height"] - begins["y"]) < 2
    assert call(page).get_attribute("href") == "tel:000"


def test_the_servers_mark_alone_raises_the_bar(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([{"text": "Please call 000 now. Yes, go now."}, standing()])
    say(page, "can it wait?")
    expect(call(page)).to_be_in_viewport()


def test_the_bar_holds_the_number_that_the_server_names(page: Page, stand_in: StandIn) -> None:
    mark = standing()
    mark["custom"]["number"] = "112"
    stand_in.plan([{"text": "Please call 112 now."}, mark])
    say(page, "I am abroad")
    link = bar(page).get_by_role("link", name="Call 112 now")
    assert link.get_attribute("href") == "tel:112"


def test_after_thoughts_of_suicide_it_has_the_crisis_line_and_gentler_words(
    page: Page, stand_in: StandIn
) -> None:
    stand_in.plan([{"text": "I am glad you told me."}, standing("self_harm", LINE)])
    say(page, "I do not want to go on")
    expect(bar(page)).to_contain_text("Please talk to someone now")
    expect(bar(page).get_by_role("link", name=f"Crisis line: {LINE}")).to_be_in_viewport()
    expect(call(page)).to_be_in_viewport()


def test_a_result_of_thoughts_of_suicide_without_a_mark_has_it_too(
    page: Page, stand_in: StandIn
) -> None:
    told = result("doctor_first", "emergency", ["you told me about thoughts of ending your life"])
    told[1]["custom"]["facts"] = {"emergency_signs": ["self_harm"]}
    stand_in.plan(told)
    say(page, "I do not want to go on")
    expect(bar(page)).to_contain_text("Please talk to someone now")


def test_with_another_danger_sign_the_emergency_comes_first(page: Page, stand_in: StandIn) -> None:
    told = result("doctor_first", "emergency", ["your bladder fails"])
    told[1]["custom"]["facts"] = {"emergency_signs": ["self_harm", "bladder_or_bowel"]}
    stand_in.plan(told)
    say(page, "all of it")
    expect(bar(page)).to_contain_text("Emergency care now")


def test_it_stays_through_later_messages_and_a_reload(page: Page, stand_in: StandIn) -> None:
    in_emergency(page)
    for text in ("ok", "can I book a massage"):
        stand_in.plan([{"text": "Please call 000 now."}, standing()])
        say(page, text)
        settled(page)
    page.reload()
    expect(call(page)).to_be_in_viewport()


def test_it_goes_when_the_server_says_that_the_emergency_ended(
    page: Page, stand_in: StandIn
) -> None:
    in_emergency(page)
    stand_in.plan([{"text": "I am glad that you were seen."}, ENDED])
    say(page, "the doctor saw me")
    expect(bar(page)).to_be_hidden()
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("glad that you were seen")
    expect(bar(page)).to_be_hidden()


@pytest.mark.parametrize(
    "reply",
    [MASSAGE, [{"text": "All is deleted.", "custom": {"type": "deleted"}}]],
    ids=["a lesser result", "deleted"],
)
def test_without_a_mark_it_goes_with_what_ends_an_emergency(
    page: Page, stand_in: StandIn, reply: list[dict[str, object]]
) -> None:
    in_emergency(page)
    stand_in.plan(reply)
    say(page, "it was a mistake")
    expect(bar(page)).to_be_hidden()


def test_the_mark_decides_where_a_result_says_otherwise(page: Page, stand_in: StandIn) -> None:
    stand_in.plan([*MASSAGE, standing()])
    say(page, "and my wife?")
    expect(call(page)).to_be_in_viewport()


@pytest.mark.parametrize(
    "custom", [{"holds": "yes"}, {}, {"holds": None}, {"holds": 1, "kind": 5, "number": []}]
)
def test_a_mark_that_cannot_be_read_changes_nothing(
    page: Page, stand_in: StandIn, custom: dict[str, object]
) -> None:
    in_emergency(page)
    stand_in.plan([{"text": "Hm."}, {"custom": {"type": "emergency_standing", **custom}}])
    say(page, "ok")
    expect(page.get_by_role("log")).to_contain_text("Hm.")
    expect(call(page)).to_be_in_viewport()


def test_nothing_to_press_invites_to_go_on_as_if_nothing_were(
    page: Page, stand_in: StandIn
) -> None:
    in_emergency(page)
    stand_in.plan(question("pain_severity"))
    say(page, "ok")
    settled(page)
    expect(answer(page)).to_be_empty()
    expect(page.get_by_placeholder("Write in your own words")).to_have_count(0)


def test_what_is_asked_of_the_emergency_itself_has_its_buttons(
    page: Page, stand_in: StandIn
) -> None:
    in_emergency(page)
    buttons = [{"title": title, "payload": title} for title in ("Yes, a mistake", "No")]
    stand_in.plan([{"text": "Was it a mistake?", "buttons": buttons}, standing()])
    say(page, "it was a mistake")
    expect(answer(page).get_by_role("button", name="Yes, a mistake")).to_be_visible()


def test_starting_again_keeps_the_call_in_sight_until_somebody_goes_on(
    page: Page, stand_in: StandIn
) -> None:
    in_emergency(page)
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".message-you")).to_have_count(0)
    expect(call(page)).to_be_in_viewport()
    expect(page.locator(".notice")).to_contain_text("it is not over")
    expect(answer(page)).to_be_empty()
    begin(page)
    expect(bar(page)).to_be_hidden()
    expect(answer(page).get_by_role("button", name="Yes, go on")).to_be_visible()
    expect(page.locator(".top .emergency")).to_be_in_viewport()


def test_starting_again_in_an_emergency_can_be_taken_back(page: Page) -> None:
    in_emergency(page)
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("button", name="Back to the one before").click()
    expect(page.locator(".result-emergency")).to_be_visible()
    expect(call(page)).to_be_in_viewport()


def test_the_closed_chat_tells_of_it_too(page: Page) -> None:
    in_emergency(page)
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".launcher")).to_contain_text("Emergency care now")


def test_an_emergency_kept_by_an_earlier_version_of_the_script_still_holds(page: Page) -> None:
    in_emergency(page)
    page.evaluate(
        """
        const [key] = Object.keys(localStorage);
        const { standing, ...kept } = JSON.parse(localStorage[key]);
        localStorage[key] = JSON.stringify(kept);
        """
    )
    page.reload()
    expect(call(page)).to_be_in_viewport()
