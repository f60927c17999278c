"""Precision, recall and F1 of facts over labelled utterances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.understanding.labels import CODE_SETS, Utterance, agrees, heard, learned


@dataclass
class Score:
    """Counts for one fact or code; a wrong value counts as missed and as false."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """1 where nothing was claimed."""
        claimed = self.right + self.false
        return self.right / claimed if claimed else 1.0

    @property
    def recall(self) -> float:
        """1 where nothing was to be found."""
        told = self.right + self.missed
        return self.right / told if told else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 1 where nothing was told or claimed."""
        told = 2 * self.right + self.false + self.missed
        return 2 * self.right / told if told else 1.0


@dataclass
class Mistake:
    """One utterance that was understood otherwise than labelled."""

    utterance: Utterance
    faults: list[str]


@dataclass
class FactScores:
    """Scores by fact and by code, and the mistakes behind them."""

    facts: dict[str, Score] = field(default_factory=dict)
    codes: dict[str, Score] = field(default_factory=dict)
    topics: dict[str, Counter[str]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def score(utterances: Iterable[Utterance]) -> FactScores:
    """Hear each utterance by itself and compare with its labels."""
    scores = FactScores()
    for utterance in utterances:
        faults = _faults(utterance, scores)
        counts = scores.topics.setdefault(utterance.topic, Counter())
        counts["all"] += 1
        counts["right"] += not faults
        if faults:
            scores.mistakes.append(Mistake(utterance, faults))
    return scores


def _faults(utterance: Utterance, scores: FactScores) -> list[str]:
    conversation = heard(utterance)
    got = learned(utterance, conversation.facts)
    faults = []
    for name in sorted({*got, *utterance.facts}):
        if name in utterance.maybe:
            continue
        if name in CODE_SETS:
            faults += _code_faults(utterance, name, got.get(name, frozenset()), scores)
            continue
        fact = scores.facts.setdefault(name, Score())
        expected = utterance.facts.get(name)
        if expected is not None and agrees(expected, got.get(name)):
            fact.right += 1
            continue
        fact.missed += expected is not None
        fact.false += name in got
        faults.append(f"{name}: {got.get(name)}, not {expected}")
    if utterance.answered is not None:
        answered = scores.facts.setdefault("checklist answered", Score())
        settled = utterance.asked in conversation.facts.checked
        answered.right += settled and utterance.answered
        answered.false += settled and not utterance.answered
        answered.missed += utterance.answered and not settled
        if settled is not utterance.answered:
            faults.append(f"checklist answered: {settled}")
    return faults


def _code_faults(
    utterance: Utterance, name: str, got: frozenset[str], scores: FactScores
) -> list[str]:
    expected = utterance.facts.get(name, frozenset())
    fact = scores.facts.setdefault(name, Score())
    faults = []
    for code in sorted(expected | got):
        if code in utterance.maybe:
            continue
        for counts in (fact, scores.codes.setdefault(code, Score())):
            counts.right += code in expected and code in got
            counts.missed += code in expected and code not in got
            counts.false += code not in expected and code in got
        if code not in got:
            faults.append(f"missed {code}")
        elif code not in expected:
            faults.append(f"false {code}")
    return faults
