"""What time it is."""

from __future__ import annotations

import datetime as dt


def in_hours(local: dt.datetime, hours: tuple[dt.time, dt.time]) -> bool:
    """Tell whether a moment of a clinic's clock lies in hours, which may go over midnight."""
    clock, (begins, ends) = local.time().replace(tzinfo=None), hours
    if begins > ends:
        return clock >= begins or clock < ends
    return begins <= clock < ends


def utcnow() -> dt.datetime:
    """Return the time in UTC, with its zone."""
    return dt.datetime.now(dt.timezone.utc)
