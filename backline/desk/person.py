"""One person's page: what they said, what was understood, what they were told; its summary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from backline.contact_details import as_dialled
from backline.desk.clinical import (
    Known,
    RuleTold,
    is_of_today,
    known_of,
    notes_of,
    plan_of,
    rules_of,
)
from backline.desk.fact_forms import changed_in, facts_of
from backline.desk.roles import Permission
from backline.desk.talk import talk_of
from backline.desk.visits import Page, Visit, fingerprint, go
from backline.desk.words import DeskWords
from backline.store import Case, KeptAssessment, KeptCorrection, WhomToCall
from backline.store.cases import REFERENCE_CHARACTERS

PERSON = "/desk/person/{reference}"
LONGEST_NOTE = 2000
_REFERENCE = rf"[A-Z2-7]{{{REFERENCE_CHARACTERS}}}"
TAKEN_ALREADY = (
    "Somebody else was faster, or there is nothing to take any more. See below who has it."
)
NOTHING_IN_HAND = (
    "It is in nobody's hands any more; somebody may have closed it. Your note is kept here."
)
NOTE_MISSING = "Please write what was done; a few words will do."
NOTE_TOO_LONG = f"Please shorten the note to {LONGEST_NOTE} characters."


@dataclass(frozen=True)
class ToldResult:
    """A result with what it rests on, in words.

    Attributes:
        correction: by whom and why, where staff made it; the person was not told of it.
        changed: how its facts differ from those of the result that was corrected.
        latest: whether it is the latest of its patient.
    """

    kept: KeptAssessment
    known: Known
    rules: list[RuleTold]
    notes: list[str]
    plan: str
    of_today: bool
    correction: KeptCorrection | None
    changed: Sequence[str]
    latest: bool


def show_person(visit: Visit) -> Response:
    """Show a person's page, once it is kept that somebody looked."""
    case = find_case(visit)
    if case is None:
        return nobody(visit)
    return show(visit, case)


def summary(visit: Visit) -> Response:
    """Show the summary for a clinician, on one page to print."""
    case = find_case(visit)
    if case is None:
        return nobody(visit)
    about = visit.desk.store.audit.about(case.conversation_id)
    visit.desk.store.audit.add(visit.by.look("summary_shown", about))
    latest = _latest_of_each_patient(_told(visit, case))
    return visit.show("summary.html", case=case, told=latest, printed_at=visit.now)


def take(visit: Visit) -> Response:
    """Take a person in hand."""
    case = find_case(visit)
    if case is None:
        return nobody(visit)
    if visit.desk.store.cases.take(case, visit.member.id, visit.by):
        return back_to(case)
    return show(visit, case, status=409, problem=TAKEN_ALREADY)


def close(visit: Visit) -> Response:
    """Close a person whom somebody has in hand, with a note."""
    case, note = find_case(visit), visit.form.get("note", "").strip()
    if case is None:
        return nobody(visit)
    problem = problem_of(note)
    if problem is not None:
        return show(visit, case, status=422, problem=problem, note=note)
    seen = visit.form.get("seen", "")
    latest = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    conversation, cases = case.conversation_id, visit.desk.store.cases
    if cases.close(conversation, latest, visit.member.id, note, visit.by):
        return back_to(case)
    return show(visit, case, status=409, problem=NOTHING_IN_HAND, note=note)


def problem_of(note: str) -> str | None:
    """Say what is wrong with a note; None if nothing is."""
    if not note:
        return NOTE_MISSING
    return NOTE_TOO_LONG if len(note) > LONGEST_NOTE else None


def find_case(visit: Visit) -> Case | None:
    """Find the person whom an address names."""
    reference = visit.request.path_params["reference"].upper()
    if not re.fullmatch(_REFERENCE, reference):
        return None
    return visit.desk.store.cases.find(reference, visit.member.id)


def nobody(visit: Visit) -> Response:
    """Say that there is nobody by that reference."""
    sentence = "There is nobody by that reference; their conversation may have been deleted."
    return visit.show("sorry.html", status=404, sentence=sentence)


