"""Learn how sure a recogniser has to be, from what it told in calls and what callers said to that.

Recognisers mean different things by 0.7. What was not heard surely is read back, and the caller
says whether it is right: that tells what a number of this recogniser is worth. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backline.phone.dialogue.wording import Thresholds

ENOUGH = 50
"""Answers that were judged by callers, before anything is learnt."""
RIGHT_IF_SURE, RIGHT_IF_FAIR = 0.95, 0.7
"""Shares of right ones among what counts as it is, and among what answers a question at all."""
ENOUGH_AT_A_LEVEL = 20
NOISE_SHARE = 0.02
"""The share of what was confirmed that may lie below the lowest threshold."""


@dataclass(frozen=True)
class Judged:
    """An answer that was read back, and judged.

    Attributes:
        right: whether the caller said that it is.
    """

    confidence: float
    right: bool


def learn(judged: Sequence[Judged], usual: Thresholds, least: Thresholds) -> Thresholds | None:
    """Learn the thresholds of a recogniser; None where too little was judged.

    A threshold is lowered where answers above the new one were right as often as they have to be,
    and raised where those above the usual one were not.

    Args:
        usual: what holds without learning.
        least: what none of them goes below, whatever was judged.
    """
    if len(judged) < ENOUGH:
        return None
    sure = _lowest(judged, RIGHT_IF_SURE, least.sure, usual.sure)
    fair = min(_lowest(judged, RIGHT_IF_FAIR, least.fair, usual.fair), sure)
    right = sorted(one.confidence for one in judged if one.right)
    lowest = right[int(NOISE_SHARE * len(right))] if right else usual.floor
    floor = min(max(least.floor, lowest), usual.floor, fair)
    return Thresholds(*(round(value, 2) for value in (floor, fair, sure)))


def _lowest(judged: Sequence[Judged], share: float, least: float, usual: float) -> float:
    """Find the lowest threshold from `least` on above which enough was right, in steps of 0.01."""
    steps = [least + step / 100 for step in range(round((1.0 - least) * 100))]
    for threshold in steps:
        above = [one.right for one in judged if one.confidence >= threshold]
        near = [one.right for one in judged if threshold <= one.confidence < threshold + 0.1]
        if len(above) >= ENOUGH_AT_A_LEVEL and _right(above) >= share and _right(near) >= share:
            return threshold
    return usual


def _right(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers) if answers else 1.0
