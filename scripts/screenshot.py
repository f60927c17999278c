#!/usr/bin/env python3
"""Plays a triage to its middle on a running server's page and saves docs/screenshot.png.

usage: scripts/screenshot.py [URL] [--out FILE]

Start the server first (`make run`). It needs Chromium and the environment that `make test` makes.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
SIZE = {"width": 1180, "height": 820}
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
STORY = "Hi, I'm 36 and my lower back has hurt for two weeks. It started at my desk."
PATIENCE_MS = 30_000


def play_to_the_middle(page: Page) -> None:
    """Tell the story, agree, answer the checklist, and stop at the pain scale."""
    answer = page.locator("#answer")
    page.get_by_label("Your message").fill(STORY)
    page.get_by_label("Your message").press("Enter")
    answer.get_by_role("button", name="Yes, go on").click()
    answer.get_by_label("None of these").check()
    answer.get_by_role("button", name="Send answer").click()
    expect(answer.get_by_role("radiogroup")).to_be_visible()
    answer.get_by_role("radio", name="4", exact=True).hover()
    # Focus has its ring after use of the keyboard; the picture is of somebody with a mouse.
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default="http://localhost:5005")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "screenshot.png")
    options = parser.parse_args()
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    chromium = next(filter(None, found), None)
    if chromium is None:
        parser.error("Chromium is not installed; try `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-AU")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.goto(options.url)
        play_to_the_middle(page)
        page.screenshot(path=options.out)
        browser.close()
    print(f"Saved {options.out}")


if __name__ == "__main__":
    main()
