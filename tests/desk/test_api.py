"""Programs of the clinic read with a token: what it opens, what it does not, and what is kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Response
from starlette.testclient import TestClient
from typer.testing import CliRunner

from backline.cli.main import app
from backline.desk.api import API, ASSESSMENTS, CASES
from backline.desk.tokens import hash_of
from backline.store import By, Scope, Store, StoreUnavailable, create_store
from tests.desk.browser import URL, Browser, desk_on
from tests.desk.people import EMERGENCY, NOW, SPASM, add_person

BY = By("Robin", "test", NOW)
TOKEN = "backline_sesame"
ALL = (Scope.CASES, Scope.ASSESSMENTS)
PATHS = [page.path for page in API]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def give_token(store: Store, *scopes: Scope, days: int = 30) -> int:
    ends_at = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=days)
    return store.api_tokens.add("Records", hash_of(TOKEN), scopes, ends_at, BY).id


def ask(store: Store, address: str, authorization: str | None = f"Bearer {TOKEN}") -> Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    client = TestClient(desk_on(store), base_url=URL, follow_redirects=False)
    return client.get(address, headers=headers)


def read(store: Store, address: str) -> dict[str, Any]:
    answer = ask(store, address)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


# ---- Who is let in ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer other", f"Basic {TOKEN}", f"Bearer {TOKEN} x"]
)
def test_without_its_token_nothing_is_read_and_nothing_is_kept(
    store: Store, path: str, authorization: str | None
) -> None:
    give_token(store, *ALL)
    before = store.audit.all()
    answer = ask(store, path, authorization)
    assert (answer.status_code, answer.json()["error"]) == (401, "refused")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert store.audit.all() == before


@pytest.mark.parametrize("path", PATHS)
def test_who_is_signed_in_at_the_desk_is_no_program(store: Store, path: str) -> None:
    assert Browser.signed_in(store).ask("GET", path).status_code == 401


@pytest.mark.parametrize("page", API, ids=lambda page: page.path)
@pytest.mark.parametrize("scope", Scope)
def test_a_token_opens_what_its_scope_says(store: Store, page: Any, scope: Scope) -> None:
    give_token(store, scope)
    assert ask(store, page.path).status_code == (200 if page.scope is scope else 403)


@pytest.mark.parametrize("path", PATHS)
def test_a_token_that_was_revoked_or_has_ended_is_good_no_more(store: Store, path: str) -> None:
    number = give_token(store, *ALL)
    assert ask(store, path).status_code == 200
    store.api_tokens.revoke(number, By("Robin", "test", dt.datetime.now(dt.timezone.utc)))
    assert ask(store, path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_token_ends(store: Store, path: str) -> None:
    give_token(store, *ALL, days=-1)
    assert ask(store, path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_token_changes_nothing(store: Store, path: str) -> None:
    give_token(store, *ALL)
    client = TestClient(desk_on(store), base_url=URL)
    answer = client.post(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 405


# ---- What is read -------------------------------------------------------------------------------


def test_cases_come_as_the_desk_lists_them_without_ids_of_conversations(store: Store) -> None:
    add_person(store, "massage", SPASM)
    add_person(store, "emergency", EMERGENCY, channel="phone")
    give_token(store, *ALL)
    first, second = read(store, CASES)["items"]
    assert first["reference"] == store.cases.reference_of("emergency")
    assert (first["urgency"], first["place"], first["channel"]) == ("emergency", "alarm", "phone")
    assert (second["outcome"], second["place"], second["taken_at"]) == ("massage", "open", None)
    assert "massage" not in first.values()


def test_an_assessment_has_facts_result_and_plan(store: Store) -> None:
    add_person(store, "ada", SPASM)
    give_token(store, *ALL)
    (one,) = read(store, ASSESSMENTS)["items"]
    assert one["reference"] == store.cases.reference_of("ada")
    assert (one["outcome"], one["rules"], one["facts"]["age"]) == ("massage", ["M1"], 36)
    assert one["plan"]["massage_sessions"] == 4
    assert one["corrected"] is None


@pytest.mark.parametrize("path", PATHS)
def test_pages_lead_to_each_other_and_each_is_read_once(store: Store, path: str) -> None:
    for number in range(5):
        add_person(store, f"p{number}", SPASM)
    give_token(store, *ALL)
    address, found = f"{path}?limit=2", []
    while address:
        told = read(store, address)
        found += [one["reference"] for one in told["items"]]
        address = told["next"]
    assert sorted(found) == sorted(store.cases.reference_of(f"p{number}") for number in range(5))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=²", f"limit={9**60}"])
def test_a_number_that_cannot_be_is_refused(store: Store, path: str, query: str) -> None:
    give_token(store, *ALL)
    answer = ask(store, f"{path}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_query")


# ---- What is kept -------------------------------------------------------------------------------


def test_each_use_stands_in_the_log_before_anything_is_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(store, "ada", SPASM)
    number = give_token(store, *ALL)
    read(store, CASES)
    look = store.audit.all()[0]
    assert (look.who, look.action) == (f"Records (token-{number})", "api_read")
    assert look.why == f"desk {CASES}"
    assert store.audit.verify().broken is None

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.audit, "add_in", away)
    answer = ask(store, CASES)
    assert (answer.status_code, "items" in answer.json()) == (503, False)


def run(monkeypatch: pytest.MonkeyPatch, database_url: str, *arguments: str) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(app, ["desk", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_token_is_shown_once_kept_as_a_hash_listed_and_revoked(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ("--name", "Records", "--scope", "cases:read")
    shown = run(monkeypatch, database_url, "create-token", *given)
    token = re.search(r"backline_\S+", shown)
    assert token is not None
    assert ask(store, CASES, f"Bearer {token[0]}").status_code == 200
    assert ask(store, ASSESSMENTS, f"Bearer {token[0]}").status_code == 403
    with store._engine.connect() as connection:
        rows = str(connection.execute(sa.text("SELECT * FROM api_tokens")).all())
    assert token[0] not in rows
    listed = run(monkeypatch, database_url, "tokens")
    assert "1  Records  cases:read" in listed
    assert token[0] not in listed
    run(monkeypatch, database_url, "revoke-token", "1", "--by", "Robin Lee")
    assert run(monkeypatch, database_url, "tokens") == ""
    assert ask(store, CASES, f"Bearer {token[0]}").status_code == 401
    actions = [look.action for look in store.audit.all()]
    assert actions == ["token_revoked", "api_read", "api_read", "token_created"]


def test_no_token_is_revoked_twice(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(app, ["desk", "revoke-token", "7"])
    assert (done.exit_code, "there is no token 7" in done.output) == (1, True)
