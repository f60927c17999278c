"""Corrections by staff: other facts, on which the policy decides anew, or another result.

What makes a result lower, by either way, is a registered clinician's to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from backline.desk.fact_forms import changed_in, facts_in, facts_of, form_of
from backline.desk.person import (
    LONGEST_NOTE,
    PERSON,
    back_to,
    find_case,
    nobody,
)
from backline.desk.roles import Permission
from backline.desk.visits import Page, Visit
from backline.facts import Facts, FactsError, Outcome, Urgency
from backline.policy import POLICY_VERSION, Plan, Recommendation, Undecided, decide, withheld
from backline.policy.plans import AFTER_EXAM, COMBINED, MASSAGE_COURSE
from backline.store import AssessmentRecord, Case, CorrectionKind, KeptAssessment
from backline.store.policy_signatures import PolicyState

CORRECT = f"{PERSON}/correct"
OVERRIDE = f"{PERSON}/override"
CLINICIAN = "clinician"
"""How an emergency ended where a registered clinician made less of it; see `AssessmentRecord`."""
RESULTS: Mapping[str, tuple[Outcome, Urgency, Plan]] = {
    "emergency": (Outcome.DOCTOR_FIRST, Urgency.EMERGENCY, AFTER_EXAM),
    "urgent": (Outcome.DOCTOR_FIRST, Urgency.URGENT, AFTER_EXAM),
    "soon": (Outcome.DOCTOR_FIRST, Urgency.SOON, AFTER_EXAM),
    "combined": (Outcome.COMBINED, Urgency.NONE, COMBINED),
    "massage": (Outcome.MASSAGE, Urgency.NONE, MASSAGE_COURSE),
}
"""What staff may set, the most cautious first."""
_CAUTION = [Outcome.MASSAGE, Outcome.COMBINED, Outcome.DOCTOR_FIRST]

REASON_MISSING = "Please say why; a few words will do."
REASON_TOO_LONG = f"Please shorten the reason to {LONGEST_NOTE} characters."
LOWER = (
    "That would make the result lower, which a registered clinician decides. Nothing was changed; "
    "what you entered is kept below."
)
NOT_CHANGED = "Nothing differs from what is there already."
OVERTAKEN = "There is a newer result of this person by now. Nothing was changed; please look again."
NO_SUCH_RESULT = "Please choose a result."


def correct_page(visit: Visit) -> Response:
    """Show the latest result of a patient as a form."""
    case = find_case(visit)
    kept = _latest(visit, case, visit.request.query_params.get("result"))
    if case is None or kept is None:
        return nobody(visit)
    return _show(visit, case, kept)


def correct(visit: Visit) -> Response:
    """Have the policy decide on the facts that the form was sent with."""
    case = find_case(visit)
    kept = _latest(visit, case, visit.form.get("result"))
    if case is None:
        return nobody(visit)
    if kept is None:
        return _overtaken(visit, case)
    before = facts_of(kept.facts)
    try:
        after = facts_in(visit.form, before)
        decided = _recommended(visit, after)
    except FactsError as error:
        return _show(visit, case, kept, f"That cannot be kept: {error}.")
    except Undecided as undecided:
        words = visit.desk.words
        asked = ", ".join(sorted(words.name("questions", slot.value) for slot in undecided.slots))
        sentence = f"The policy cannot decide on that; it would still have to know: {asked}."
        return _show(visit, case, kept, sentence, facts=after)
    if after.to_json() == before.to_json():
        return _show(visit, case, kept, NOT_CHANGED, facts=after)
    record = AssessmentRecord(
        facts=after.to_json(),
        outcome=decided.outcome.value,
        urgency=decided.urgency.value,
        rules=decided.rule_ids,
        reasons=[],
        plan=decided.plan,
        policy_version=decided.policy_version,
        model_version=kept.model_version,
        patient=kept.patient,
    )
    looser = _lets_hands_on(kept, before, decided)
    return _keep(visit, case, kept, record, CorrectionKind.FACTS, after, looser=looser)


def _lets_hands_on(kept: KeptAssessment, before: Facts, decided: Recommendation) -> bool:
    """Tell whether a result that recommends hands-on work keeps hands off less than before."""
    if Outcome.DOCTOR_FIRST in (decided.outcome, Outcome(kept.outcome)):
        return False
    if kept.plan.get("massage_sessions") == 0 and decided.plan.massage_sessions != 0:
        return True
    return _is_looked_at_first(before) and not decided.check_first


def _is_looked_at_first(facts: Facts) -> bool:
    try:
        return decide(facts).check_first
    except Undecided:
        return False


def _recommended(visit: Visit, facts: Facts) -> Recommendation:
    decided = decide(facts)
    if not visit.desk.settings.clinic.massage_needs_signed_policy:
        return decided
    signed = visit.desk.store.policy_signatures.state() is PolicyState.SIGNED
    return decided if signed else withheld(decided)


def override(visit: Visit) -> Response:
    """Set a result by hand; the facts stay as they are."""
    case = find_case(visit)
    kept = _latest(visit, case, visit.form.get("result"))
    if case is None:
        return nobody(visit)
    if kept is None:
        return _overtaken(visit, case)
    chosen = RESULTS.get(visit.form.get("to", ""))
    if chosen is None:
        return _show(visit, case, kept, NO_SUCH_RESULT)
    outcome, urgency, plan = chosen
    if (outcome.value, urgency.value) == (kept.outcome, kept.urgency):
        return _show(visit, case, kept, NOT_CHANGED)
    record = AssessmentRecord(
        facts=dict(kept.facts),
        outcome=outcome.value,
        urgency=urgency.value,
        rules=[],
        reasons=[],
        plan=plan,
        policy_version=POLICY_VERSION,
        model_version=kept.model_version,
        patient=kept.patient,
    )
    return _keep(visit, case, kept, record, CorrectionKind.RESULT, None)


def _keep(
    visit: Visit,
    case: Case,
    kept: KeptAssessment,
    record: AssessmentRecord,
    kind: CorrectionKind,
    facts: Facts | None,
    *,
    looser: bool = False,
) -> Response:
    reason = visit.form.get("note", "").strip()
    if not reason or len(reason) > LONGEST_NOTE:
        problem = REASON_TOO_LONG if reason else REASON_MISSING
        return _show(visit, case, kept, problem, facts=facts)
    lower = caution(record.outcome, record.urgency) < caution(kept.outcome, kept.urgency)
    if lower or looser:
        if not visit.may(Permission.LOWER):
            return _show(visit, case, kept, LOWER, facts=facts, status=403)
        if lower and kept.urgency == Urgency.EMERGENCY.value:
            record = replace(record, emergency_ended=CLINICIAN)
    corrections = visit.desk.store.corrections
    if corrections.add(
        case.conversation_id, kept.id, record, kind, reason, visit.member.id, visit.by
    ):
        return back_to(case)
    return _overtaken(visit, case)


def caution(outcome: str, urgency: str) -> tuple[int, int]:
    """Rank a result: what sends to a doctor sooner, or keeps hands off, is higher."""
    return Urgency(urgency).rank, _CAUTION.index(Outcome(outcome))


def _latest(visit: Visit, case: Case | None, given: str | None) -> KeptAssessment | None:
    """Find the result that somebody means, if it is the latest of its patient."""
    if case is None:
        return None
    latest: dict[int, KeptAssessment] = {}
    for kept in visit.desk.store.cases.assessments(case.conversation_id):
        latest.setdefault(kept.patient, kept)
    return next((kept for kept in latest.values() if str(kept.id) == given), None)


def _overtaken(visit: Visit, case: Case) -> Response:
    return visit.show(
        "overtaken.html", status=409, case=case, sentence=OVERTAKEN, note=visit.form.get("note", "")
    )


def _show(
    visit: Visit,
    case: Case,
    kept: KeptAssessment,
    problem: str | None = None,
    *,
    facts: Facts | None = None,
    status: int = 422,
) -> Response:
    """Show the form, with what is known of the person, once it is kept that somebody looked."""
    about = visit.desk.store.audit.about(case.conversation_id)
    visit.desk.store.audit.add(visit.by.look("person_shown", about))
    shown = facts_of(kept.facts) if facts is None else facts
    values: dict[str, Any] = {
        "case": case,
        "kept": kept,
        "form": form_of(shown, visit.desk.words),
        "results": RESULTS,
        "chosen": visit.form.get("to", ""),
        "lowers": visit.may(Permission.LOWER),
        "problem": problem,
        "changed": changed_in(facts_of(kept.facts), shown, visit.desk.words),
        "note": visit.form.get("note", ""),
        "longest_note": LONGEST_NOTE,
    }
    return visit.show("correct.html", status=200 if problem is None else status, **values)


PAGES = (
    Page(CORRECT, "GET", Permission.CORRECT, correct_page),
    Page(CORRECT, "POST", Permission.CORRECT, correct),
    Page(OVERRIDE, "POST", Permission.CORRECT, override),
)
