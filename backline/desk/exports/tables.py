"""Assessments as CSV, one a line, for a spreadsheet or statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from backline.desk.words import DeskWords
from backline.settings import Clinic
from backline.store.exports import ExportedAssessment

DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, some of them in wide letters, too."""
ABOUT = ("reference", "patient", "channel", "told_at", "outcome", "urgency", "rules", "corrected")
LISTS = ("emergency_signs", "health_conditions", "checked", "given_up")
PLAN = ("massage_sessions", "weeks", "review_after_sessions", "review_after_weeks", "therapies")
VERSIONS = ("postponed_until", "emergency_ended", "policy_version", "model_version")


def csv_lines(
    assessments: Iterable[ExportedAssessment], clinic: Clinic, words: DeskWords
) -> Iterator[bytes]:
    """Write assessments as CSV (RFC 4180), times in the clinic's zone; codes stay codes."""
    facts = list(words.names("facts"))
    plan = [f"plan_{name}" for name in PLAN]
    yield _line([*ABOUT, *facts, *LISTS, *plan, *VERSIONS])
    for one in assessments:
        kept = one.kept
        about = [one.reference, kept.patient, one.channel]
        about += [kept.created_at.astimezone(clinic.zone).isoformat(timespec="seconds")]
        about += [kept.outcome, kept.urgency, kept.rules, one.corrected]
        told = [kept.facts.get(name) for name in (*facts, *LISTS)]
        planned = [kept.plan.get(name) for name in (*PLAN, "postponed_until")]
        rest = [kept.emergency_ended, kept.policy_version, kept.model_version]
        yield _line([*about, *told, *planned, *rest])


def _line(cells: Iterable[Any]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([_cell(cell) for cell in cells])
    return written.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text
