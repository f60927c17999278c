"""The policy is signed by a registered clinician; unsigned or changed since, everybody sees it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from unittest import mock

import pytest

from backline.desk.policy_page import POLICY
from backline.http_server.health import policy_state
from backline.policy import POLICY_VERSION, RULES
from backline.store import By, Role, Store, StoreUnavailable, create_store, policy_signatures
from backline.store.policy_signatures import PolicyState, policy_hash, tell_policy_state
from tests.desk.browser import PASSWORD, Browser, add_member
from tests.desk.people import NOW

UNSIGNED = "Nobody has signed the policy"
CHANGED = "has changed since it was signed"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = create_store(database_url)
    made.upgrade()
    yield made
    made.close()


def sign(store: Store, status: int = 303, **changes: str) -> str:
    browser = Browser.signed_in(store, Role.CLINICIAN)
    browser.get(POLICY)
    filled = {"policy": policy_hash(), "registration": "MED0001234567", "password": PASSWORD}
    return browser.send(f"{POLICY}/sign", status, **{**filled, **changes})


def another_policy() -> object:
    """The code of the policy has changed since."""
    return mock.patch.object(policy_signatures, "policy_hash", lambda: "f" * 64)


def test_a_clinician_signs_with_registration_and_password(store: Store) -> None:
    assert UNSIGNED in Browser.signed_in(store).get("/desk")
    sign(store)
    (kept,) = store.policy_signatures.all()
    assert (kept.policy_version, kept.content_hash) == (POLICY_VERSION, policy_hash())
    assert (kept.registration, kept.signed_by) == ("MED0001234567", "clinician 1")
    page = Browser.signed_in(store).get(POLICY)
    assert "registration MED0001234567" in page
    assert UNSIGNED not in page
    (look,) = [look for look in store.audit.all() if look.action == "policy_signed"]
    assert look.about == f"policy-{policy_hash()[:32]}"


def test_who_signs_sees_every_rule_and_its_source(store: Store) -> None:
    page = Browser.signed_in(store, Role.CLINICIAN).get(POLICY)
    assert all(f'<th scope="row">{rule.id}</th>' in page for rule in RULES)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "wrong"}, "not your password"),
        ({"password": ""}, "not your password"),
        ({"registration": " "}, "number of your registration"),
        ({"registration": "9" * 41}, "number of your registration"),
        ({"policy": "0" * 64}, "has changed since this page"),
        ({"policy": "é"}, "has changed since this page"),
    ],
)
def test_anything_else_signs_nothing(store: Store, changes: dict[str, str], told: str) -> None:
    assert told in sign(store, 422, **changes)
    assert store.policy_signatures.all() == []


def test_guessing_the_password_has_the_account_wait(store: Store) -> None:
    browser = Browser.signed_in(store, Role.CLINICIAN)
    filled = {"policy": policy_hash(), "registration": "1"}
    for _ in range(5):
        browser.get(POLICY)
        browser.send(f"{POLICY}/sign", 422, password="wrong", **filled)
    browser.send(f"{POLICY}/sign", 422, password=PASSWORD, **filled)
    assert store.policy_signatures.all() == []
    assert [look.action for look in store.audit.all()].count("sign_in_refused") == 5


def test_a_policy_that_changed_since_is_unsigned_again(store: Store) -> None:
    sign(store)
    assert store.policy_signatures.state() is PolicyState.SIGNED
    with another_policy():
        assert store.policy_signatures.state() is PolicyState.CHANGED
        page = Browser.signed_in(store).get(POLICY)
    assert CHANGED in page
    assert "which has changed since" in page


def test_the_hash_tells_any_change_of_what_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    plain = policy_hash.__wrapped__()
    assert plain == policy_hash()
    read = policy_signatures.Path.read_bytes

    def changed(file: object) -> bytes:
        body = read(file)
        return body + b"#" if file.name == "conditions.py" else body

    monkeypatch.setattr(policy_signatures.Path, "read_bytes", changed)
    assert policy_hash.__wrapped__() != plain


def test_the_start_says_in_the_log_that_it_is_not_signed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        tell_policy_state(store.policy_signatures)
    assert f"The policy {POLICY_VERSION} is not signed" in caplog.text
    caplog.clear()
    member = add_member(store, Role.CLINICIAN)
    store.policy_signatures.sign(member.id, "1", By("Robin", "test", NOW))
    tell_policy_state(store.policy_signatures)
    assert caplog.text == ""


def test_health_tells_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert policy_state(store) == "unsigned"
    sign(store)
    assert policy_state(store) == "signed"

    def away(_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.policy_signatures, "state", lambda: away(None))
    assert policy_state(store) == "unknown"
