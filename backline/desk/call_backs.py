"""Calling somebody back: the number, once a look at it is kept, and the note that it is done."""

from __future__ import annotations

from starlette.responses import Response

from backline.desk.person import PERSON, back_to, find_case, nobody, problem_of, show
from backline.desk.roles import Permission
from backline.desk.visits import Page, Visit

NOBODY_WAITS = "Nobody is to be called here any more; somebody may have called them."
NO_NUMBER = "No number is known, or somebody has called them already."


def show_number(visit: Visit) -> Response:
    """Show the name and number of whom to call, once it is kept who looked."""
    case = find_case(visit)
    if case is None:
        return nobody(visit)
    whom = visit.desk.store.call_backs.show(case.conversation_id, visit.by)
    if whom is None:
        return show(visit, case, status=409, problem=NO_NUMBER)
    return show(visit, case, whom=whom)


def finish(visit: Visit) -> Response:
    """Keep what came of a call; name and number are gone then."""
    case, note = find_case(visit), visit.form.get("note", "").strip()
    if case is None:
        return nobody(visit)
    problem = problem_of(note)
    if problem is not None:
        return show(visit, case, status=422, problem=problem, call_note=note)
    calls, member = visit.desk.store.call_backs, visit.member
    if calls.finish(case.conversation_id, member.id, note, visit.by):
        return back_to(case)
    return show(visit, case, status=409, problem=NOBODY_WAITS, call_note=note)


PAGES = (
    Page(f"{PERSON}/call-back/number", "POST", Permission.HANDLE, show_number),
    Page(f"{PERSON}/call-back/done", "POST", Permission.HANDLE, finish),
)
