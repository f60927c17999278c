"""Signing in: what is kept of passwords and sessions, when an account waits, and what ends."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa

from backline.desk import codes
from backline.desk.browsers import IDLE, LONGEST
from backline.desk.passwords import Passwords, WeakPassword, check_password
from backline.desk.tokens import hash_of
from backline.desk.visits import SIGN_INS_A_MINUTE
from backline.store import By, Invitation, Role, Store, create_store
from backline.store.sign_in_tries import FREE_TRIES, FREE_TRIES_OF_ALL, LONGEST_WAIT, Client
from backline.store.staff import StaffError
from tests.desk.browser import (
    PASSWORD,
    QUICK,
    URL,
    Browser,
    add_member,
    begin_session,
    desk_on,
)
from tests.desk.people import NOW, URGENT, add_person

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    yield made
    made.close()


def raw(store: Store, table: str) -> str:
    with store._engine.connect() as connection:
        return str(
            connection.execute(sa.select(sa.table(table, sa.column("*", is_literal=True)))).all()
        )


# ---- Passwords ----------------------------------------------------------------------------------


def test_a_password_is_kept_by_argon2id() -> None:
    passwords = Passwords()
    kept = passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, PASSWORD)
    assert not passwords.fits(kept, f"{PASSWORD} ")
    assert not passwords.is_outdated(kept)


def test_without_an_account_no_password_fits() -> None:
    assert not QUICK.fits(None, "a password that nobody has")


def test_the_same_letters_fit_however_a_keyboard_encodes_them() -> None:
    assert QUICK.fits(QUICK.hash("Gru\u0308ne Flaschen"), "Grüne Flaschen")


@pytest.mark.parametrize(
    "weak",
    [
        "elevenchars",
        "password1234",
        "Password!!2026",
        "passwordpassword",
        "111111111111",
        "123456789012",
        "Backline2026!",
        "qwertyuiop12",
        "robin@clinic.example",
        "robinrobinrobin",
        "x" * 129,
    ],
)
def test_what_is_short_or_tried_first_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(weak, "Robin Lee", "robin@clinic.example", "Harbour Street Back Clinic")


@pytest.mark.parametrize("good", [PASSWORD, "twelve chars", "éèêëēęėěĕəëé", "a" + "bc7" * 30])
def test_nothing_is_asked_of_its_characters(good: str) -> None:
    check_password(good, "Robin Lee", "robin@clinic.example")


# ---- Codes --------------------------------------------------------------------------------------


def test_a_code_fits_for_a_step_before_and_after() -> None:
    secret = codes.new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    steps = {codes.step_of(secret, code, NOW + offset * MINUTE / 2) for offset in (-1, 0, 1)}
    assert steps == {int(NOW.timestamp()) // 30}
    assert codes.step_of(secret, code, NOW + MINUTE) is None
    assert codes.step_of(secret, "１２３４５６", NOW) is None


def test_a_code_is_good_once(store: Store) -> None:
    member = add_member(store)
    assert store.staff.use_code(member, 100)
    assert not store.staff.use_code(member, 100)
    assert not store.staff.use_code(member, 99)
    assert store.staff.use_code(member, 101)


def test_the_secret_of_the_app_is_encrypted_and_stays_the_same(store: Store) -> None:
    member = add_member(store)
    secret = store.staff.code_secret(member, codes.new_secret())
    assert secret not in raw(store, "staff_accounts")
    assert store.staff.code_secret(member, codes.new_secret()) == secret
    assert sum(store.reencryption.portions(anew=True)) == 0


# ---- Waiting ------------------------------------------------------------------------------------


HERE, ELSEWHERE = Client("192.0.2.1"), Client("198.51.100.7")


def tried(store: Store, email: str, now: dt.datetime, client: Client = HERE) -> dt.datetime | None:
    """Try once; until when the client waits, if it does."""
    member = store.staff.begin_try(email, client, now)
    assert member is not None
    return member.locked_until


def test_after_five_wrong_tries_an_account_waits_ever_longer(store: Store) -> None:
    email, now = add_member(store).email, NOW
    waits = []
    for _ in range(FREE_TRIES):
        assert tried(store, email, now) is None
    for _ in range(6):
        until = tried(store, email, now)
        assert until is not None
        waits.append((until - now) // MINUTE)
        now = until
        assert tried(store, email, now) is None, "the wait is over"
    assert waits == [1, 2, 4, 8, 15, 15]
    assert LONGEST_WAIT == 15 * MINUTE


def test_who_signs_in_begins_to_count_anew(store: Store) -> None:
    member = add_member(store)
    for _ in range(FREE_TRIES - 1):
        tried(store, member.email, NOW)
    store.staff.use_code(member, 1)
    for _ in range(FREE_TRIES):
        assert tried(store, member.email, NOW) is None


def test_a_right_password_does_not_let_anybody_guess_codes_for_ever(store: Store) -> None:
    member = add_member(store)
    for _ in range(FREE_TRIES):
        assert tried(store, member.email, NOW) is None
        store.staff.give_back_try(member.id, HERE, NOW)
        guess = store.staff.begin_code_try(member.id, HERE, NOW)
        assert guess is not None
    assert tried(store, member.email, NOW) is not None


def test_who_guesses_elsewhere_keeps_nobody_waiting_here(store: Store) -> None:
    email = add_member(store).email
    for _ in range(FREE_TRIES):
        tried(store, email, NOW, ELSEWHERE)
    assert tried(store, email, NOW, ELSEWHERE) is not None
    assert tried(store, email, NOW) is None


def test_who_guesses_from_everywhere_keeps_only_unknown_browsers_waiting(store: Store) -> None:
    member = add_member(store)
    store.staff.know_browser(member.id, "known", NOW)
    for number in range(FREE_TRIES_OF_ALL):
        assert tried(store, member.email, NOW, Client(f"192.0.2.{number}")) is None
    assert tried(store, member.email, NOW, ELSEWHERE) is not None
    assert tried(store, member.email, NOW, Client("192.0.2.1", known="known")) is None
    assert tried(store, member.email, NOW, Client("192.0.2.200", known="forged")) is not None


def test_a_known_browser_waits_for_its_own_wrong_tries(store: Store) -> None:
    member = add_member(store)
    store.staff.know_browser(member.id, "known", NOW)
    known = Client("192.0.2.1", known="known")
    for _ in range(FREE_TRIES):
        assert tried(store, member.email, NOW, known) is None
    assert tried(store, member.email, NOW, known) is not None
    assert tried(store, member.email, NOW, Client("192.0.2.1")) is None


def test_a_browser_is_known_to_the_account_alone_that_signed_in_there(store: Store) -> None:
    one, other = add_member(store), add_member(store)
    store.staff.know_browser(one.id, "known", NOW)
    for number in range(FREE_TRIES_OF_ALL):
        tried(store, other.email, NOW, Client(f"192.0.2.{number}"))
    assert tried(store, other.email, NOW, Client("192.0.2.99", known="known")) is not None


def test_a_new_link_forgets_the_browsers(store: Store) -> None:
    member = add_member(store)
    store.staff.know_browser(member.id, "known", NOW)
    invite(store, member.email)
    assert raw(store, "known_browsers") == "[]"


def test_a_browser_is_known_for_half_a_year_and_tries_for_a_day(store: Store) -> None:
    member = add_member(store)
    store.staff.know_browser(member.id, "known", NOW)
    tried(store, member.email, NOW)
    assert HERE.address not in raw(store, "sign_in_tries")
    store.staff.prune(NOW + dt.timedelta(days=2))
    assert raw(store, "sign_in_tries") == "[]" and raw(store, "known_browsers") != "[]"
    store.staff.prune(NOW + dt.timedelta(days=181))
    assert raw(store, "known_browsers") == "[]"


def test_who_signs_in_gets_a_cookie_by_which_the_browser_is_known(store: Store) -> None:
    member = add_member(store)
    secret = store.staff.code_secret(member, codes.new_secret())
    assert secret is not None
    browser = Browser(desk_on(store))
    browser.learn_form_token()
    browser.send("/desk/sign-in", email=member.email, password=PASSWORD)
    browser.learn_form_token()
    browser.send("/desk/code", code=pyotp.TOTP(secret).now())
    token = browser.client.cookies["__Host-desk-known"]
    assert hash_of(token) in raw(store, "known_browsers")
    assert token not in raw(store, "known_browsers")


def test_one_address_that_sends_many_sign_ins_is_asked_to_wait(store: Store) -> None:
    add_member(store)
    browser = Browser(desk_on(store))
    browser.learn_form_token()
    form = {"email": "nobody@clinic.example", "password": "wrong wrong"}
    for _ in range(SIGN_INS_A_MINUTE):
        assert browser.ask("POST", "/desk/sign-in", **form).status_code == 401
    refused = browser.ask("POST", "/desk/sign-in", **form)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 3
    # Who is signed in there goes on.
    assert browser.client.get("/desk/sign-in").status_code == 200


def test_nobody_learns_which_accounts_there_are(store: Store) -> None:
    email = add_member(store).email
    browser = Browser(desk_on(store))
    browser.learn_form_token()

    def told(address: str) -> str:
        page = browser.send("/desk/sign-in", status=401, email=address, password="wrong wrong")
        return page.replace(address, "")

    assert told(email) == told("nobody@clinic.example")
    for _ in range(FREE_TRIES):
        told(email)
    assert told(email) == told("nobody@clinic.example"), "where it waits, too"
    browser.send("/desk/sign-in", status=401, email=email, password=PASSWORD)


def test_a_refusal_takes_as_long_where_there_is_no_account(store: Store) -> None:
    member = add_member(store)
    browser = Browser(desk_on(store, refusal_s=0.4))
    browser.get("/desk/sign-in")
    for email in (member.email, "nobody@clinic.example"):
        begun = time.monotonic()
        browser.send("/desk/sign-in", 401, email=email, password="nothing of the kind")
        assert time.monotonic() - begun >= 0.4


def test_wrong_tries_are_in_the_audit_log_until_the_account_waits(store: Store) -> None:
    email = add_member(store).email
    browser = Browser(desk_on(store))
    browser.learn_form_token()
    for _ in range(FREE_TRIES + 3):
        browser.send("/desk/sign-in", status=401, email=email, password="wrong wrong")
    refused = [look for look in store.audit.all() if look.action == "sign_in_refused"]
    assert len(refused) == FREE_TRIES


# ---- Sessions -----------------------------------------------------------------------------------


def session_of(store: Store) -> str:
    return begin_session(store, add_member(store), NOW)


def is_signed_in(store: Store, token: str, at: dt.datetime, *, active: bool = True) -> bool:
    return store.staff_sessions.use(hash_of(token), at, IDLE, active=active) is not None


def test_the_database_has_no_token(store: Store) -> None:
    assert session_of(store) not in raw(store, "staff_sessions")


def test_a_session_ends_after_half_an_hour_of_doing_nothing(store: Store) -> None:
    token = session_of(store)
    assert is_signed_in(store, token, NOW + IDLE - MINUTE)
    assert is_signed_in(store, token, NOW + 2 * IDLE - 2 * MINUTE)
    assert not is_signed_in(store, token, NOW + 3 * IDLE)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(store: Store) -> None:
    token = session_of(store)
    assert is_signed_in(store, token, NOW + IDLE - MINUTE, active=False)
    assert not is_signed_in(store, token, NOW + IDLE + MINUTE, active=False)


def test_a_session_ends_after_twelve_hours_in_any_case(store: Store) -> None:
    token, now = session_of(store), NOW
    while now < NOW + LONGEST - IDLE:
        now += IDLE - MINUTE
        assert is_signed_in(store, token, now)
    assert not is_signed_in(store, token, NOW + LONGEST)


def test_a_closed_account_is_signed_out(store: Store) -> None:
    token = session_of(store)
    store.staff.close(store.staff.all()[0].email, By("test", "test", NOW))
    assert not is_signed_in(store, token, NOW)
    assert not store.staff.any()


def test_an_invitation_ends_sessions_and_takes_password_and_app_away(store: Store) -> None:
    token = session_of(store)
    member = store.staff.all()[0]
    store.staff.use_code(member, 1)
    link = Invitation(hash_of("link"), NOW + MINUTE)
    again = store.staff.invite(member.email, link, By("test", "test", NOW))
    assert (again.password_hash, again.has_code) == (None, False)
    assert not is_signed_in(store, token, NOW)
    assert store.staff.invited(hash_of("link"), NOW) is not None
    assert store.staff.invited(hash_of("link"), NOW + MINUTE) is None


def invite(store: Store, email: str) -> None:
    """Whoever runs Backline makes a new link for somebody."""
    link = Invitation(hash_of("link"), NOW + 2 * LONGEST)
    store.staff.invite(email, link, By("test", "test", NOW))


def test_a_new_link_during_a_sign_in_by_the_old_password_is_stronger(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = add_member(store)
    browser = Browser(desk_on(store))
    browser.learn_form_token()

    def slowly(_: Passwords, kept: str | None, password: str) -> bool:
        invite(store, member.email)
        return True

    monkeypatch.setattr(Passwords, "fits", slowly)
    browser.send("/desk/sign-in", status=401, email=member.email, password=PASSWORD)
    assert raw(store, "staff_sessions") == "[]"
    assert browser.goes_to("/desk/code") == "/desk/sign-in"


@pytest.mark.parametrize("anew", [False, True])
def test_after_a_new_link_nothing_of_an_old_sign_in_goes_on(store: Store, anew: bool) -> None:
    member = add_member(store)
    half = hash_of(begin_session(store, member, NOW, whole=False))
    invite(store, member.email)
    if anew:
        assert store.staff.accept(hash_of("link"), QUICK.hash("another one"), "test", NOW)
    later, sessions = NOW + MINUTE, store.staff_sessions
    assert not sessions.begin(member, hash_of("token"), NOW, later)
    assert not sessions.begin(member, hash_of("token"), NOW, later, half=half)
    assert store.staff.code_secret(member, codes.new_secret()) is None
    assert not store.staff.use_code(member, 1)
    store.staff.rehash(member, QUICK.hash(PASSWORD))
    now = store.staff.all()[0]
    assert not QUICK.fits(now.password_hash, PASSWORD)
    assert not now.has_code


def test_without_a_password_there_is_no_secret_of_an_app(store: Store) -> None:
    add_member(store)
    invite(store, store.staff.all()[0].email)
    assert store.staff.code_secret(store.staff.all()[0], codes.new_secret()) is None


def test_a_code_is_given_once_in_the_session_that_asked_for_it(store: Store) -> None:
    member = add_member(store)
    half = hash_of(begin_session(store, member, NOW, whole=False))
    later, sessions = NOW + MINUTE, store.staff_sessions
    assert sessions.begin(member, hash_of("one"), NOW, later, half=half)
    assert not sessions.begin(member, hash_of("two"), NOW, later, half=half)
    assert not sessions.begin(member, hash_of("two"), NOW, later, half=hash_of("one"))


def test_no_session_begins_for_a_closed_account(store: Store) -> None:
    member = add_member(store)
    store.staff.close(member.email, By("test", "test", NOW))
    assert not store.staff_sessions.begin(member, hash_of("token"), NOW, NOW + MINUTE)


def test_a_chosen_password_takes_the_old_code_away(store: Store) -> None:
    member = add_member(store)
    invite(store, member.email)
    with store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE staff_accounts SET totp_secret = 'x', totp_step = 1"))
    assert store.staff.accept(hash_of("link"), QUICK.hash("another one"), "test", NOW)
    chosen = store.staff.all()[0]
    assert not chosen.has_code
    assert store.staff.code_secret(chosen, "NEW") == "NEW"


def test_purging_takes_ended_sessions_away(store: Store) -> None:
    session_of(store)
    store.purge(dt.timedelta(days=90), NOW + LONGEST + MINUTE)
    assert raw(store, "staff_sessions") == "[]"


def test_an_address_has_one_account(store: Store) -> None:
    email = add_member(store).email
    with pytest.raises(StaffError, match="has an account already"):
        store.staff.add("Sam", email.upper(), Role.THERAPIST, By("test", "test", NOW))


def test_the_cookie_is_another_one_once_somebody_is_signed_in(store: Store) -> None:
    member = add_member(store)
    browser = Browser(desk_on(store))
    browser.learn_form_token()
    before = dict(browser.client.cookies)
    answer = browser.ask("POST", "/desk/sign-in", email=member.email, password=PASSWORD)
    cookie = answer.headers["set-cookie"]
    for attribute in ("__Host-desk=", "HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert dict(browser.client.cookies) != before


# ---- Forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "origin"),
    [("", URL), ("0" * 64, URL), ("é", URL), (None, "https://elsewhere.example"), (None, "null")],
)
def test_a_form_from_elsewhere_changes_nothing(
    store: Store, token: str | None, origin: str
) -> None:
    add_person(store, "ada", URGENT)
    browser = Browser.signed_in(store)
    browser.get("/desk")
    form = {"form_token": browser._form_token if token is None else token}
    path = f"/desk/person/{store.cases.reference_of('ada')}/take"
    answer = browser.client.post(path, data=form, headers={"Origin": origin})
    assert answer.status_code == 403
    assert store.cases.handlings("ada") == []


def test_the_token_of_another_browser_is_none(store: Store) -> None:
    one, other = Browser.signed_in(store), Browser(desk_on(store))
    other.learn_form_token()
    one._form_token = other._form_token
    assert one.ask("POST", "/desk/sign-out").status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"x" * 70_000, 413),
        (b"\xff\xfe", 400),
        (b"a=%ff", 400),
        (b"email=robin%00", 400),
        (b"%00=robin", 400),
        (b"&".join([b"a=b"] * 600), 400),
    ],
)
def test_a_form_that_is_none_is_refused(store: Store, body: bytes, status: int) -> None:
    add_member(store)
    answer = Browser(desk_on(store)).client.post("/desk/sign-in", content=body)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_a_note_survives_the_end_of_a_session(store: Store) -> None:
    browser = Browser(desk_on(store))
    browser.learn_form_token()
    page = browser.send("/desk/person/X/close", status=401, note="rang back at <noon>")
    assert "rang back at &lt;noon&gt;" in page


def test_another_host_is_not_served(store: Store) -> None:
    answer = Browser(desk_on(store)).client.get("/desk", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/desk/sign-in", "/nothing", "/desk/static/desk.css", "/desk"])
def test_every_answer_has_strict_headers(store: Store, path: str) -> None:
    add_member(store)
    headers = Browser(desk_on(store)).client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    expected = "no-cache" if "static" in path else "no-store"
    assert headers["cache-control"] == expected
