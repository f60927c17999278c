"""Whatever page shows somebody, that it was looked at stands in the audit log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backline.desk.app import PAGES
from backline.desk.visits import Page
from backline.store import Role, Store, create_store
from backline.store.notices import CALL_BACK
from tests.desk.browser import Browser
from tests.desk.people import EMERGENCY, NOW, add_person, say

SHOWS_NOBODY = {
    ("POST", "/desk/person/{reference}/take"),
    ("POST", "/desk/person/{reference}/talk/take"),
    ("GET", "/desk/events"),
    ("GET", "/desk/person/{reference}/events"),
    ("GET", "/desk/person/{reference}/news"),
    ("GET", "/desk/export"),
    ("POST", "/desk/export"),
    ("GET", "/desk/figures"),
    ("GET", "/desk/review"),
    ("GET", "/desk/policy"),
    ("POST", "/desk/policy/sign"),
    ("GET", "/desk/audit"),
    ("GET", "/desk/password"),
    ("POST", "/desk/password"),
}
"""They lead elsewhere, say that there is news and not which, show numbers, or words without saying
whose: of all that other tests tell."""


def named(page: Page) -> str:
    return f"{page.method} {page.path}"


PEOPLE = [
    page
    for page in PAGES
    if (page.method, page.path) not in SHOWS_NOBODY and not page.path.startswith("/desk/sign")
    if not page.path.startswith(("/desk/code", "/desk/invitation"))
]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    add_person(made, "ada", EMERGENCY)
    say(made, "ada", "It is numb", NOW)
    made.call_backs.ask("ada", "socketio", "Ada", "+61400123456", NOW)
    made.notices.find((), {CALL_BACK: ["email desk@clinic.example"]}, {CALL_BACK: NOW}, NOW)
    yield made
    made.close()


@pytest.mark.parametrize("page", PEOPLE, ids=named)
def test_who_sees_somebody_stands_in_the_log(store: Store, page: Page) -> None:
    browser = Browser.signed_in(store, Role.CLINICIAN)
    browser.get("/desk")
    browser.learn_form_token()
    reference = store.cases.reference_of("ada")
    kept = store.cases.assessments("ada")[0]
    before = len(store.audit.all())
    path = page.path.replace("{reference}", reference)
    if page.method == "GET":
        path += f"?result={kept.id}"
    # Filled in so that it is shown again: with words that are no note, no answer and no result.
    answer = browser.ask(page.method, path, result=str(kept.id), note=" ", answer=" ", to="none")
    assert reference in answer.text, (answer.status_code, answer.headers.get("location"))
    assert answer.status_code in (200, 409, 422)
    assert len(store.audit.all()) > before


@pytest.mark.parametrize("given", ["%00", "AAAAAAAAAA%00", "A" * 5000, "0000000000", "'--"])
def test_what_is_no_reference_is_nobodys(store: Store, given: str) -> None:
    browser = Browser.signed_in(store, Role.RECEPTIONIST)
    assert "nobody by that reference" in browser.get(f"/desk/person/{given}", 404)


def test_who_is_refused_a_page_stands_in_the_log(store: Store) -> None:
    browser = Browser.signed_in(store, Role.RECEPTIONIST)
    browser.get("/desk/export", 403)
    look = store.audit.all()[0]
    assert (look.who, look.action, look.why) == (
        "receptionist 1 (account-2)",
        "page_refused",
        "desk /desk/export",
    )
