"""An age, or a word about something else, in the sentence of a danger sign hides no sign."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def told(text: str) -> set[str]:
    found = (f for f in READER.read(text) if f.holds)
    return {str(f.value) for f in found if f.kind in ("emergency_sign", "health_condition")}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I'm 58 years old and my waterworks are slow since saturday", "bladder_change"),
        ("61 years, my water takes ages since Friday", "bladder_change"),
        ("waterworks a bit slow to get going, but that's the codeine", "bladder_change"),
        ("Nah. Waterworks slow since saturday, codeine always bungs me up", "bladder_change"),
        ("I have to push to get my flow going, I always said it's age", "bladder_change"),
        ("I am 47 years old and my bladder has gone haywire", "bladder_change"),
        ("is the waterworks thing worth mentioning? can only dribble", "bladder_change"),
        ("none, just down the legs a bit", "both_legs"),
        ("nope, only in my thighs but down the legs", "both_legs"),
    ],
)
def test_it_is_read_all_the_same(text: str, sign: str) -> None:
    assert sign in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "my waterworks have been slow for years",
        "my water takes ages, it has always been like that",
        "for about ten years my waterworks have been slow",
        "my bladder acts up, has done for over 20 years",
    ],
)
def test_what_is_old_is_no_new_sign(text: str) -> None:
    assert "bladder_change" not in told(text)
