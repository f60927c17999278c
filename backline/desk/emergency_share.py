"""How many of the latest results were emergencies, and whether that is more than the clinic set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from backline.desk.visits import Desk

ALARM_DAYS = 7
FEWEST = 20
"""Results of these days, below which a share of them says nothing."""


@dataclass(frozen=True)
class Share:
    """How many of a hundred results are emergencies, and from how many on that is an alarm."""

    percent: float
    allowed: int | None

    @property
    def alarming(self) -> bool:
        """Tell whether it is over what the clinic set."""
        return self.allowed is not None and self.percent > self.allowed


def emergency_share(desk: Desk, now: dt.datetime) -> Share | None:
    """Give the share of emergencies in the last days; None where too few results were told."""
    found, of = desk.store.figures.emergencies(now - dt.timedelta(days=ALARM_DAYS))
    if of < FEWEST:
        return None
    return Share(100 * found / of, desk.settings.clinic.emergency_alarm_percent)
