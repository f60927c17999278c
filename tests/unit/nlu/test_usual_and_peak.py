"""The usual strength counts, and not that of a movement or a bad time beside it."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def strengths(text: str) -> list[int]:
    return [f.value for f in READER.read(text) if f.kind == "severity" and f.holds]


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("About a 3, 8 on bad nights", 3),
        ("it's like a 5, sometimes 7 in the mornings", 5),
        ("when it spasms it's a 9 otherwise 3ish", 3),
        ("the pain is a 4, an 8 when I bend", 4),
    ],
)
def test_beside_a_peak_the_other_strength_is_the_usual_one(text: str, usual: int) -> None:
    assert strengths(text) == [usual]


@pytest.mark.parametrize("text", ["it's an 8 when I move", "8 on bad days", "9 in the morning"])
def test_a_peak_alone_counts(text: str) -> None:
    assert len(strengths(text)) == 1


def test_what_fits_is_no_fit() -> None:
    assert "epilepsy" not in {f.value for f in READER.read("you said massage fits, which is it")}


def test_no_other_illness_is_denied() -> None:
    denied = {f.value for f in READER.read("no other illness") if not f.holds}
    assert "other_symptom" in denied
