"""Dates of review as iCalendar (RFC 5545), whole days in the clinic's zone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator

from icalendar import Calendar, Event

from backline.desk.words import DeskWords
from backline.settings import Clinic
from backline.store.exports import DueReview

NAMESPACE = uuid.UUID("5f0d2b6e-3c1a-4c1e-9d53-6a2a7c3f8e10")
END = b"END:VCALENDAR\r\n"


def calendar_lines(
    reviews: Iterable[DueReview], clinic: Clinic, words: DeskWords, now: dt.datetime
) -> Iterator[bytes]:
    """Write a calendar of reviews; people stand in it by their reference."""
    calendar = Calendar()
    calendar.add("prodid", "-//Backline//Reviews//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{clinic.name}: reviews")
    yield calendar.to_ical().removesuffix(END)
    for review in reviews:
        yield _event(review, clinic, words, now).to_ical()
    yield END


def _event(review: DueReview, clinic: Clinic, words: DeskWords, now: dt.datetime) -> Event:
    kept, day = review.kept, review.due.astimezone(clinic.zone).date()
    person = f"{review.reference}, person {kept.patient}" if kept.patient > 1 else review.reference
    when = f"after massage {review.after_sessions}" if review.after_sessions else "at the latest"
    event = Event()
    event.add("uid", uuid.uuid5(NAMESPACE, f"{review.reference} {kept.id} {when}").urn)
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + dt.timedelta(days=1))
    event.add("summary", f"Review of {person} {when}")
    event.add("description", words.name("outcomes", kept.outcome))
    event.add("transp", "TRANSPARENT")
    return event
