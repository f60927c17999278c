"""Talking with a person: staff take a conversation over, answer in it, and hand it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from starlette.responses import HTMLResponse, Response

from backline.delivery_errors import WINDOW_HOURS
from backline.desk.canned import LONGEST_ANSWER
from backline.desk.person import PERSON, find_case, nobody
from backline.desk.roles import Permission
from backline.desk.talk import talk_of
from backline.desk.tokens import new_token
from backline.desk.visits import Page, Visit, go
from backline.store import Case

TALK = f"{PERSON}/talk"
LONGEST_HAND_BACK = 500
LONGEST_FORM_NAME = 64
TAKEN_MEANWHILE = "Somebody else was faster. See below who has the conversation."
NOT_YOURS = (
    "You do not have this conversation any more, so nothing was sent. Your answer is kept below."
)
ANSWER_MISSING = "Please write an answer, or choose one."
ANSWER_TOO_LONG = f"Please shorten the answer to {LONGEST_ANSWER} characters."
ANSWER_UNSENT = "You have an answer that is not sent. Send it or clear it, then hand back."
NOTE_TOO_LONG = f"Please shorten the note to {LONGEST_HAND_BACK} characters."
OPTED_OUT = "They asked for no more messages, so nothing can be sent to them here."
WINDOW_CLOSED = (
    "This service takes messages to somebody for {hours} hours after their last one. That time is "
    "over: nothing can be sent until they write again."
)
UNKNOWN = "Where they write from is not known any more, so nothing can be sent to them."
BY_PHONE = "They called, so nobody can write to them here."
REFUSED = (
    "They did not agree to storing: what they write would not be kept, and nobody could read it."
)


def form_of(visit: Visit, case: Case, **values: str) -> dict[str, Any]:
    """Give what the form shows in which staff write."""
    return {
        "unreachable": why_unreachable(visit, case),
        "canned": visit.desk.words.canned,
        "once": new_token(),
        "longest_answer": LONGEST_ANSWER,
        "longest_hand_back": LONGEST_HAND_BACK,
        "answer": "",
        "hand_back_note": "",
        **values,
    }


def why_unreachable(visit: Visit, case: Case) -> str:
    """Say why nothing can be sent to somebody; "" if it can."""
    if visit.desk.words.is_phone(case.channel):
        return BY_PHONE
    if case.agreed is False:
        return REFUSED
    if not visit.desk.words.is_messaging(case.channel):
        return ""
    person = visit.desk.store.queues.load(case.conversation_id, visit.now).person
    if person is None:
        return UNKNOWN
    if person.opted_out_at is not None:
        return OPTED_OUT
    hours = WINDOW_HOURS.get(case.channel)
    if hours is not None and visit.now - person.last_message_at > dt.timedelta(hours=hours):
        return WINDOW_CLOSED.format(hours=hours)
    return ""


def news(visit: Visit) -> Response:
    """Show what was said again, if anything changed, once it is kept that somebody looks."""
    case = find_case(visit)
    if case is None:
        return Response(status_code=204)
    told = talk_of(visit, case)
    if told["version"] == visit.request.query_params.get("version"):
        return Response(status_code=204)
    visit.desk.store.cases.mark_read(case.conversation_id, visit.member.id, visit.by)
    return HTMLResponse(visit.text("talk.html", case=case, **told))


def take_over(visit: Visit) -> Response:
    """Take a conversation over, from the bot or from who has it."""
    case = find_case(visit)
    if case is None:
        return nobody(visit)
    problem = why_unreachable(visit, case)
    if problem:
        return _show(visit, case, 409, problem)
    given = visit.form.get("instead_of", "")
    instead_of = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    notice = visit.desk.words.bot.say("utter_staff_here")
    takeovers = visit.desk.store.takeovers
    if takeovers.take(case.conversation_id, visit.member.id, notice, visit.by, instead_of):
        return _back(case)
    return _show(visit, case, 409, TAKEN_MEANWHILE)


def say(visit: Visit) -> Response:
    """Send what staff wrote."""
    case, answer = find_case(visit), visit.form.get("answer", "").strip()
    if case is None:
        return nobody(visit)
    if not answer or len(answer) > LONGEST_ANSWER:
        return _again(visit, case, 422, ANSWER_TOO_LONG if answer else ANSWER_MISSING)
    problem = why_unreachable(visit, case)
    if problem:
        return _again(visit, case, 409, problem)
    form = visit.form.get("once", "")[:LONGEST_FORM_NAME] or new_token()
    takeovers, me = visit.desk.store.takeovers, visit.member.id
    name = _name_for_people(visit)
    if takeovers.write(case.conversation_id, me, name, answer, form, visit.by):
        return _back(case)
    return _again(visit, case, 409, NOT_YOURS)


def put_in(visit: Visit) -> Response:
    """Put an answer of the clinic's file behind what is written already."""
    case = find_case(visit)
    if case is None:
        return nobody(visit)
    chosen, canned = visit.form.get("canned", ""), visit.desk.words.canned
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else -1
    if not 0 <= number < len(canned):
        return _again(visit, case, 422, ANSWER_MISSING)
    written = visit.form.get("answer", "").strip()
    both = "\n\n".join(filter(None, (written, canned[number].text)))
    return _again(visit, case, 200, None, answer=both)


