"""The policy as it decides now, for all who are signed in; a registered clinician signs it here."""

from __future__ import annotations

import hmac

from starlette.responses import Response

from backline.desk.own_password import NOT_THEIRS, gives_password
from backline.desk.roles import Permission
from backline.desk.visits import Door, Page, Visit, go
from backline.policy import POLICY_VERSION, RULES
from backline.store.policy_signatures import policy_hash

POLICY = "/desk/policy"
LONGEST_REGISTRATION = 40
NO_REGISTRATION = f"Please give the number of your registration, {LONGEST_REGISTRATION} characters."
ANOTHER_POLICY = "The policy has changed since this page was opened. Please read it again."


def policy_page(visit: Visit) -> Response:
    """Show the rules, and who signed them."""
    return _show(visit, None)


def sign(visit: Visit) -> Response:
    """Keep the signature of who gives their password once more."""
    registration = visit.form.get("registration", "").strip()
    if not registration.isprintable() or not 0 < len(registration) <= LONGEST_REGISTRATION:
        return _show(visit, NO_REGISTRATION)
    if not hmac.compare_digest(visit.form.get("policy", "").encode(), policy_hash().encode()):
        return _show(visit, ANOTHER_POLICY)
    if not gives_password(visit, visit.form.get("password", "")):
        return _show(visit, NOT_THEIRS)
    visit.desk.store.policy_signatures.sign(visit.member.id, registration, visit.by)
    return go(POLICY)


def _show(visit: Visit, problem: str | None) -> Response:
    return visit.show(
        "policy.html",
        status=200 if problem is None else 422,
        problem=problem,
        version=POLICY_VERSION,
        hash=policy_hash(),
        rules=RULES,
        signatures=visit.desk.store.policy_signatures.all(),
        registration=visit.form.get("registration", ""),
        longest=LONGEST_REGISTRATION,
    )


PAGES = (
    Page(POLICY, "GET", Door.SIGNED_IN, policy_page),
    Page(f"{POLICY}/sign", "POST", Permission.SIGN, sign),
)
