"""Somebody's own password: given once more before what matters, and changed."""

from __future__ import annotations

from starlette.responses import Response

from backline.desk.passwords import WeakPassword, check_password
from backline.desk.sign_in import DIFFERENT
from backline.desk.tokens import hash_of
from backline.desk.visits import Door, Page, Visit, go, home_of

PASSWORD_PAGE = "/desk/password"  # noqa: S105
NOT_THEIRS = (
    "That is not your password. After several wrong tries an account waits for some minutes."
)
CHANGED_MEANWHILE = "Your password was changed elsewhere meanwhile. Please sign in again."


def gives_password(visit: Visit, given: str) -> bool:
    """Check it as at a sign-in: tries count, and an account that waits has none."""
    staff, member = visit.desk.store.staff, visit.member
    tried = staff.begin_code_try(member.id, visit.client, visit.now)
    kept = tried.password_hash if tried is not None else None
    fits = visit.desk.passwords.fits(kept, given)
    if tried is None or tried.locked_until is not None:
        return False
    if not fits:
        staff.refuse(tried, visit.by)
        return False
    staff.give_back_try(tried.id, visit.client, visit.now)
    return True


def password_page(visit: Visit) -> Response:
    """Ask for the old password and a new one."""
    return _ask(visit, None)


def change_password(visit: Visit) -> Response:
    """Keep another password; every other session of the account ends."""
    new, member = visit.form.get("new", ""), visit.member
    if new != visit.form.get("again", ""):
        return _ask(visit, DIFFERENT)
    try:
        check_password(new, member.name, member.email, visit.desk.settings.clinic.name)
    except WeakPassword as weak:
        return _ask(visit, f"Please {weak}.")
    if not gives_password(visit, visit.form.get("password", "")):
        return _ask(visit, NOT_THEIRS)
    kept = visit.desk.passwords.hash(new)
    if not visit.desk.store.staff.change_password(member, kept, hash_of(visit.token), visit.by):
        return _ask(visit, CHANGED_MEANWHILE)
    return go(home_of(member))


def _ask(visit: Visit, wrong: str | None) -> Response:
    return visit.show("password.html", status=200 if wrong is None else 422, wrong=wrong)


PAGES = (
    Page(PASSWORD_PAGE, "GET", Door.SIGNED_IN, password_page),
    Page(PASSWORD_PAGE, "POST", Door.SIGNED_IN, change_password),
)
