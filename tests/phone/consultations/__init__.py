"""Whole consultations, invented, with what is true of them, and how a review is counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backline.nlu import Understander
from backline.phone.review.review import DENIED, Review, review
from backline.phone.review.transcripts import read_call
from backline.phone.text.birth_dates import Calendar

FOLDER = Path(__file__).parent
TRUE: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "true.yml").read_text("utf-8"))
BESIDE = frozenset({"emergency_signs", "health_conditions", "checked", "details", "ticked"})
TODAY = dt.date(2026, 11, 27)
READ = Understander(lambda: TODAY).read


@dataclass(frozen=True)
class Counted:
    """What a review has wrong: `wrong` is false, `missed` was told and not found.

    Attributes:
        denied_but_told: signs that were told, or may have been, and are filed as denied.
        wrongly_denied: lines that nobody denied, and nobody told.
        wrong: facts with another value than the true one, signs that nobody told.
        missed: facts and signs that were told and not found.
        undenied: lines that were plainly denied, and are not filed so.
    """

    denied_but_told: list[str]
    wrongly_denied: list[str]
    wrong: list[str]
    missed: list[str]
    undenied: list[str]


@cache
def reviewed(name: str) -> Review:
    """Review a consultation of this folder."""
    call, _ = read_call((FOLDER / f"{name}.txt").read_text("utf-8"), READ)
    return review(call, READ, Calendar(TODAY))


def denied_in(found: Review) -> set[str]:
    """Tell the lines that a review files as denied."""
    return {e.about for e in found.evidence if e.value == DENIED and not e.superseded}


def counted(name: str) -> Counted:
    """Count a review of a consultation against what is true."""
    true = TRUE[name]
    found = reviewed(name)
    facts = {k: v for k, v in found.facts.to_json().items() if k not in BESIDE}
    told = {code.value for code in (*found.facts.emergency_signs, *found.facts.health_conditions)}
    signs, may = set(true.get("signs", ())), set(true.get("may", ()))
    denials, may_deny = set(true.get("denied", ())), set(true.get("may_deny", ()))
    denied = denied_in(found)
    right = {**true.get("also", {}), **true["facts"]}
    wrong = {k: v for k, v in facts.items() if k not in right or v not in _values(right[k])}
    missed = [k for k, v in true["facts"].items() if k not in facts and None not in _values(v)]
    return Counted(
        sorted(denied & (signs | may) - may_deny),
        sorted(denied - signs - may - denials - may_deny),
        [*(f"{k}: {v}" for k, v in wrong.items()), *sorted(told - signs - may)],
        [*missed, *sorted(signs - told)],
        sorted(denials - denied),
    )


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
