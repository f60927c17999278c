"""The system's Chromium, and a page in it that notices what it should not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.chat_page import open_chat
from tests.browser.stand_in import StandIn, start
from tests.services import require_or_skip

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 10_000
DEVICES: dict[str, Any] = {}
CONNECTION_TROUBLE = ("Failed to load resource", "WebSocket connection to")


@dataclass
class Watch:
    """What happened in a browser context beside what the test did.

    Attributes:
        complaints: console errors and uncaught exceptions, also those of the content policy.
        hosts: every host and port that was asked for something.
    """

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports each failed connection here by itself; those a test plans, and the
        # stand-in's missing WebSocket, are none of ours.
        if message.type == "error" and not message.text.startswith(CONNECTION_TROUBLE):
            self.complaints.append(message.text)


# Not for the whole session: Playwright's event loop in this thread would be in the way of
# coroutine tests in other files.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require_or_skip(
        CHROMIUM is not None,
        "Chromium is not installed; enable the browser tests with `apt-get install chromium`.",
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        DEVICES.update(playwright.devices)
        yield chromium
        chromium.close()


@pytest.fixture
def devices(browser: Browser) -> dict[str, Any]:
    """What Playwright knows of phones, by name."""
    return DEVICES


# For the whole session: Sanic rewrites its own classes at a start and cannot do so twice.
@pytest.fixture(scope="session")
def running_stand_in() -> Iterator[StandIn]:
    stand_in = StandIn()
    stop = start(stand_in)
    yield stand_in
    stop()


@pytest.fixture
def stand_in(running_stand_in: StandIn) -> StandIn:
    """The server to script; see tests/browser/stand_in.py."""
    running_stand_in.reset()
    return running_stand_in


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-AU")
    context.set_default_timeout(PATIENCE_MS)
    watch.over(context)
    yield context
    context.close()


@pytest.fixture
def blank(context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page yet to go anywhere. Errors in its console fail the test."""
    page = context.new_page()
    yield page
    assert watch.complaints == []


@pytest.fixture
def page(blank: Page, stand_in: StandIn) -> Page:
    """The clinic's page of the stand-in with the chat opened."""
    blank.goto(stand_in.url)
    open_chat(blank)
    return blank


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> None:
    """The servers of the tests are on this machine."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
