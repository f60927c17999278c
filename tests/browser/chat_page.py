"""What a person does with the chat page, for tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def open_chat(page: Page) -> None:
    """Press the launcher at the corner of the page."""
    page.locator(".launcher").click()
    page.get_by_role("button", name="I have back pain").wait_for()


def say(page: Page, text: str) -> None:
    """Write in the message box and send with Enter."""
    box = page.get_by_label("Your message")
    box.fill(text)
    box.press("Enter")


def begin(page: Page) -> None:
    """Send the first message and wait for its answer."""
    say(page, "My back hurts")
    expect(page.locator(".message-assistant")).to_have_count(2)


def settled(page: Page) -> None:
    """Wait until the answer to the last message is here."""
    expect(page.locator(".scroller")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".problem")).to_be_empty()


def yours(page: Page) -> list[str]:
    """The texts of the person's own messages, as the log shows them."""
    return page.locator(".message-you .bubble").all_inner_texts()


def answer(page: Page) -> Locator:
    """The controls of the open question."""
    return page.locator(".answer")


def press(page: Page, name: str) -> None:
    answer(page).get_by_role("button", name=name, exact=True).click()


def tick(page: Page, *titles: str) -> None:
    """Tick lines of the checklist and send them."""
    for title in titles:
        answer(page).get_by_label(title).check()
    press(page, "Send answer")
