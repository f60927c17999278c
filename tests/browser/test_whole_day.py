"""The clinic's whole day: the server with its channels, the desk beside it, people and staff."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from click.testing import Result
from fhir.resources.R4B.bundle import Bundle
from playwright.sync_api import Browser, BrowserContext, Page, expect
from typer.testing import CliRunner

from backline.cli.main import app
from tests.conftest import PROJECT, Server, free_port, start_server
from tests.desk.browser import PASSWORD
from tests.messaging.conftest import Services, close, new_services
from tests.messaging.person import Person, texts
from tests.plain import PLAIN

pytestmark = pytest.mark.browser

PATIENCE_MS = 20_000
START_S = 60
DANGER = "I can't feel it when I wipe"
ASIDE = "she said it is a bit better when I walk"
CALL_ME = "My name is Tom, number 0400 123 456, please call me"


@dataclass
class Clinic:
    """What runs at the clinic, and who works there."""

    services: Services
    server: Server
    desk_url: str
    browser: Browser

    def person_on(self, channel: str) -> Person:
        return self.services.someone(channel, self.server.url)

    def command(self, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=typed)

    def create_account(self, name: str, *arguments: str, typed: str = "") -> str:
        who = ("--name", name, "--email", f"{name.lower()}@clinic.example")
        done = self.command("desk", "create-account", *who, *arguments, typed=typed)
        assert done.exit_code == 0, done.output
        return done.output

    @contextmanager
    def at_work(self, name: str, invitation: str | None = None) -> Iterator[Page]:
        """Somebody of the staff, signed in with password and code in a browser of their own."""
        context: BrowserContext = self.browser.new_context(accept_downloads=True)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        if invitation is not None:
            page.goto(f"{self.desk_url}{invitation}")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_label("The same again").fill(PASSWORD)
            page.get_by_role("button", name="Keep it").click()
        page.goto(f"{self.desk_url}/desk/sign-in")
        page.get_by_label("E-mail address").fill(f"{name.lower()}@clinic.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.get_by_label("six digits").fill(pyotp.TOTP(page.inner_text(".secret")).now())
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="People who wrote")).to_be_visible()
        yield page
        context.close()

    def invited(self, name: str, role: str) -> str:
        told = self.create_account(name, "--invite", "--role", role)
        link = re.search(r"/desk/invitation\?token=\S+", told)
        assert link is not None
        return link[0]


@pytest.fixture
def clinic(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    expect.set_options(timeout=PATIENCE_MS)
    services = new_services()
    database = f"sqlite:///{tmp_path / 'backline.db'}"
    server = start_server(database, tmp_path / "log", **services.environment)
    services.databases[server.url] = database
    port = free_port()
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("BACKLINE_DESK_URL", f"http://localhost:{port}")
    with desk_serving(port):
        yield Clinic(services, server, f"http://localhost:{port}", browser)
    assert server.stop() == 0
    close(services)
    expect.set_options(timeout=5_000)


@contextmanager
def desk_serving(port: int) -> Iterator[None]:
    """`backline desk serve`, which ends cleanly though pages have their streams open."""
    command = [sys.executable, "-m", "backline.cli", "desk", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT, env=dict(os.environ))
    until(lambda: listens(port) or process.poll() is not None, "the desk to listen")
    yield
    process.send_signal(signal.SIGTERM)
    assert process.wait(START_S) in (0, -signal.SIGTERM)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_whole_day_of_a_clinic(clinic: Clinic, tmp_path: Path) -> None:
    tom, ann = clinic.person_on("telegram"), clinic.person_on("whatsapp")
    clinic.create_account("Robin", typed=f"{PASSWORD}\n{PASSWORD}\n")
    with clinic.at_work("Robin") as robin:
        an_emergency_comes_is_taken_called_back_and_closed(robin, tom)
        ann.say("my back hurts")
        assert ann.answer_all(PLAIN) != "doctor_first"
        link = clinic.invited("Kim", "therapist")
        with clinic.at_work("Kim", link) as kim:
            a_therapist_corrects_a_fact(kim)
            a_conversation_is_taken_over_and_handed_back(kim, ann)
        everything_is_taken_out(robin, tmp_path)
    with clinic.at_work("Alex", clinic.invited("Alex", "clinician")) as alex:
        the_policy_is_signed(alex)
    the_audit_log_is_whole_until_a_row_is_changed(clinic, tmp_path / "backline.db")


def an_emergency_comes_is_taken_called_back_and_closed(page: Page, person: Person) -> None:
    expect(page.get_by_text("Nobody in danger waits")).to_be_visible()
    person.say(DANGER)
    # Nobody loads the page again.
    page.locator(".person.alarm a").click()
    expect(page.get_by_text(DANGER)).to_be_visible()
    page.get_by_role("button", name="Take this person in hand").click()
    person.say(CALL_ME)
    page.locator("#person-news").get_by_role("link", name="Show it").click()
    page.get_by_role("button", name="Show name and number").click()
    expect(page.get_by_text("0400 123 456")).to_be_visible()
    expect(page.get_by_text("Tom", exact=True)).to_be_visible()
    page.get_by_label("What came of the call?").fill("Tom goes to the hospital now")
    page.get_by_role("button", name="Call-back is done").click()
    page.get_by_label("What was done?").fill("Rang him; his wife drives him")
    page.get_by_role("button", name="Close with this note").click()
    expect(page.get_by_text("Rang him; his wife drives him")).to_be_visible()
    expect(page.get_by_role("button", name="Show name and number")).to_have_count(0)
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_text("Nobody in danger waits")).to_be_visible()


def a_therapist_corrects_a_fact(page: Page) -> None:
    page.locator(".person:not(.closed) .who a").click()
    page.get_by_role("link", name="Correct this result").click()
    page.get_by_label("Fever or night sweats").check()
    page.get_by_label("Why is it changed?").fill("39 degrees, measured here")
    page.get_by_role("button", name="have the policy decide").click()
    newest = page.locator("article.result").first
    expect(newest).to_contain_text("39 degrees, measured here")
    expect(newest).to_contain_text("Today")


def a_conversation_is_taken_over_and_handed_back(page: Page, person: Person) -> None:
    page.get_by_role("link", name="Write to them").click()
    page.get_by_role("button", name="Take this conversation over").click()
    person.wait_for(lambda: "is here now" in texts(person)[-1], "the bot's word about staff")
    person.deliver(person.write(ASIDE))
    expect(page.get_by_text(ASIDE)).to_be_visible()
    page.get_by_label("Your answer").fill("Please come at three.")
    page.get_by_role("button", name="Send").click()
    person.wait_for(lambda: "Please come at three." in texts(person)[-1], "the answer of staff")
    page.get_by_label("What the bot says").fill("See you at three.")
    page.get_by_role("button", name="Hand back").click()
    expect(page.get_by_text("The bot has this conversation")).to_be_visible()
    person.wait_for(lambda: "See you at three." in "".join(texts(person)[-2:]), "the note")
    assert person.say("what does it cost?"), "the bot answers again"


def everything_is_taken_out(page: Page, folder: Path) -> None:
    for kind, name in (("fhir", "fhir.json"), ("csv", "table.csv")):
        page.get_by_role("link", name="Export").click()
        page.get_by_label("What", exact=True).select_option(kind)
        with page.expect_download() as download:
            page.get_by_role("button", name="Take out").click()
        download.value.save_as(folder / name)
    bundle = Bundle.parse_raw((folder / "fhir.json").read_bytes())
    kinds = {entry.resource.resource_type for entry in bundle.entry}
    assert {"RiskAssessment", "QuestionnaireResponse"} <= kinds
    table = (folder / "table.csv").read_text("utf-8")
    # The emergency, Ann's result, and what the therapist made of it.
    assert len(table.strip().splitlines()) == 1 + 3


def the_policy_is_signed(page: Page) -> None:
    expect(page.get_by_text("Nobody has signed the policy")).to_be_visible()
    page.get_by_role("link", name="Policy").click()
    page.get_by_label("Number of your registration").fill("PHY0001234")
    page.get_by_label("Your password, once more").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("Sign policy")).click()
    expect(page.get_by_text("Alex, registration PHY0001234")).to_be_visible()
    expect(page.get_by_text("Nobody has signed the policy")).to_have_count(0)


def the_audit_log_is_whole_until_a_row_is_changed(clinic: Clinic, database: Path) -> None:
    done = clinic.command("audit", "verify")
    assert done.exit_code == 0, done.output
    assert "The audit log is whole" in done.output
    listed = clinic.command("audit").output
    for action in ("case_taken", "number_shown", "facts_corrected", "talk_taken", "policy_signed"):
        assert action in listed
    row = changed_by_hand(database)
    broken = clinic.command("audit", "verify")
    assert broken.exit_code == 1
    assert f"the audit log is broken at row {row}" in " ".join(broken.output.split())


def changed_by_hand(database: Path) -> int:
    """Change who looked at a number, as somebody could who has the file; gives the row."""
    change = "UPDATE audit SET who = 'somebody else' WHERE action = 'number_shown'"
    with closing(sqlite3.connect(database)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            connection.execute(change)
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        for (name,) in connection.execute(guards).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(change)
        connection.commit()
        changed = connection.execute("SELECT id FROM audit WHERE action = 'number_shown'")
        return int(changed.fetchone()[0])
