"""What programs of the clinic read: people and assessments as JSON, page by page, with a token."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backline.desk.tokens import hash_of
from backline.desk.visits import Desk
from backline.failures import describe
from backline.store import Case, Filters, Scope, StoreUnavailable
from backline.store.cases import ALARM, CLOSED, OPEN
from backline.store.exports import ExportedAssessment

logger = logging.getLogger(__name__)

CASES, ASSESSMENTS = "/desk/api/v1/cases", "/desk/api/v1/assessments"
BEARER = "Bearer"
MOST_AT_ONCE, USUAL = 500, 100
LARGEST = 2**31 - 1
"""Of a number in an address: as large as an id may be."""
NOBODY = 0
"""No account: what somebody has read is nothing to a program."""
PLACES: Mapping[int, str] = {ALARM: "alarm", OPEN: "open", CLOSED: "closed"}


class BadQuery(ValueError):
    """A parameter of an address is none; the text says which."""


@dataclass(frozen=True)
class ApiPage:
    """A route for programs, the scope that its tokens need, and what answers."""

    path: str
    scope: Scope
    handler: Callable[[Desk, QueryParams], dict[str, Any]]


def cases(desk: Desk, query: QueryParams) -> dict[str, Any]:
    """List people as the desk does: those in danger on top, then by urgency."""
    limit, page = _number(query, "limit", USUAL, MOST_AT_ONCE), _number(query, "page", 1, 10_000)
    skip = (page - 1) * limit
    found = desk.store.cases.page(NOBODY, Filters(), skip, limit + 1)
    after = f"{CASES}?page={page + 1}&limit={limit}" if len(found) > limit else None
    return {"items": [_case(case) for case in found[:limit]], "next": after}


def assessments(desk: Desk, query: QueryParams) -> dict[str, Any]:
    """List assessments in the order in which they were made, from an id on."""
    limit, after = _number(query, "limit", USUAL, MOST_AT_ONCE), _number(query, "after", 0, LARGEST)
    found = list(islice(desk.store.exports.assessments(after=after), limit + 1))
    shown = found[:limit]
    more = len(found) > limit
    following = f"{ASSESSMENTS}?after={shown[-1].kept.id}&limit={limit}" if more else None
    return {"items": [_assessment(one) for one in shown], "next": following}


API = (
    ApiPage(CASES, Scope.CASES, cases),
    ApiPage(ASSESSMENTS, Scope.ASSESSMENTS, assessments),
)


async def answer_program(desk: Desk, page: ApiPage, request: Request) -> Response:
    """Answer a program, once it is kept that its token was used."""
    try:
        return await run_in_threadpool(_answer, desk, page, request)
    except BadQuery as error:
        return _refusal(400, "bad_query", str(error))
    except StoreUnavailable as error:
        logger.error("The desk's API could not answer: %s", describe(error))
        return _refusal(503, "unavailable", "The desk cannot be reached just now.")
    except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
        logger.error("The desk's API failed: %s", describe(error))
        return _refusal(500, "failed", "Something went wrong here.")


def _answer(desk: Desk, page: ApiPage, request: Request) -> Response:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    token = given.strip() if scheme.lower() == BEARER.lower() else ""
    used = desk.store.api_tokens.use(hash_of(token), f"desk {page.path}", desk.clock())
    if used is None:
        return _refusal(401, "refused", "A token that is good is needed.", BEARER)
    if page.scope not in used.scopes:
        return _refusal(403, "out_of_scope", f"This needs a token with {page.scope.value}.")
    return JSONResponse(page.handler(desk, request.query_params))


def _refusal(status: int, error: str, message: str, scheme: str | None = None) -> Response:
    headers = {"WWW-Authenticate": scheme} if scheme else None
    return JSONResponse({"error": error, "message": message}, status, headers)


def _number(query: QueryParams, name: str, usual: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return usual
    least = min(usual, 1)
    if not (text.isascii() and text.isdigit() and len(text) < 11 and least <= int(text) <= most):
        raise BadQuery(f"{name} is a whole number from {least} to {most}")
    return int(text)


def _case(case: Case) -> dict[str, Any]:
    hand = case.in_hand
    return {
        "reference": case.reference,
        "channel": case.channel,
        "last_seen_at": case.last_seen_at.isoformat(),
        "urgency": case.urgency,
        "outcome": case.outcome,
        "place": PLACES[case.place],
        "taken_at": hand.taken_at.isoformat() if hand else None,
        "closed_at": hand.closed_at.isoformat() if hand and hand.closed_at else None,
    }


def _assessment(one: ExportedAssessment) -> dict[str, Any]:
    kept = one.kept
    return {
        "id": kept.id,
        "reference": one.reference,
        "patient": kept.patient,
        "channel": one.channel,
        "told_at": kept.created_at.isoformat(),
        "outcome": kept.outcome,
        "urgency": kept.urgency,
        "rules": list(kept.rules),
        "facts": dict(kept.facts),
        "plan": dict(kept.plan),
        "corrected": one.corrected,
        "emergency_ended": kept.emergency_ended,
        "policy_version": kept.policy_version,
        "model_version": kept.model_version,
    }