def person_news(visit: Visit) -> Response:
    """Say on a person's page that there is something new, if there is."""
    case = find_case(visit)
    if case is None or _version_of(visit, case.conversation_id) == (
        visit.request.query_params.get("version")
    ):
        return Response(status_code=204)
    return HTMLResponse(visit.text("person_news.html", case=case))


def _version_of(visit: Visit, conversation_id: str) -> str:
    """Name what a person's page shows, to tell later whether it changed."""
    return fingerprint(repr(visit.desk.store.changes.of(conversation_id)))


def back_to(case: Case) -> Response:
    """Go back to a person's page."""
    return go(PERSON.replace("{reference}", case.reference))


def show(
    visit: Visit,
    case: Case,
    *,
    status: int = 200,
    problem: str | None = None,
    note: str = "",
    call_note: str = "",
    whom: WhomToCall | None = None,
) -> Response:
    """Show a person's page, once it is kept that somebody looked.

    Args:
        note, call_note: what was written and not kept.
        whom: who is to be called, where that was asked for.
    """
    store = visit.desk.store
    # Before what it names is read: what comes meanwhile is news.
    shown = _version_of(visit, case.conversation_id)
    store.cases.mark_read(case.conversation_id, visit.member.id, visit.by)
    if problem is not None:
        # Somebody else changed it meanwhile.
        case = find_case(visit) or case
    words, country = visit.desk.words, visit.desk.settings.clinic.country
    return visit.show(
        "person.html",
        status=status,
        case=case,
        shown=shown,
        told=_told(visit, case),
        **talk_of(visit, case),
        still_to_ask=[
            words.name("questions", slot) for slot in store.cases.still_to_ask(case.conversation_id)
        ],
        handlings=store.cases.handlings(case.conversation_id),
        call_backs=store.call_backs.of(case.conversation_id),
        whom=whom,
        number_shown=as_dialled(whom.number, country) if whom else "",
        call_note=call_note,
        problem=problem,
        note=note,
        longest_note=LONGEST_NOTE,
    )


def _told(visit: Visit, case: Case) -> list[ToldResult]:
    store = visit.desk.store
    kept = store.cases.assessments(case.conversation_id)
    by_id = {one.id: one for one in kept}
    corrections = store.corrections.of(case.conversation_id)
    latest = {one.patient: one.id for one in reversed(kept)}
    return [
        _told_of(visit.desk.words, one, corrections.get(one.id), by_id, one.id in latest.values())
        for one in kept
    ]


def _told_of(
    words: DeskWords,
    kept: KeptAssessment,
    correction: KeptCorrection | None,
    others: Mapping[int, KeptAssessment],
    latest: bool,
) -> ToldResult:
    before = others[correction.corrected_id].facts if correction else kept.facts
    return ToldResult(
        kept,
        known_of(kept.facts, words),
        rules_of(kept),
        notes_of(kept, words),
        plan_of(kept, words),
        is_of_today(kept),
        correction,
        changed_in(facts_of(before), facts_of(kept.facts), words),
        latest,
    )


def _latest_of_each_patient(told: list[ToldResult]) -> list[ToldResult]:
    latest: dict[int, ToldResult] = {}
    for result in told:
        latest.setdefault(result.kept.patient, result)
    return [latest[patient] for patient in sorted(latest)]


PAGES = (
    Page(PERSON, "GET", Permission.SEE_PEOPLE, show_person),
    Page(f"{PERSON}/summary", "GET", Permission.SEE_PEOPLE, summary),
    Page(
        f"{PERSON}/news",
        "GET",
        Permission.SEE_PEOPLE,
        person_news,
        by_itself=True,
        beside_a_form=True,
    ),
    Page(f"{PERSON}/take", "POST", Permission.HANDLE, take),
    Page(f"{PERSON}/close", "POST", Permission.HANDLE, close),
)
