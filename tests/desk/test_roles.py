"""Who may ask for what: every route of the desk, by everybody who could ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from backline.desk.api import API
from backline.desk.app import PAGES, STOP_ASKING, application
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import Role, Store, create_store
from tests.desk.browser import OWN, QUICK, Browser, desk_on

NOBODY = "nobody"
REFUSED = (303, 401, 403, STOP_ASKING)
"""The last one where a page asks by itself beside a form: it says that one was signed out."""
EVERYBODY = frozenset(role.value for role in Role)
PEOPLE = frozenset({"receptionist", "therapist", "clinician", "administrator"})
LOG = frozenset({"administrator", "auditor"})
ANYBODY = EVERYBODY | {NOBODY}
MATRIX: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/desk/sign-in"): ANYBODY,
    ("POST", "/desk/sign-in"): ANYBODY,
    ("GET", "/desk/code"): frozenset(),
    ("POST", "/desk/code"): frozenset(),
    ("GET", "/desk/password"): EVERYBODY,
    ("POST", "/desk/password"): EVERYBODY,
    ("POST", "/desk/sign-out"): EVERYBODY,
    ("POST", "/desk/sign-out-everywhere"): EVERYBODY,
    ("GET", "/desk/invitation"): ANYBODY,
    ("POST", "/desk/invitation"): ANYBODY,
    ("GET", "/desk"): PEOPLE,
    ("GET", "/desk/inbox/rows"): PEOPLE,
    ("GET", "/desk/events"): PEOPLE,
    ("GET", "/desk/person/{reference}"): PEOPLE,
    ("GET", "/desk/person/{reference}/events"): PEOPLE,
    ("GET", "/desk/person/{reference}/news"): PEOPLE,
    ("GET", "/desk/person/{reference}/summary"): PEOPLE,
    ("POST", "/desk/person/{reference}/take"): PEOPLE,
    ("POST", "/desk/person/{reference}/close"): PEOPLE,
    ("POST", "/desk/person/{reference}/call-back/number"): PEOPLE,
    ("POST", "/desk/person/{reference}/call-back/done"): PEOPLE,
    ("GET", "/desk/notices"): PEOPLE,
    ("GET", "/desk/person/{reference}/talk"): PEOPLE,
    ("GET", "/desk/person/{reference}/talk/news"): PEOPLE,
    ("POST", "/desk/person/{reference}/talk/take"): PEOPLE,
    ("POST", "/desk/person/{reference}/talk/say"): PEOPLE,
    ("POST", "/desk/person/{reference}/talk/put-in"): PEOPLE,
    ("POST", "/desk/person/{reference}/talk/hand-back"): PEOPLE,
    ("GET", "/desk/person/{reference}/correct"): PEOPLE,
    ("POST", "/desk/person/{reference}/correct"): PEOPLE,
    ("POST", "/desk/person/{reference}/override"): PEOPLE,
    ("GET", "/desk/figures"): frozenset({"clinician", "administrator", "auditor"}),
    ("GET", "/desk/review"): frozenset({"clinician", "administrator"}),
    ("GET", "/desk/policy"): EVERYBODY,
    ("POST", "/desk/policy/sign"): frozenset({"clinician"}),
    ("GET", "/desk/export"): frozenset({"clinician", "administrator"}),
    ("POST", "/desk/export"): frozenset({"clinician", "administrator"}),
    ("GET", "/desk/audit"): LOG,
}
"""Who is let in. The code is asked of those alone who have given their password."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    yield made
    made.close()


def test_every_route_has_a_row_in_the_matrix() -> None:
    assert {(page.method, page.path) for page in PAGES} == set(MATRIX)


def test_the_application_has_no_other_routes(store: Store) -> None:
    others = {
        route.path for route in desk_on(store).routes if not route.path.startswith("/desk/static/")
    }
    # Programs have tokens, and no roles: tests/desk/test_api.py.
    assert others == {path for _, path in MATRIX} | {page.path for page in API}


@pytest.fixture
def doors(store: Store) -> Starlette:
    """The desk with its own doors, and behind each nothing but "let in"."""
    behind = [replace(page, handler=lambda _: PlainTextResponse("let in")) for page in PAGES]
    settings = load_settings({})
    return application(Desk(settings, OWN, store, load_words(settings), QUICK), behind)


def is_let_in(browser: Browser, method: str, path: str) -> bool:
    browser.learn_form_token()
    answer = browser.ask(method, path.replace("{reference}", "AAAAAAAAAA"))
    let_in = answer.text == "let in"
    assert let_in or answer.status_code in REFUSED, answer.status_code
    return let_in


@pytest.mark.parametrize("role", Role, ids=str)
@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_who_is_signed_in_is_let_in_by_their_role(
    store: Store, doors: Starlette, role: Role, method: str, path: str
) -> None:
    browser = Browser.signed_in(store, role, doors)
    assert is_let_in(browser, method, path) is (role.value in MATRIX[method, path])


@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_a_stranger_is_let_in_to_sign_in(doors: Starlette, method: str, path: str) -> None:
    assert is_let_in(Browser(doors), method, path) is (NOBODY in MATRIX[method, path])


@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_who_gave_the_password_alone_is_let_in_to_give_the_code(
    store: Store, doors: Starlette, method: str, path: str
) -> None:
    browser = Browser.signed_in(store, desk=doors, whole=False)
    for_all = NOBODY in MATRIX[method, path]
    assert is_let_in(browser, method, path) is (for_all or path == "/desk/code")
