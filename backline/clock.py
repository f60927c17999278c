"""What time it is."""

from __future__ import annotations

import datetime as dt


def utcnow() -> dt.datetime:
    """Return the time in UTC, with its zone."""
    return dt.datetime.now(dt.timezone.utc)
