"""When staff may be told: quiet hours, and the morning's digest."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from backline.clock import in_hours

DIGEST_WITHIN = dt.timedelta(hours=3)
"""How long after its time a digest is still sent, as after a server stood still."""


def told_from(
    now: dt.datetime, quiet: tuple[dt.time, dt.time] | None, zone: ZoneInfo
) -> dt.datetime:
    """Tell when something that can wait may be told: now, or when the quiet hours end."""
    if quiet is None:
        return now
    begins, ends = quiet
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    if not in_hours(local, quiet):
        return now
    day = local.date() + dt.timedelta(days=1 if begins > ends and clock >= begins else 0)
    return dt.datetime.combine(day, ends, zone).astimezone(dt.timezone.utc)


def digest_due(now: dt.datetime, at: dt.time | None, zone: ZoneInfo) -> dt.date | None:
    """Tell of which day the digest is due; None if none is."""
    if at is None:
        return None
    local = now.astimezone(zone)
    begins = dt.datetime.combine(local.date(), at, zone)
    return local.date() if begins <= local < begins + DIGEST_WITHIN else None
