"""One request of a browser: who makes it, what they may do, and what they are shown."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backline.clock import utcnow
from backline.desk.browsers import known_token_in
from backline.desk.files import HTMX
from backline.desk.passwords import Passwords
from backline.desk.roles import Permission, may
from backline.desk.settings import DeskSettings
from backline.desk.streams import Streams
from backline.desk.tokens import form_token, hash_of
from backline.desk.words import DeskWords
from backline.http_server.limits import Rate
from backline.http_server.visitors import visitor_of
from backline.settings import Settings
from backline.store import By, Client, StaffMember, Store

FOLDER = Path(__file__).parent
SIGN_INS_A_MINUTE = 30
"""Passwords, codes and links that one address may try; a whole clinic may share one."""
ALLOWANCES = (
    *("sees_people", "handles", "talks", "corrects", "exports", "reads_figures", "reviews"),
    *("reads_audit", "signs", "notifies"),
)
"""What a page asks whether its reader may do it."""
HOME, SIGN_IN, AUDIT = "/desk", "/desk/sign-in", "/desk/audit"


class Door(Enum):
    """Who may ask for a page, where no permission says it."""

    ANYBODY = "anybody"
    PASSWORD_GIVEN = "who has given the password, and not yet the code"  # noqa: S105
    SIGNED_IN = "who is signed in"


@dataclass(frozen=True)
class Desk:
    """What every page needs. Nothing of it changes: several servers may be one desk."""

    settings: Settings
    own: DeskSettings
    store: Store
    words: DeskWords
    passwords: Passwords
    clock: Callable[[], dt.datetime] = utcnow
    templates: Environment = field(default_factory=lambda: _templates())
    sign_ins: Rate = field(default_factory=lambda: Rate(SIGN_INS_A_MINUTE))
    """Of each address, at this server: each costs it a twentieth of a second."""
    refusal_s: float = 0.5
    """How long it takes at least to refuse a password or a code."""
    streams: Streams = field(default_factory=Streams)

    def local(self, moment: dt.datetime) -> str:
        """Write a moment as it is in the clinic's zone."""
        return moment.astimezone(self.settings.clinic.zone).strftime("%a %-d %b %Y, %H:%M")


@dataclass(frozen=True)
class Visit:
    """A request that was let in.

    Attributes:
        token: of the browser's cookie.
        signed_in: who makes it; None before the code was given.
        halfway: who has given the password, and not yet the code.
        form: what was filled in.
    """

    desk: Desk
    request: Request
    token: str
    signed_in: StaffMember | None
    halfway: StaffMember | None
    form: Mapping[str, str]
    now: dt.datetime

    @property
    def member(self) -> StaffMember:
        """Give who makes it, where only they are let in."""
        known = self.signed_in or self.halfway
        if known is None:
            raise AssertionError("nobody is known here")
        return known

    @property
    def client(self) -> Client:
        """Tell from where it is made: what tries to sign in are counted by."""
        held = known_token_in(self.request, self.desk.own)
        return Client(address_of(self.request, self.desk), hash_of(held) if held else None)

    @property
    def by(self) -> By:
        """Say for the audit log who does it, and on which page."""
        return By(self.member.who, f"desk {self.request.scope['page_path']}", self.now)

    def may(self, permission: Permission) -> bool:
        """Tell whether who makes it may do something."""
        return self.signed_in is not None and may(self.signed_in.role, permission)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Show a page."""
        return HTMLResponse(self.text(template, **values), status_code=status)

    def text(self, template: str, **values: Any) -> str:
        """Write a page."""
        return page_text(
            self.desk,
            template,
            visit=self,
            member=self.signed_in,
            form_token=form_token(self.token),
            reads_audit=self.may(Permission.READ_AUDIT),
            sees_people=self.may(Permission.SEE_PEOPLE),
            handles=self.may(Permission.HANDLE),
            talks=self.may(Permission.TALK),
            signs=self.may(Permission.SIGN),
            policy_state=self._policy_state(),
            reads_figures=self.may(Permission.READ_FIGURES),
            reviews=self.may(Permission.REVIEW),
            exports=self.may(Permission.EXPORT),
            corrects=self.may(Permission.CORRECT),
            notifies=self._notifies(),
            **values,
        )

    def _notifies(self) -> bool:
        """Tell whether the page may offer notifications to who is signed in."""
        member = self.signed_in
        return member is not None and bool(self.desk.settings.clinic.notify_of.get(member.role))

    def _policy_state(self) -> str | None:
        """Tell who is signed in whether the policy was signed, too."""
        if self.signed_in is None:
            return None
        return self.desk.store.policy_signatures.state().value


def address_of(request: Request, desk: Desk) -> str:
    """Tell what a request counts for: the address of the browser, or this machine."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    return visitor_of(peer, forwarded, desk.settings.proxies) or "here"


Handler = Callable[[Visit], Response]


@dataclass(frozen=True)
class Page:
    """A route of the desk: who may ask for it, and what answers.

    Attributes:
        needs: a permission, or which door.
        by_itself: the page asks for it again and again, which keeps nobody signed in.
        beside_a_form: somebody may be writing on that page, so it is not left for another.
    """

    path: str
    method: str
    needs: Permission | Door
    handler: Handler
    by_itself: bool = False
    beside_a_form: bool = False


def page_text(desk: Desk, template: str, **values: Any) -> str:
    """Write a page, with what all of them have. Every value in it is escaped."""
    known = {
        "clinic": desk.settings.clinic,
        "local": desk.local,
        "words": desk.words,
        "htmx": HTMX,
    }
    known |= dict.fromkeys(ALLOWANCES, False)
    return desk.templates.get_template(template).render(
        **{**known, "member": None, "policy_state": None, **values}
    )


def home_of(member: StaffMember) -> str:
    """Name the page that somebody's work begins with."""
    return HOME if may(member.role, Permission.SEE_PEOPLE) else AUDIT


def go(path: str) -> Response:
    """Send the browser to another page of the desk."""
    return RedirectResponse(path, status_code=303)


def fingerprint(text: str) -> str:
    """Name a text by what it says, to tell whether it changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
