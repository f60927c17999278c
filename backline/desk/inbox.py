"""The list of people who wrote, by urgency and age. The page looks for news by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, Response

from backline.desk.emergency_share import ALARM_DAYS, emergency_share
from backline.desk.roles import Permission
from backline.desk.visits import HOME, Page, Visit, fingerprint
from backline.desk.words import DeskWords
from backline.store import Case, Filters
from backline.store.cases import ALARM

ROWS = "/desk/inbox/rows"
ON_A_PAGE = 50
MOST_TASKS = 50
"""Call-backs that are listed; the longest waiting ones."""
MOST_PAGES = 10_000


@dataclass(frozen=True)
class Listed:
    """A line of the list: `unread` since whoever looks opened it, or never opened."""

    case: Case
    unread: bool
    alarm: bool


@dataclass(frozen=True)
class Chosen:
    """What the list shows: a code of each kind, or none; and which page of it, from 1."""

    urgency: str = ""
    outcome: str = ""
    channel: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: QueryParams, words: DeskWords) -> Chosen:
        """Read it from an address. What is not known counts as not chosen."""
        kinds = {"urgency": "urgencies", "outcome": "outcomes", "channel": "channels"}
        known = {k: query.get(k, "") for k, of in kinds.items() if query.get(k) in words.names(of)}
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        return cls(**known, page=min(max(number, 1), MOST_PAGES))

    def address(self, path: str = HOME, **others: Any) -> str:
        """Give the address of a list that differs from this one."""
        told = {name: v for name, v in {**vars(self), **others}.items() if v not in ("", 1)}
        return f"{path}?{urlencode(told)}" if told else path

    def filters(self, words: DeskWords) -> Filters:
        """Give what the store takes."""
        channels = words.stored_channels(self.channel) if self.channel else []
        return Filters(
            [self.urgency] if self.urgency else [],
            [self.outcome] if self.outcome else [],
            channels,
        )


def inbox(visit: Visit) -> Response:
    """Show the list, and keep that somebody looked at it."""
    chosen = Chosen.read(visit.request.query_params, visit.desk.words)
    visit.desk.store.audit.add(visit.by.look("inbox_shown", "-"))
    share = emergency_share(visit.desk, visit.now) if visit.may(Permission.READ_FIGURES) else None
    listed = _rows(visit, chosen)
    return visit.show("inbox.html", chosen=chosen, share=share, alarm_days=ALARM_DAYS, **listed)


def rows(visit: Visit) -> Response:
    """Show the lines again, if anything changed since the page had them; that look is kept, too."""
    chosen = Chosen.read(visit.request.query_params, visit.desk.words)
    told = _rows(visit, chosen)
    if told["version"] == visit.request.query_params.get("version"):
        # htmx leaves the page as it is: nobody who reads it is disturbed.
        return Response(status_code=204)
    visit.desk.store.audit.add(visit.by.look("inbox_shown", "-"))
    return HTMLResponse(visit.text("rows.html", chosen=chosen, **told))


def _rows(visit: Visit, chosen: Chosen) -> dict[str, Any]:
    desk = visit.desk
    skip = (chosen.page - 1) * ON_A_PAGE
    filters = chosen.filters(desk.words)
    reader = visit.member.id
    found = desk.store.cases.page(reader, filters, skip, ON_A_PAGE + 1)
    shown = found[:ON_A_PAGE]
    last_said = desk.store.talks.last_said([case.conversation_id for case in shown])
    listed = [_listed(case, last_said) for case in shown]
    more = len(found) > ON_A_PAGE
    standing = desk.store.takeovers.standing()
    asking = [
        desk.store.cases.reference_of(one.conversation_id)
        for one in standing
        if one.taken_by is None
    ]
    answering = {one.conversation_id: one.name for one in standing if one.taken_by is not None}
    # Of all, whatever the list shows.
    alarms = desk.store.cases.count_alarms()
    tasks = desk.store.call_backs.waiting(MOST_TASKS)
    more_tasks = desk.store.call_backs.count() - len(tasks) if len(tasks) == MOST_TASKS else 0
    in_trouble = desk.store.notices.count_in_trouble(visit.now)
    return {
        "listed": listed,
        "tasks": tasks,
        "more_tasks": more_tasks,
        "in_trouble": in_trouble,
        "more": more,
        "alarms": alarms,
        "asking": asking,
        "answering": answering,
        "version": fingerprint(
            repr((listed, more, alarms, asking, answering, tasks, more_tasks, in_trouble))
        ),
        "rows_path": ROWS,
    }


def _listed(case: Case, last_said: dict[str, Any]) -> Listed:
    latest = max(case.last_seen_at, last_said.get(case.conversation_id, case.last_seen_at))
    return Listed(case, case.read_at is None or latest > case.read_at, case.place == ALARM)


PAGES = (
    Page(HOME, "GET", Permission.SEE_PEOPLE, inbox),
    Page(ROWS, "GET", Permission.SEE_PEOPLE, rows, by_itself=True),
)
