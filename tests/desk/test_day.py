"""A day at the clinic's desk, on either database: from the first account to signing out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from typer.testing import CliRunner

from backline.cli.main import app
from backline.store import Store, create_store
from tests.desk.browser import PASSWORD, Browser, desk_on
from tests.desk.people import EMERGENCY, NOW, SPASM, URGENT, add_person, say

EMAIL = "robin@clinic.example"
WORDS = "I can't feel it when I wipe, and my back hurts"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def create_account(
    monkeypatch: pytest.MonkeyPatch, database_url: str, *arguments: str, typed: str = ""
) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    given = ["desk", "create-account", "--name", "Robin Lee", "--email", EMAIL, *arguments]
    done = CliRunner().invoke(app, given, input=typed)
    assert done.exit_code == 0, done.output
    return done.output


def test_from_the_first_account_to_signing_out(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(store, "spasm", SPASM)
    add_person(store, "emergency", EMERGENCY, channel="whatsapp", words=(WORDS,))
    add_person(store, "urgent", URGENT, channel="telegram")
    browser = Browser(desk_on(store))
    assert "The desk is off" in browser.get("/desk/sign-in", status=503)

    create_account(monkeypatch, database_url, typed=f"{PASSWORD}\n{PASSWORD}\n")
    browser.get("/desk/sign-in")
    browser.send("/desk/sign-in", email=EMAIL, password=PASSWORD)
    page = browser.get("/desk/code")
    secret = re.search(r'class="secret">(\w+)<', page)
    assert secret is not None
    browser.send("/desk/code", code=pyotp.TOTP(secret[1]).now())

    inbox = browser.get("/desk")
    shown = re.findall(r'id="person-(\w+)"', inbox)
    assert shown == [store.cases.reference_of(c) for c in ("emergency", "urgent", "spasm")]
    assert "1 person who may be in danger waits" in " ".join(inbox.split())

    person = browser.get(f"/desk/person/{shown[0]}")
    for words in ("I can&#39;t feel it when I wipe", "Emergency", "E1", "cauda equina", "48 years"):
        assert words in person
    about = store.audit.about("emergency")
    assert [look.action for look in store.audit.all() if look.about == about] == ["person_shown"]

    browser.send(f"/desk/person/{shown[0]}/take")
    browser.get(f"/desk/person/{shown[0]}")
    browser.send(f"/desk/person/{shown[0]}/close", note="Sent an ambulance", seen="2")
    assert "Sent an ambulance" in browser.get(f"/desk/person/{shown[0]}")
    later = browser.get("/desk")
    assert re.findall(r'id="person-(\w+)"', later)[-1] == shown[0]
    assert "Nobody in danger waits" in later

    assert "Triage summary" in browser.get(f"/desk/person/{shown[1]}/summary")
    assert "Opened a person" in browser.get("/desk/audit")
    browser.send("/desk/sign-out")
    assert browser.goes_to("/desk") == "/desk/sign-in"
    assert store.audit.verify().broken is None


def test_who_is_invited_chooses_a_password(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = create_account(monkeypatch, database_url, "--invite", "--role", "auditor")
    link = re.search(r"/desk/invitation\?token=\S+", told)
    assert link is not None
    assert "administrator" in told, "the first account, whatever was asked for"
    browser = Browser(desk_on(store))
    page = browser.get(link[0])
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    weak = browser.send("/desk/invitation", status=422, token=token[1], password="a", again="a")
    assert "take 12 characters or more" in weak
    browser.send("/desk/invitation", token=token[1], password=PASSWORD, again=PASSWORD)
    assert "used up" in browser.get(link[0], status=404)
    browser.get("/desk/sign-in")
    browser.send("/desk/sign-in", email=EMAIL, password=PASSWORD)
    assert "authenticator app" in browser.get("/desk/code")


def test_the_page_looks_for_news_by_itself_and_is_told_only_of_changes(store: Store) -> None:
    browser = Browser.signed_in(store)
    add_person(store, "urgent", URGENT)
    page = browser.get("/desk")
    version = re.search(r"version=(\w+)", page)
    assert version is not None
    address = f"/desk/inbox/rows?version={version[1]}"
    assert browser.get(address, status=204) == ""
    add_person(store, "emergency", EMERGENCY)
    assert store.cases.reference_of("emergency") in browser.get(address)


def test_what_one_server_begins_another_goes_on_with(store: Store, database_url: str) -> None:
    other = create_store(database_url)
    browser = Browser.signed_in(store)
    browser.moves_to(desk_on(other))
    assert "People who wrote" in browser.get("/desk")
    browser.learn_form_token()
    browser.send("/desk/sign-out-everywhere")
    browser.moves_to(desk_on(store))
    assert browser.goes_to("/desk") == "/desk/sign-in"
    other.close()


def test_what_was_understood_stands_beside_the_words(store: Store) -> None:
    found = {"entity": "duration", "value": 21, "start": 11, "end": 18, "status": "present"}
    denied = {"entity": "health_condition", "value": "fever", "start": 20, "end": 28}
    add_person(store, "ada", SPASM)
    text = "It hurts 2, 3 weeks no fever"
    say(store, "ada", text, NOW, entities=(found, {**denied, "status": "absent"}))
    page = Browser.signed_in(store).person(store, "ada")
    assert "duration: 21 <q>3 weeks</q>".replace("3 weeks", text[11:18]) in page
    assert "(absent)" in page


def test_what_people_write_is_text_and_nothing_else(store: Store) -> None:
    add_person(store, "ada", SPASM, words=("<script>alert(1)</script>",))
    page = Browser.signed_in(store).person(store, "ada")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_of_who_did_not_agree_no_word_is_shown(store: Store) -> None:
    add_person(store, "ada", None, words=("my secret",), agreed=False)
    page = Browser.signed_in(store).person(store, "ada")
    assert "my secret" not in page
    assert "did not agree to storing" in page


def test_times_are_those_of_the_clinics_zone(store: Store) -> None:
    add_person(store, "ada", SPASM, words=("hello",))
    assert "Mon 30 Nov 2026, 20:00" in Browser.signed_in(store).person(store, "ada")
