"""What is over by its date, or has been so for years: an operation in February, an old heartburn.

A length of time sets aside where it is said (`context.py`); a date tells nothing until it is
compared with how long the thing counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from backline.facts import Finding, Status
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.whole_clauses import NEVER

COUNTS_FOR = {"recent_surgery": 42, "recent_spinal_procedure": 365, "urinary_signs": 42}
"""Days after which it is past (clinical policy); of the last only an infection that was had."""
NEAR = 45
"""Characters that may stand between it and its date."""
_MONTH, _SEASON = 30, 91
"""Days that "in February" and "in the summer" may be later than they are read."""
_SENTENCE_ENDS = re.compile(r"[.!?;\n]")
_IN_A_SEASON = re.compile(r"\b(?:spring|summer|autumn|fall|winter)\b")
_IN_A_MONTH = re.compile(r"\b(?:in|last|of|back in) [a-z]+\W*$")
_INFECTION = re.compile(r"infection|\buti|cystitis", re.IGNORECASE)
# "An infection last year, and this feels the same".
_AGAIN = re.compile(
    r"\b(?:same|again|similar|returned|came back|is back|coming back)\b", re.IGNORECASE
)
_AGO = re.compile(r" (?:ago|back)\b")


def set_old_aside(found: Sequence[Finding], text: str, line: str) -> list[Finding]:
    """Take for past what its date says is over, and a burning that is an old heartburn."""
    times = [f for f in found if f.kind == "time" and f.holds]
    dates = [f for f in found if f.kind == "duration" and f.holds and _AGO.match(text, f.end)]
    times += dates
    old_burn = any(f.value == "chest_pain" for f in found) and is_old_heartburn(line)
    return [
        replace(f, status=Status.PAST)
        if _is_over(f, times, text) or (old_burn and _burns(f))
        else f
        for f in found
    ]


def _is_over(finding: Finding, times: Sequence[Finding], text: str) -> bool:
    limit = COUNTS_FOR.get(str(finding.value))
    if limit is None or finding.kind != "health_condition" or not finding.holds:
        return False
    if finding.value == "urinary_signs" and (
        not _INFECTION.search(finding.text) or _AGAIN.search(text, finding.end)
    ):
        return False
    dates = [t for t in times if _is_its_date(finding, t, text)]
    return bool(dates) and all(_days_at_least(t) > limit for t in dates)


def _is_its_date(finding: Finding, time: Finding, text: str) -> bool:
    between = text[finding.end : time.start] or text[time.end : finding.start]
    if len(between) > NEAR or _SENTENCE_ENDS.search(between):
        return False
    # "A bladder infection since the summer" is still there.
    still = text[: time.start].lower().rstrip().endswith(("since", "from", "for"))
    return not still and not time.text.lower().startswith(("since", "for", "from"))


def _days_at_least(time: Finding) -> float:
    """Count the days of a date at its latest."""
    said = time.text.lower()
    if _IN_A_SEASON.search(said):
        return float(time.value) - _SEASON
    return float(time.value) - (_MONTH if _IN_A_MONTH.search(said) else 0)


class _Heartburn:
    """The compiled words of `aside.yml`."""

    def __init__(self) -> None:
        data: dict[str, Any] = read_yaml("aside.yml")
        self.acid, self.long, self.unless = (
            compile_all(data[name], data["sets"]) or NEVER
            for name in ("heartburn", "heartburn_for_long", "heartburn_unless")
        )


@lru_cache(maxsize=1)
def _heartburn() -> _Heartburn:
    return _Heartburn()


def is_old_heartburn(line: str) -> bool:
    """Tell whether a message tells of acid known for years, and of nothing of the heart."""
    words = _heartburn()
    told = words.acid.search(line) and words.long.search(line)
    return bool(told) and words.unless.search(line) is None


def _burns(finding: Finding) -> bool:
    burns = "burn" in finding.text.lower()
    return burns and finding.kind == "emergency_sign" and finding.value == "chest_pain"
