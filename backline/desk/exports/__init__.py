"""What the clinic takes out: assessments as CSV and FHIR R4, dates of review as iCalendar.

Each is made line by line, so that a large one needs no more memory than a small one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from backline.desk.words import DeskWords
from backline.settings import Clinic
from backline.store import By, Store


class ExportKind(str, Enum):
    """What can be taken out."""

    CSV = "csv"
    FHIR = "fhir"
    ICAL = "ical"


@dataclass(frozen=True)
class Export:
    """What is taken out, and of whom.

    Attributes:
        since: only assessments from then on; None for all.
    """

    kind: ExportKind
    since: dt.datetime | None
    by: By


CONTENT_TYPES: Mapping[ExportKind, str] = {
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.FHIR: "application/fhir+json; charset=utf-8",
    ExportKind.ICAL: "text/calendar; charset=utf-8",
}
ENDINGS: Mapping[ExportKind, str] = {
    ExportKind.CSV: "csv",
    ExportKind.FHIR: "json",
    ExportKind.ICAL: "ics",
}


def begin_export(store: Store, clinic: Clinic, words: DeskWords, export: Export) -> Iterator[bytes]:
    """Keep in the audit log that it is taken out, and give it portion by portion.

    Raises:
        StoreUnavailable: the database does not answer; nothing is given.
    """
    store.audit.add(export.by.look(f"{export.kind.value}_exported", "-"))
    return _MAKERS[export.kind](store, clinic, words, export)


def begin_of_day(day: dt.date, clinic: Clinic) -> dt.datetime:
    """Give the moment at which a day begins at the clinic."""
    return dt.datetime.combine(day, dt.time(), clinic.zone)


def _csv(store: Store, clinic: Clinic, words: DeskWords, export: Export) -> Iterator[bytes]:
    from backline.desk.exports.tables import csv_lines

    return csv_lines(store.exports.assessments(export.since), clinic, words)


def _fhir(store: Store, clinic: Clinic, words: DeskWords, export: Export) -> Iterator[bytes]:
    # The library's models take a second to load, which no page of the desk is to wait for.
    from backline.desk.exports.fhir import bundle_lines

    return bundle_lines(store.exports.assessments(export.since), clinic, words, export.by.at)


def _ical(store: Store, clinic: Clinic, words: DeskWords, export: Export) -> Iterator[bytes]:
    from backline.desk.exports.calendars import calendar_lines

    return calendar_lines(store.exports.reviews(export.since), clinic, words, export.by.at)


_Maker = Callable[[Store, Clinic, DeskWords, Export], Iterator[bytes]]
_MAKERS: Mapping[ExportKind, _Maker] = {
    ExportKind.CSV: _csv,
    ExportKind.FHIR: _fhir,
    ExportKind.ICAL: _ical,
}