def hand_back(visit: Visit) -> Response:
    """Give a conversation back to the bot, with what it is to say before it goes on."""
    case, note = find_case(visit), visit.form.get("hand_back_note", "").strip()
    if case is None:
        return nobody(visit)
    if visit.form.get("answer", "").strip():
        return _again(visit, case, 409, ANSWER_UNSENT)
    if len(note) > LONGEST_HAND_BACK:
        return _again(visit, case, 422, NOTE_TOO_LONG)
    bot, takeovers = visit.desk.words.bot, visit.desk.store.takeovers
    words = bot.say("utter_staff_back", note=note) if note else bot.say("utter_staff_back_bare")
    if takeovers.hand_back(case.conversation_id, visit.member.id, words, visit.by):
        return _back(case)
    return _again(visit, case, 409, TAKEN_MEANWHILE)


def _back(case: Case) -> Response:
    return go(TALK.replace("{reference}", case.reference))


def _name_for_people(visit: Visit) -> str:
    """Say by which name a person sees who writes."""
    bot, staff = visit.desk.words.bot, visit.desk.settings.clinic.staff
    if staff is None or not staff.show_names:
        return bot.say("utter_staff_unnamed")
    return bot.say("utter_staff_named", who=visit.member.name.split()[0])


def _again(visit: Visit, case: Case, status: int, problem: str | None, **changed: str) -> Response:
    """Show the page with all that was written still there."""
    kept = {name: visit.form.get(name, "") for name in ("answer", "hand_back_note")}
    return _show(visit, case, status, problem, **{**kept, **changed})


def _show(visit: Visit, case: Case, status: int, problem: str | None, **written: str) -> Response:
    visit.desk.store.cases.mark_read(case.conversation_id, visit.member.id, visit.by)
    return visit.show(
        "talking.html",
        status=status,
        case=case,
        problem=problem,
        **talk_of(visit, case),
        **form_of(visit, case, **written),
    )


def show(visit: Visit) -> Response:
    """Show the conversation alone, with room to write."""
    case = find_case(visit)
    return nobody(visit) if case is None else _show(visit, case, 200, None)


PAGES = (
    Page(TALK, "GET", Permission.SEE_PEOPLE, show),
    Page(f"{TALK}/news", "GET", Permission.SEE_PEOPLE, news, by_itself=True, beside_a_form=True),
    Page(f"{TALK}/take", "POST", Permission.TALK, take_over),
    Page(f"{TALK}/say", "POST", Permission.TALK, say),
    Page(f"{TALK}/put-in", "POST", Permission.TALK, put_in),
    Page(f"{TALK}/hand-back", "POST", Permission.TALK, hand_back),
)
