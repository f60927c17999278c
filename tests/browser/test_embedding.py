"""The widget on other websites, against the real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from playwright.sync_api import Page, expect

from backline.web.embedding import lines_to_paste
from tests.browser.chat_page import (
    answer,
    expect_question,
    open_chat,
    press,
    say,
    settled,
    tick,
    to_question,
    yours,
)
from tests.browser.conftest import Watch
from tests.browser.stand_in import FIRST
from tests.browser.test_accessibility import axe_over
from tests.browser.website import Website
from tests.conftest import PROJECT, start_server

pytestmark = pytest.mark.browser


@dataclass
class Embedding:
    """A server with two sites that it lists, and one that it does not."""

    server: str
    one: Website
    other: Website
    stranger: Website

    @property
    def line(self) -> str:
        return lines_to_paste(self.server)[0]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedding]:
    folder = tmp_path_factory.mktemp("embedding")
    sites = [Website() for _ in range(3)]
    clinic = yaml.safe_load((PROJECT / "clinic.yml").read_text("utf-8"))
    clinic["sites"] = [site.origin for site in sites[:2]]
    (folder / "clinic.yml").write_text(yaml.safe_dump(clinic), "utf-8")
    server = start_server(
        f"sqlite:///{folder / 'backline.db'}",
        folder / "log",
        BACKLINE_CLINIC=str(folder / "clinic.yml"),
    )
    yield Embedding(server.url, *sites)
    server.stop()
    for site in sites:
        site.close()


@pytest.fixture
def embedding(running: Embedding) -> Embedding:
    """Sites whose pages hold nothing yet but the line."""
    for site in (running.one, running.other, running.stranger):
        site.head, site.body, site.policy, site.language = running.line, "", "", "en"
    return running


def tagged(line: str, **options: str) -> str:
    """The line with attributes."""
    data = " ".join(f'data-{name}="{value}"' for name, value in options.items())
    return line.replace(" defer>", f" {data} defer>")


def test_one_line_shows_the_chat_on_another_website(embedding: Embedding, blank: Page) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    say(blank, "my lower back hurts")
    settled(blank)
    press(blank, "Yes, go on")
    expect_question(blank, FIRST)


def test_two_sites_of_different_origin_have_a_conversation_each(
    embedding: Embedding, blank: Page
) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    say(blank, "my lower back hurts")
    settled(blank)
    blank.goto(embedding.other.origin)
    open_chat(blank)
    assert yours(blank) == []
    blank.goto(embedding.one.origin)
    expect(blank.locator(".message-you")).to_have_count(1)


def test_the_next_page_of_the_site_goes_on_where_the_last_one_stopped(
    embedding: Embedding, blank: Page
) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    say(blank, "my lower back hurts")
    settled(blank)
    blank.get_by_role("link", name="Another page").click()
    expect(answer(blank).get_by_role("button", name="Yes, go on")).to_be_visible()
    blank.go_back()
    press(blank, "Yes, go on")
    expect_question(blank, FIRST)
    assert yours(blank) == ["my lower back hurts", "Yes, go on"]


def test_a_site_that_is_not_listed_shows_nothing_and_its_operator_reads_why(
    embedding: Embedding, blank: Page, watch: Watch
) -> None:
    warnings: list[str] = []
    blank.on("console", lambda message: warnings.append(message.text))
    blank.goto(embedding.stranger.origin)
    expect(blank.locator("backline-chat")).to_have_count(0)
    assert any('"sites" in clinic.yml' in warning for warning in warnings)
    # The browser's own report of the refusal.
    watch.complaints[:] = [c for c in watch.complaints if "CORS policy" not in c]


def test_a_server_that_is_down_is_told_in_the_chat(embedding: Embedding, blank: Page) -> None:
    site = embedding.stranger
    site.head = tagged(embedding.line, server="http://127.0.0.1:9")
    blank.goto(site.origin)
    open_chat(blank)
    say(blank, "my back hurts")
    expect(blank.locator(".problem")).to_contain_text("sent as soon as it is back")
    expect(blank.locator(".message-unsent .note")).to_have_text("Waiting to be sent")


def strict_policy(server: str) -> str:
    """As docs/embedding.md names it."""
    socket = server.replace("http", "ws", 1)
    return f"default-src 'none'; script-src {server}; connect-src {server} {socket}"


def test_the_strictest_policy_that_the_docs_name_is_enough(
    embedding: Embedding, blank: Page, watch: Watch
) -> None:
    site = embedding.one
    site.policy = strict_policy(embedding.server)
    site.head = tagged(lines_to_paste(embedding.server)[1], accent="#ffd400")
    sockets: list[str] = []
    blank.on("websocket", lambda socket: sockets.append(socket.url))
    blank.goto(site.origin)
    open_chat(blank)
    blank.wait_for_timeout(500)
    say(blank, "I am numb between my legs")
    expect(blank.locator(".result-emergency")).to_be_visible()
    colour = blank.locator(".send").evaluate("(button) => getComputedStyle(button).backgroundColor")
    assert colour != "rgb(11, 107, 99)"
    assert sockets
    expected = {urlsplit(embedding.server).netloc, urlsplit(site.origin).netloc}
    assert watch.hosts == expected
    # The site's own icon is the site's own affair.
    watch.complaints[:] = [c for c in watch.complaints if "favicon" not in c]


def test_the_policy_is_written_in_the_documentation_as_it_is_tested() -> None:
    documented = (PROJECT / "docs" / "embedding.md").read_text("utf-8")
    assert strict_policy("https://bot.clinic.example") in documented


@pytest.mark.parametrize("page", ["one", "embed-test"])
def test_every_request_goes_to_one_host(
    embedding: Embedding, blank: Page, watch: Watch, page: str
) -> None:
    site = embedding.one
    blank.goto(site.origin if page == "one" else f"{embedding.server}/embed-test")
    blank.locator(".launcher").last.click()
    panel = blank.get_by_role("dialog")
    panel.get_by_label("Your message").fill("my back hurts")
    panel.get_by_label("Your message").press("Enter")
    expect(panel.get_by_role("button", name="Yes, go on")).to_be_visible()
    watch.hosts.discard(urlsplit(site.origin).netloc)
    assert watch.hosts == {urlsplit(embedding.server).netloc}


# ---- Attributes and the interface ------------------------------------------------------------


def test_inline_it_stands_where_the_line_stands(embedding: Embedding, blank: Page) -> None:
    site = embedding.one
    site.head = ""
    site.body = f"<main>{tagged(embedding.line, mode='inline')}<p id='after'>After</p></main>"
    blank.goto(site.origin)
    panel = blank.locator("main backline-chat .panel")
    expect(panel).to_be_visible()
    expect(blank.locator(".launcher")).to_have_count(0)
    box, after = panel.bounding_box(), blank.locator("#after").bounding_box()
    assert box and after
    assert after["y"] >= box["y"] + box["height"]


def test_title_opening_and_position_are_attributes(embedding: Embedding, blank: Page) -> None:
    site = embedding.one
    site.head = tagged(embedding.line, title="Ask us", opening="G'day. Sore?", position="left")
    blank.goto(site.origin)
    launcher = blank.locator(".launcher")
    box = launcher.bounding_box()
    assert box and box["x"] < 100
    open_chat(blank)
    expect(blank.get_by_role("dialog", name="Ask us")).to_be_visible()
    expect(blank.get_by_role("log")).to_contain_text("G'day. Sore?")


def test_a_right_to_left_language_turns_the_panel_round(embedding: Embedding, blank: Page) -> None:
    site = embedding.one
    site.head = tagged(embedding.line, language="ar")
    blank.goto(site.origin)
    box = blank.locator(".launcher").bounding_box()
    assert box and box["x"] < 100, "the end of the line is on the left"
    open_chat(blank)
    widget = blank.locator(".widget")
    expect(widget).to_have_attribute("lang", "ar")
    assert widget.evaluate("(node) => getComputedStyle(node).direction") == "rtl"
    send, message = blank.locator(".send").bounding_box(), blank.locator("#message").bounding_box()
    assert send and message and send["x"] < message["x"]


COLOURS = ["#ffd400", "white", "#000", "red", "hsl(200 100% 80%)", "rebeccapurple", "#777"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", COLOURS)
def test_contrast_is_kept_whatever_colour_is_given(
    embedding: Embedding, blank: Page, colour: str, scheme: Any
) -> None:
    site = embedding.one
    site.head = tagged(embedding.line, accent=colour)
    blank.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    blank.goto(site.origin)
    open_chat(blank)
    say(blank, "my lower back hurts")
    settled(blank)
    found = axe_over(blank)
    assert [rule for rule in found if rule[0] == "color-contrast"] == []


def test_what_is_no_colour_is_ignored(embedding: Embedding, blank: Page) -> None:
    embedding.one.head = tagged(embedding.line, accent="url(javascript:1)")
    blank.goto(embedding.one.origin)
    colour = blank.locator(".launcher").evaluate("(b) => getComputedStyle(b).backgroundColor")
    assert colour == "rgb(11, 107, 99)"


LISTENING = """
for (const name of ["ready", "question", "result"]) {
  document.addEventListener(name, ({ detail }) => (window.heard ??= []).push([name, detail]));
}
"""


def test_the_page_can_open_send_close_restart_and_listen(embedding: Embedding, blank: Page) -> None:
    blank.add_init_script(LISTENING)
    blank.goto(embedding.one.origin)
    blank.wait_for_function("window.heard?.length")
    blank.evaluate("Backline.open()")
    expect(blank.get_by_label("Your message")).to_be_focused()
    blank.wait_for_timeout(300)
    assert blank.evaluate("Backline.send('my back hurts')") is True
    settled(blank)
    blank.evaluate("Backline.send('I am numb between my legs')")
    settled(blank)
    blank.evaluate("Backline.close()")
    expect(blank.get_by_role("dialog")).to_be_hidden()
    blank.evaluate("Backline.restart()")
    heard = blank.evaluate("window.heard")
    assert [name for name, _ in heard] == ["ready", "question", "result"]
    assert heard[1][1] == {"slot": "consent", "kind": "yes_no"}
    assert heard[2][1]["urgency"] == "emergency"
    assert yours(blank) == []


# ---- Two tabs, blocked storage, a wrong clock ------------------------------------------------


def test_two_tabs_show_one_conversation(embedding: Embedding, blank: Page) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    second = blank.context.new_page()
    second.goto(embedding.one.origin)
    open_chat(second)
    say(blank, "my back hurts")
    settled(blank)
    press(second, "Yes, go on")
    to_question(second, "safety")
    expect_question(blank, "safety")
    tick(blank, "None of these")
    for tab in (blank, second):
        expect(tab.get_by_role("button", name="Over 3 months")).to_be_visible()
    said = yours(blank)
    assert (said[:2], said[-1]) == (["my back hurts", "Yes, go on"], "None of these")
    assert yours(second) == said


def test_beginning_anew_in_one_tab_begins_anew_in_the_other(
    embedding: Embedding, blank: Page
) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    say(blank, "my back hurts")
    settled(blank)
    second = blank.context.new_page()
    second.goto(embedding.one.origin)
    second.locator(".launcher").click()
    second.get_by_role("button", name="Start again").click()
    expect(blank.locator(".message-you")).to_have_count(0)


def test_blocked_storage_costs_the_reload_and_is_told(embedding: Embedding, blank: Page) -> None:
    blank.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "Object.defineProperty(window, name, { get() { throw new DOMException('blocked'); } });"
    )
    blank.goto(embedding.one.origin)
    open_chat(blank)
    expect(blank.get_by_text("This browser keeps nothing")).to_be_visible()
    say(blank, "my back hurts")
    settled(blank)
    press(blank, "Yes, go on")
    expect_question(blank, FIRST)


def test_a_clock_that_jumps_neither_loses_nor_mixes_anything(
    embedding: Embedding, blank: Page
) -> None:
    blank.clock.install(time="2031-05-05T10:00:00")
    blank.goto(embedding.one.origin)
    open_chat(blank)
    say(blank, "my back hurts")
    settled(blank)
    blank.clock.set_system_time("1999-01-01T00:00:00")
    press(blank, "Yes, go on")
    expect_question(blank, FIRST)
    blank.reload()
    expect_question(blank, FIRST)
    assert yours(blank) == ["my back hurts", "Yes, go on"]


def test_a_day_later_nobody_else_reads_the_conversation(embedding: Embedding, blank: Page) -> None:
    blank.clock.install(time="2031-05-05T10:00:00")
    blank.goto(embedding.one.origin)
    open_chat(blank)
    say(blank, "my back hurts")
    settled(blank)
    blank.clock.set_system_time("2031-05-06T11:00:00")
    blank.reload()
    blank.get_by_role("button", name="I have back pain").wait_for()
    assert yours(blank) == []


# ---- Closing, and what comes while it is closed ----------------------------------------------


def test_escape_closes_and_focus_goes_back_to_the_launcher(
    embedding: Embedding, blank: Page
) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    blank.keyboard.press("Escape")
    expect(blank.get_by_role("dialog")).to_be_hidden()
    expect(blank.locator(".launcher")).to_be_focused()
    expect(blank.locator(".launcher")).to_have_attribute("aria-expanded", "false")


def test_an_answer_that_comes_while_the_panel_is_closed_is_counted(
    embedding: Embedding, blank: Page
) -> None:
    blank.goto(embedding.one.origin)
    open_chat(blank)
    # In one breath, or the answer may come while the panel is still open.
    blank.evaluate("Backline.send('my back hurts'), Backline.close()")
    expect(blank.locator(".launcher")).to_have_accessible_name(
        "Ask about your back , 2 new messages", timeout=20_000
    )
    blank.locator(".launcher").click()
    expect(answer(blank).get_by_role("button", name="Yes, go on")).to_be_focused()
    blank.keyboard.press("Escape")
    expect(blank.locator(".badge")).to_be_hidden()


def test_hostile_css_changes_nothing_and_the_widget_changes_no_page(
    embedding: Embedding, blank: Page
) -> None:
    def look(selector: str) -> Any:
        # What is still being drawn may be replaced between finding and looking.
        while not (
            seen := blank.locator(selector).first.evaluate(
                "(node) => { const s = getComputedStyle(node), b = node.getBoundingClientRect();"
                "return node.isConnected && [s.color, s.fontSize, s.letterSpacing,"
                "s.textTransform, s.opacity, s.marginTop, Math.round(b.height)]; }"
            )
        ):
            pass
        return seen

    embedding.one.head, embedding.one.body = "", tagged(embedding.line, mode="inline")
    blank.goto(embedding.one.origin)
    blank.locator("backline-chat .send").wait_for()
    kind = {name: look(f"backline-chat {name}") for name in (".send", ".bubble", "h2", "#message")}
    blank.goto(f"{embedding.server}/embed-test")
    blank.locator("main backline-chat .send").wait_for()
    hostile = {
        name: look(f"main backline-chat {name}") for name in (".send", ".bubble", "h2", "#message")
    }
    # The accent is another there, and the page narrower: colour of the button and heights differ.
    for name, seen in kind.items():
        assert hostile[name][1:6] == seen[1:6], name
    page_button = blank.locator("main > .launcher")
    assert page_button.evaluate("(b) => getComputedStyle(b).color") == "rgb(255, 105, 180)"
    assert (
        blank.locator("main > .bubble").evaluate("(b) => getComputedStyle(b).borderTopStyle")
        == "dashed"
    )
