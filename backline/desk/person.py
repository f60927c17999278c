"""One person's page: what they said, what was understood, what they were told; its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

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
from backline.desk.inbox import ALARM_RULES
from backline.desk.roles import Permission
from backline.desk.visits import Page, Visit, go
from backline.desk.words import DeskWords
from backline.store import Case, KeptAssessment, KeptCorrection, Utterance

PERSON = "/desk/person/{reference}"
MOST_SAID = 400
"""Messages that are shown of a conversation; the last ones."""
LONGEST_NOTE = 2000
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
    return _show(visit, case)


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
    return _show(visit, case, status=409, problem=TAKEN_ALREADY)


def close(visit: Visit) -> Response:
    """Close a person whom somebody has in hand, with a note."""
    case, note = find_case(visit), visit.form.get("note", "").strip()
    if case is None:
        return nobody(visit)
    if not note or len(note) > LONGEST_NOTE:
        problem = NOTE_TOO_LONG if note else NOTE_MISSING
        return _show(visit, case, status=422, problem=problem, note=note)
    seen = visit.form.get("seen", "")
    latest = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    conversation, cases = case.conversation_id, visit.desk.store.cases
    if cases.close(conversation, latest, visit.member.id, note, visit.by):
        return back_to(case)
    return _show(visit, case, status=409, problem=NOTHING_IN_HAND, note=note)


def find_case(visit: Visit) -> Case | None:
    """Find who is meant by the reference in the address."""
    reference = visit.request.path_params["reference"].upper()
    return visit.desk.store.cases.find(reference, visit.member.id, ALARM_RULES)


def nobody(visit: Visit) -> Response:
    """Say that there is nobody by that reference."""
    sentence = "There is nobody by that reference; their conversation may have been deleted."
    return visit.show("sorry.html", status=404, sentence=sentence)


def back_to(case: Case) -> Response:
    """Send the browser to a person's page."""
    return go(PERSON.replace("{reference}", case.reference))


def _show(
    visit: Visit, case: Case, *, status: int = 200, problem: str | None = None, note: str = ""
) -> Response:
    store = visit.desk.store
    store.cases.mark_read(case.conversation_id, visit.member.id, visit.by)
    if problem is not None:
        # Somebody else changed it meanwhile.
        case = find_case(visit) or case
    words = visit.desk.words
    return visit.show(
        "person.html",
        status=status,
        case=case,
        told=_told(visit, case),
        said=said(store.talks.latest(case.conversation_id, MOST_SAID) if shows_words(case) else []),
        shows_words=shows_words(case),
        still_to_ask=[
            words.name("questions", slot) for slot in store.cases.still_to_ask(case.conversation_id)
        ],
        handlings=store.cases.handlings(case.conversation_id),
        problem=problem,
        note=note,
        longest_note=LONGEST_NOTE,
    )


def shows_words(case: Case) -> bool:
    """Tell whether staff may read what somebody said.

    That is after a yes to storing, or where an emergency was told before anybody could be asked.
    """
    if case.agreed is None:
        return case.latest_assessment is not None
    return case.agreed


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


def said(utterances: list[Utterance]) -> list[dict[str, Any]]:
    """Give each message with the words of it by which something was understood, and as what."""
    return [
        {"one": one, "understood": [_understood(found, one.text) for found in one.found]}
        for one in utterances
    ]


def _understood(found: Any, text: str) -> dict[str, Any]:
    start, end = int(found.get("start") or 0), int(found.get("end") or 0)
    value = found.get("value")
    return {
        "kind": str(found.get("entity", "")).replace("_", " "),
        "value": ""
        if isinstance(value, (dict, list)) or value is None
        else str(value).replace("_", " "),
        "words": text[start:end],
        "holds": found.get("status", "present") in ("present", "uncertain"),
        "status": str(found.get("status", "present")).replace("_", " "),
    }


PAGES = (
    Page(PERSON, "GET", Permission.SEE_PEOPLE, show_person),
    Page(f"{PERSON}/summary", "GET", Permission.SEE_PEOPLE, summary),
    Page(f"{PERSON}/take", "POST", Permission.HANDLE, take),
    Page(f"{PERSON}/close", "POST", Permission.HANDLE, close),
)
