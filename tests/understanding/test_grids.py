"""Ordinary ways to tell each sign and condition are read, whatever parts they are made of."""

from __future__ import annotations

import pytest

from backline.facts import EmergencySign, HealthCondition
from tests.understanding.grids import grids, reached, sampled

SIGNS = frozenset(sign.value for sign in EmergencySign)
SAMPLE = 60
"""Sentences of a code; `make eval` reads all."""
OF_CONDITIONS = 0.97


@pytest.mark.parametrize("code", sorted(grids()))
def test_what_a_grid_tells_is_read(code: str) -> None:
    counts = reached({code: sampled(SAMPLE)[code]})[code]
    least = 1.0 if code in SIGNS else OF_CONDITIONS
    assert counts.recall >= least, counts.missed[:10]


def test_there_are_grids_for_every_emergency_sign() -> None:
    assert grids().keys() >= SIGNS


def test_grids_name_codes_that_there_are() -> None:
    known = SIGNS | {condition.value for condition in HealthCondition}
    assert {code for told in grids().values() for one in told for code in one.codes} <= known


def test_there_are_enough_sentences_and_none_twice() -> None:
    texts = [one.text for told in grids().values() for one in told]
    assert len(texts) >= 8000
    assert all(len({one.text for one in told}) == len(told) for told in grids().values())


def test_a_sample_is_the_same_each_time() -> None:
    assert sampled(5) == sampled(5)
