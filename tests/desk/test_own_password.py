"""Who is signed in changes their password, giving the old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backline.clock import utcnow
from backline.desk.browsers import cookie_name
from backline.store import By, Role, Store, create_store
from tests.desk.browser import OWN, PASSWORD, Browser, add_member, begin_session, desk_on

PAGE = "/desk/password"
NEW = "a quiet walk by the harbour"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def change(browser: Browser, status: int = 303, **changes: str) -> str:
    browser.get(PAGE)
    return browser.send(PAGE, status, **{"password": PASSWORD, "new": NEW, "again": NEW, **changes})


def password_opens(store: Store, password: str) -> bool:
    browser = Browser(desk_on(store))
    browser.get("/desk/sign-in")
    form = {"email": store.staff.all()[0].email, "password": password}
    return browser.ask("POST", "/desk/sign-in", **form).status_code == 303


def test_the_new_one_opens_and_the_old_one_no_more(store: Store) -> None:
    change(Browser.signed_in(store))
    assert password_opens(store, NEW)
    assert not password_opens(store, PASSWORD)
    assert "password_changed" in [look.action for look in store.audit.all()]
    assert store.audit.verify().broken is None


def test_every_other_session_of_theirs_ends_and_nobody_elses(store: Store) -> None:
    mine = Browser.signed_in(store)
    other, colleague = Browser(desk_on(store)), Browser.signed_in(store, Role.THERAPIST)
    token = begin_session(store, store.staff.all()[0], utcnow())
    other.client.cookies.set(cookie_name(OWN), token)
    other.get("/desk")
    change(mine)
    assert other.goes_to("/desk") == "/desk/sign-in"
    mine.get("/desk")
    colleague.get("/desk")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "nothing of the kind"}, "not your password"),
        ({"again": "something else entirely"}, "not the same"),
        ({"new": "short", "again": "short"}, "12 characters or more"),
        ({"new": "administrator0", "again": "administrator0"}, "take another one"),
    ],
)
def test_anything_else_changes_nothing(store: Store, changes: dict[str, str], told: str) -> None:
    assert told in change(Browser.signed_in(store), 422, **changes)
    assert password_opens(store, PASSWORD)


def test_guessing_the_old_one_has_the_account_wait(store: Store) -> None:
    browser = Browser.signed_in(store)
    for _ in range(5):
        change(browser, 422, password="nothing of the kind")
    change(browser, 422)
    assert [look.action for look in store.audit.all()].count("sign_in_refused") == 5


def test_of_two_who_change_it_at_once_one_does(store: Store) -> None:
    member = add_member(store)
    by = store.audit.all()[0]
    doing = By(member.who, "test", by.at)
    assert store.staff.change_password(member, "one", "-", doing)
    assert not store.staff.change_password(member, "other", "-", doing)
    assert store.staff.change_password(replace(member, password_hash="one"), "other", "-", doing)
