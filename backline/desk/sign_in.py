"""Signing in: a password, then the code of an authenticator app; and out again."""

from __future__ import annotations

import datetime as dt

from starlette.responses import Response

from backline.desk import codes
from backline.desk.browsers import (
    HALF,
    LONGEST,
    keep_known_token,
    keep_token,
    known_token_in,
)
from backline.desk.passwords import WeakPassword, check_password
from backline.desk.settings import INVITATION
from backline.desk.tokens import hash_of, new_token
from backline.desk.visits import SIGN_IN, Door, Page, Visit, go, home_of
from backline.store import By, StaffMember

CODE = "/desk/code"
WRONG = (
    "That did not work. Check the e-mail address and the password. After several wrong tries an "
    "account waits for some minutes."
)
WRONG_CODE = (
    "That did not work. Each code is good once and for half a minute: wait for the next one. After "
    "several wrong tries an account waits for some minutes."
)
DIFFERENT = "The two are not the same."


def sign_in_page(visit: Visit) -> Response:
    """Ask for e-mail address and password; say so where there is no desk yet."""
    if visit.signed_in is not None:
        return go(home_of(visit.signed_in))
    if not visit.desk.store.staff.any():
        return visit.show("off.html", status=503)
    return visit.show("sign_in.html", email="", wrong=None)


def sign_in(visit: Visit) -> Response:
    """Check the password; the code comes next."""
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    staff, now = visit.desk.store.staff, visit.now
    member = staff.begin_try(email, visit.client, now)
    kept = member.password_hash if member is not None else None
    # Also where there is no account, and where it waits: nobody can tell which it is.
    fits = visit.desk.passwords.fits(kept, password)
    if member is None or member.locked_until is not None or not fits or kept is None:
        _note_refusal(visit, member)
        return visit.show("sign_in.html", status=401, email=email, wrong=WRONG)
    visit.desk.store.staff_sessions.end(hash_of(visit.token))
    token = new_token()
    if not _begin(visit, member, token, HALF):
        return visit.show("sign_in.html", status=401, email=email, wrong=WRONG)
    staff.give_back_try(member.id, visit.client, now)
    if visit.desk.passwords.is_outdated(kept):
        staff.rehash(member, visit.desk.passwords.hash(password))
    return _go_on(visit, token, CODE)


def _note_refusal(visit: Visit, member: StaffMember | None) -> None:
    # A locked account has its refusals noted already: nobody fills the log by guessing on.
    if member is not None and member.locked_until is None:
        visit.desk.store.staff.refuse(member, By(member.who, f"desk {SIGN_IN}", visit.now))


def code_page(visit: Visit) -> Response:
    """Ask for the code; at the first time, show what the app needs."""
    return _ask_code(visit, None)


def give_code(visit: Visit) -> Response:
    """Check the code; with it somebody is signed in."""
    staff, now = visit.desk.store.staff, visit.now
    member = staff.begin_code_try(visit.member.id, visit.client, now)
    if member is None:
        return go(SIGN_IN)
    if member.locked_until is not None:
        return _ask_code(visit, WRONG_CODE)
    secret = staff.code_secret(member, codes.new_secret())
    if secret is None:
        return go(SIGN_IN)
    step = codes.step_of(secret, visit.form.get("code", ""), now)
    if step is None or not staff.use_code(member, step):
        staff.refuse(member, visit.by)
        return _ask_code(visit, WRONG_CODE)
    token = new_token()
    if not _begin(visit, member, token, LONGEST, half=hash_of(visit.token)):
        return go(SIGN_IN)
    visit.desk.store.audit.add(visit.by.look("signed_in", member.about))
    known = known_token_in(visit.request, visit.desk.own) or new_token()
    staff.know_browser(member.id, hash_of(known), now)
    response = _go_on(visit, token, home_of(member))
    keep_known_token(response, known, visit.desk.own)
    return response


def _ask_code(visit: Visit, wrong: str | None) -> Response:
    status = 200 if wrong is None else 401
    if visit.member.has_code:
        return visit.show("code.html", status=status, wrong=wrong, secret=None, picture=None)
    secret = visit.desk.store.staff.code_secret(visit.member, codes.new_secret())
    if secret is None:
        return go(SIGN_IN)
    address = codes.address_of(secret, visit.member.email, visit.desk.settings.clinic.name)
    picture = codes.picture_of(address)
    return visit.show("code.html", status=status, wrong=wrong, secret=secret, picture=picture)


def _begin(
    visit: Visit, member: StaffMember, token: str, lasts: dt.timedelta, half: str | None = None
) -> bool:
    sessions, now = visit.desk.store.staff_sessions, visit.now
    return sessions.begin(member, hash_of(token), now, now + lasts, half=half)


def _go_on(visit: Visit, token: str, next_page: str) -> Response:
    """Give the browser another token: one that was known before is never signed in."""
    response = go(next_page)
    keep_token(response, token, visit.desk.own)
    return response


def sign_out(visit: Visit) -> Response:
    """End this session."""
    return _end(visit, "signed_out", everywhere=False)


def sign_out_everywhere(visit: Visit) -> Response:
    """End all sessions of an account."""
    return _end(visit, "signed_out_everywhere", everywhere=True)


def _end(visit: Visit, action: str, *, everywhere: bool) -> Response:
    sessions = visit.desk.store.staff_sessions
    if everywhere:
        sessions.end_all(visit.member.id)
    else:
        sessions.end(hash_of(visit.token))
    visit.desk.store.audit.add(visit.by.look(action, visit.member.about))
    response = go(SIGN_IN)
    keep_token(response, new_token(), visit.desk.own)
    return response


def invitation_page(visit: Visit) -> Response:
    """Ask who was invited for a password."""
    # In the query, which proxies leave out of their logs.
    return _ask_password(visit, visit.request.query_params.get("token", ""), None)


def accept_invitation(visit: Visit) -> Response:
    """Keep the password that was chosen."""
    token, password = visit.form.get("token", ""), visit.form.get("password", "")
    staff = visit.desk.store.staff
    member = staff.invited(hash_of(token), visit.now)
    if member is None:
        return _ask_password(visit, token, None)
    if password != visit.form.get("again", ""):
        return _ask_password(visit, token, DIFFERENT)
    try:
        clinic = visit.desk.settings.clinic.name
        check_password(password, member.name, member.email, clinic)
    except WeakPassword as weak:
        return _ask_password(visit, token, f"Please {weak}.")
    hash_ = visit.desk.passwords.hash(password)
    staff.accept(hash_of(token), hash_, f"desk {INVITATION}", visit.now)
    return go(SIGN_IN)


def _ask_password(visit: Visit, token: str, wrong: str | None) -> Response:
    member = visit.desk.store.staff.invited(hash_of(token), visit.now)
    if member is None:
        return visit.show("no_invitation.html", status=404)
    status = 200 if wrong is None else 422
    return visit.show("invitation.html", status=status, invited=member, token=token, wrong=wrong)


PAGES = (
    Page(SIGN_IN, "GET", Door.ANYBODY, sign_in_page),
    Page(SIGN_IN, "POST", Door.ANYBODY, sign_in),
    Page(CODE, "GET", Door.PASSWORD_GIVEN, code_page),
    Page(CODE, "POST", Door.PASSWORD_GIVEN, give_code),
    Page("/desk/sign-out", "POST", Door.SIGNED_IN, sign_out),
    Page("/desk/sign-out-everywhere", "POST", Door.SIGNED_IN, sign_out_everywhere),
    Page(INVITATION, "GET", Door.ANYBODY, invitation_page),
    Page(INVITATION, "POST", Door.ANYBODY, accept_invitation),
)
