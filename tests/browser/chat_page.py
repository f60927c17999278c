"""What a person does with the chat page, for tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.stand_in import words_of

MOST_TURNS = 25


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


def give(page: Page, text: str) -> None:
    """Answer the open question by its control: by what is pressed, ticked or filled in."""
    controls = answer(page)
    if controls.get_by_role("checkbox").count():
        tick(page, *text.split("; "))
    elif controls.get_by_role("radiogroup").count():
        controls.get_by_role("radio", name=text).first.click()
    elif controls.get_by_role("button", name=text, exact=True).count():
        press(page, text)
    else:
        controls.get_by_role("textbox").fill(text)
        press(page, "Send answer")
    settled(page)


def answer_plainly(page: Page) -> None:
    """Answer the open question as a healthy adult of 40 with a mild pain of two weeks."""
    controls = answer(page)
    expect(controls).not_to_be_empty()
    if controls.get_by_label("None of these").count():
        give(page, "None of these")
    elif controls.get_by_role("radiogroup").count():
        give(page, "3")
    elif controls.get_by_label("Days, weeks, months or years").count():
        give(page, "2")
    elif controls.get_by_label("Your answer in years").count():
        give(page, "40")
    else:
        titles = ["Yes, go on", "No massage yet", "No"]
        named = [t for t in titles if controls.get_by_role("button", name=t, exact=True).count()]
        give(page, named[0])


def expect_question(page: Page, name: str) -> None:
    """Wait until this question is the last thing said."""
    expect(page.locator(".message-assistant").last).to_contain_text(words_of(name))
    expect(answer(page)).not_to_be_empty()


def to_question(page: Page, name: str) -> None:
    """Answer plainly until this question is open."""
    for _ in range(MOST_TURNS):
        settled(page)
        if words_of(name) in page.locator(".message-assistant").last.inner_text():
            break
        answer_plainly(page)
    expect_question(page, name)
