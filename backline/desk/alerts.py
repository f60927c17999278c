"""Notifications of the browser: who may have which, and what one stream has told already."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

from backline.clock import in_hours
from backline.desk.visits import Desk
from backline.store import By, Role
from backline.store.alerts import Alert
from backline.store.notices import EMERGENCY, VIOLENCE

AT_ANY_HOUR = frozenset({EMERGENCY, VIOLENCE})
"""What quiet hours do not hold back."""


class ToldAlerts:
    """What is still to be told to one page.

    Args:
        known: what its browser has, as `mark` gave it; None for one that begins now.
    """

    def __init__(self, desk: Desk, known: str | None) -> None:
        self._desk = desk
        self._told = None if known is None else set(known.split(".")) - {""}

    @property
    def mark(self) -> str:
        """Name what was told, for the browser to give at its next stream."""
        return ".".join(sorted(self._told or ()))

    def look(self, role: Role, by: By) -> list[bytes]:
        """Find what is new since the last look, as events of the stream.

        Args:
            by: who is told; the audit log keeps of whom.
        """
        now = self._desk.clock()
        found = self._desk.store.alerts.latest(now)
        told = self._told
        # What is too old to be found again need not be known any more.
        self._told = {alert.key for alert in found}
        if told is None:
            return []
        may = self._may(role, now)
        new = [alert for alert in found if alert.key not in told and alert.event in may]
        by = dataclasses.replace(by, at=now)
        for alert in new:
            self._desk.store.audit.add(by.look("notified", alert.reference))
        return [self._event(alert) for alert in new]

    def _may(self, role: Role, now: dt.datetime) -> set[str]:
        clinic = self._desk.settings.clinic
        may = set(clinic.notify_of.get(role.value, ()))
        quiet = clinic.notices.quiet if clinic.notices is not None else None
        is_quiet = quiet is not None and in_hours(now.astimezone(clinic.zone), quiet)
        return may & AT_ANY_HOUR if is_quiet else may

    def _event(self, alert: Alert) -> bytes:
        # Nothing of the person but the reference: it may stand on a locked screen.
        told = {
            "key": alert.key,
            "title": self._desk.words.name("notices", alert.event),
            "reference": alert.reference,
        }
        return f"event: alert\ndata: {json.dumps(told)}\n\n".encode()
