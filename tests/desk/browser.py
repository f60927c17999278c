"""A browser at the clinic's desk: Starlette's test client, with forms as pages have them."""

from __future__ import annotations

import datetime as dt
import re

from argon2 import PasswordHasher
from httpx import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backline.desk.app import application
from backline.desk.browsers import HALF, LONGEST, cookie_name
from backline.desk.passwords import Passwords
from backline.desk.settings import DeskSettings
from backline.desk.tokens import form_token, hash_of, new_token
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.settings import load_settings
from backline.store import By, Role, StaffMember, Store
from tests.desk.people import NOW

URL = "https://desk.clinic.example"
OWN = DeskSettings(url=URL)
PASSWORD = "nine green bottles hanging"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=1024))


def desk_on(store: Store, now: dt.datetime | None = None, *, refusal_s: float = 0.0) -> Starlette:
    """The desk of a server on this store; by the machine's clock, or always at one moment."""
    settings = load_settings({})
    clock = {} if now is None else {"clock": lambda: now}
    words = load_words(settings)
    return application(Desk(settings, OWN, store, words, QUICK, refusal_s=refusal_s, **clock))


def add_member(
    store: Store, role: Role = Role.ADMINISTRATOR, name: str | None = None
) -> StaffMember:
    """Somebody of the staff. The first is an administrator, so there is one before others."""
    doing = By("test", "test", NOW)
    kept = QUICK.hash(PASSWORD)
    if role is not Role.ADMINISTRATOR and not store.staff.any():
        add_member(store)
    number = len(store.staff.all())
    email = f"{role.value}{number}@clinic.example"
    return store.staff.add(name or f"{role.value} {number}", email, role, doing, password_hash=kept)


def begin_session(
    store: Store, member: StaffMember, now: dt.datetime, *, whole: bool = True
) -> str:
    """Have somebody give the password, and the code unless told otherwise; returns the token."""
    half, token, sessions = new_token(), new_token(), store.staff_sessions
    assert sessions.begin(member, hash_of(half), now, now + HALF)
    if not whole:
        return half
    assert sessions.begin(member, hash_of(token), now, now + LONGEST, half=hash_of(half))
    return token


class Browser:
    """Holds the cookie, and the token of the page that was shown last."""

    def __init__(self, desk: Starlette) -> None:
        self.client = TestClient(desk, base_url=URL, follow_redirects=False)
        self._form_token = ""

    @classmethod
    def signed_in(
        cls,
        store: Store,
        role: Role = Role.ADMINISTRATOR,
        desk: Starlette | None = None,
        *,
        whole: bool = True,
    ) -> Browser:
        """One in which somebody of that role has signed in just now."""
        browser, now = cls(desk or desk_on(store)), dt.datetime.now(dt.timezone.utc)
        token = begin_session(store, add_member(store, role), now, whole=whole)
        browser.client.cookies.set(cookie_name(OWN), token)
        return browser

    def moves_to(self, desk: Starlette) -> None:
        """Have another server answer from now on."""
        other = TestClient(desk, base_url=URL, follow_redirects=False)
        other.cookies.update(self.client.cookies)
        self.client = other

    def get(self, path: str, status: int = 200) -> str:
        """Open a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return self._shown(answer.text)

    def send(self, path: str, status: int = 303, **filled: str) -> str:
        """Send a form of the page that is open."""
        form = {"form_token": self._form_token, **filled}
        answer = self.client.post(path, data=form, headers={"Origin": URL})
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return self._shown(answer.text)

    def learn_form_token(self) -> None:
        """Have the token that the forms of this browser's pages have."""
        held = self.client.cookies.get(cookie_name(OWN))
        if held is None:
            self.client.get("/desk/sign-in")
            held = self.client.cookies[cookie_name(OWN)]
        self._form_token = form_token(held)

    def ask(self, method: str, path: str, **filled: str) -> Response:
        """Ask for a page, or send a form that a page would have."""
        if method == "GET":
            return self.client.get(path)
        form = {"form_token": self._form_token, **filled}
        return self.client.post(path, data=form, headers={"Origin": URL})

    def goes_to(self, path: str) -> str:
        """Open a page that leads to another one; tell to which."""
        answer = self.client.get(path)
        assert answer.status_code == 303, answer.status_code
        return answer.headers["location"]

    def person(self, store: Store, conversation: str) -> str:
        """Open the page of somebody in the list."""
        self.get("/desk")
        return self.get(f"/desk/person/{store.cases.reference_of(conversation)}")

    def _shown(self, text: str) -> str:
        token = re.search(r'name="form_token" value="(\w+)"', text)
        self._form_token = token[1] if token else self._form_token
        return text
