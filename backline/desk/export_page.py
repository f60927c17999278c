"""Taking out assessments and dates of review, by who may see all people."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from backline.desk.exports import (
    CONTENT_TYPES,
    ENDINGS,
    Export,
    ExportKind,
    begin_export,
    begin_of_day,
)
from backline.desk.roles import Permission
from backline.desk.visits import Page, Visit
from backline.failures import describe

logger = logging.getLogger(__name__)

EXPORT = "/desk/export"
NO_KIND = "Please choose what to take out."
NO_DAY = "Please write the day like 2026-12-31, or leave it empty."


class ExportBroken(RuntimeError):
    """An export ended before its end; what broke is in the log."""


def export_page(visit: Visit) -> Response:
    """Ask what to take out."""
    return _ask(visit, None)


def export(visit: Visit) -> Response:
    """Send it as a file, once it is kept who took it."""
    clinic = visit.desk.settings.clinic
    kind = visit.form.get("kind", "")
    if kind not in {one.value for one in ExportKind}:
        return _ask(visit, NO_KIND)
    try:
        day = visit.form.get("since", "").strip()
        since = begin_of_day(dt.date.fromisoformat(day), clinic) if day else None
    except (ValueError, OverflowError):
        return _ask(visit, NO_DAY)
    wanted = Export(ExportKind(kind), since, visit.by)
    portions = begin_export(visit.desk.store, clinic, visit.desk.words, wanted)
    today = visit.now.astimezone(clinic.zone).date()
    name = f"backline-{today.isoformat()}.{ENDINGS[wanted.kind]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(
        _told(portions), media_type=CONTENT_TYPES[wanted.kind], headers=headers
    )


def _told(portions: Iterator[bytes]) -> Iterator[bytes]:
    """Break off where something fails, so that the browser knows the file is not whole."""
    try:
        yield from portions
    except Exception as error:  # noqa: BLE001 - its text may quote what a patient said
        logger.error("An export of the desk broke off: %s", describe(error))
        raise ExportBroken("the export broke off") from None


def _ask(visit: Visit, problem: str | None) -> Response:
    status = 200 if problem is None else 422
    since = visit.form.get("since", "")
    return visit.show("export.html", status=status, problem=problem, since=since)


PAGES = (
    Page(EXPORT, "GET", Permission.EXPORT, export_page),
    Page(EXPORT, "POST", Permission.EXPORT, export),
)
