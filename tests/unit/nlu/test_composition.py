"""Findings that are put together from parts within a clause."""

from __future__ import annotations

import pytest

from backline.nlu.composition import stand_together
from backline.nlu.lexicon import COMPOSED, read_yaml
from tests.understanding.labels import understander


def held(text: str) -> set[str]:
    return {
        str(f.value)
        for f in understander().read(text)
        if f.holds and f.kind in ("emergency_sign", "health_condition")
    }


@pytest.mark.parametrize(
    ("code", "like"),
    [(item["code"], item["like"]) for item in read_yaml(COMPOSED)["findings"]],
)
def test_each_rule_reads_its_example(code: str, like: str) -> None:
    composed = {
        f.value for f in understander().read(like) if f.holds and f.source == f"{COMPOSED}:{code}"
    }
    assert code in composed or code in held(like)


@pytest.mark.parametrize("item", read_yaml(COMPOSED)["findings"], ids=lambda item: item["like"])
def test_every_rule_has_at_least_two_parts(item: dict[str, list[str]]) -> None:
    assert len(item["parts"]) >= 2


@pytest.mark.parametrize(
    "text",
    [
        "my feet, both of them, have no feeling",
        "I have no feeling in my bottom and my legs",
        "there is hardly any sensation left in either foot",
        "legs: can't feel them properly. Feet are numb",
    ],
)
def test_parts_of_one_clause_stand_together(text: str) -> None:
    assert "both_legs" in held(text)


@pytest.mark.parametrize(
    "text",
    [
        "my hand is numb. My legs are fine",
        "my fingers went numb in the snow but my legs were good",
        "the tripod has three legs and my mind is numb from it",
        "we walked ten feet without a word, numb with cold",
        "no feeling of dread, and legs as strong as ever",
    ],
)
def test_parts_of_different_clauses_make_nothing(text: str) -> None:
    assert "both_legs" not in held(text)


def test_a_denied_composition_is_set_aside() -> None:
    text = "I don't have any numbness in both feet"
    assert "both_legs" not in held(text)


def test_words_that_overlap_in_part_do_not_stand_together() -> None:
    assert not stand_together(" both legs numb ", (1, 10), (6, 15))


def test_a_part_within_another_stands_with_it() -> None:
    assert stand_together(" cannot make my legs move ", (1, 25), (13, 20))


def test_more_than_six_words_part_what_stands_around_them() -> None:
    line = " legs one two three four five six seven numb "
    assert not stand_together(line, (1, 5), (line.index("numb"), len(line) - 1))
