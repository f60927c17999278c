"""From facts to the recommendation, or to the questions that still have to be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from backline.facts import Facts, Outcome, Slot, Urgency
from backline.policy.plans import Plan
from backline.policy.rules import POLICY_VERSION, RULES, Rule
from backline.policy.three_valued import Reason, Verdict


class Undecided(ValueError):
    """A deciding fact is neither known nor asked for; `slots` are the questions still owed."""

    def __init__(self, slots: frozenset[Slot]) -> None:
        self.slots = slots
        names = ", ".join(sorted(slot.value for slot in slots))
        super().__init__(f"not decided yet; still to ask: {names}")


@dataclass(frozen=True)
class Recommendation:
    """What Backline recommends and why.

    Attributes:
        rule: the deciding rule.
        also: every other rule that holds, in the policy's order.
        reasons: the patient's facts behind the deciding rule and the dangers among the others.
    """

    rule: Rule
    also: tuple[Rule, ...]
    reasons: tuple[Reason, ...]
    plan: Plan
    policy_version: str = POLICY_VERSION

    @property
    def outcome(self) -> Outcome:
        return self.rule.outcome

    @property
    def urgency(self) -> Urgency:
        return self.rule.urgency

    @property
    def rule_ids(self) -> list[str]:
        """Ids of all rules that hold, the deciding one first."""
        return [self.rule.id, *(rule.id for rule in self.also)]

    def to_json(self) -> dict[str, Any]:
        """The recommendation as JSON-ready data, reasons as codes."""
        return {
            "outcome": self.outcome.value,
            "urgency": self.urgency.value,
            "rules": self.rule_ids,
            "reasons": [{"code": reason.code, "value": reason.value} for reason in self.reasons],
            "plan": self.plan.to_json(),
            "policy_version": self.policy_version,
        }


_NEARNESS = {False: 0, None: 1, True: 2}

_Verdicts = list[tuple[Rule, Verdict]]


def _evaluate(facts: Facts) -> tuple[_Verdicts, int]:
    """All verdicts in order, and the place of the first rule that holds (the last always does)."""
    verdicts = [(rule, rule.when(facts)) for rule in RULES]
    first = next(i for i, (_, verdict) in enumerate(verdicts) if verdict.holds)
    return verdicts, first


def _waiting(verdicts: _Verdicts, first: int) -> frozenset[Slot]:
    deciding = verdicts[first][0]
    needs = [
        verdict.needs
        for rule, verdict in verdicts[:first]
        if verdict.holds is None and rule.result != deciding.result
    ]
    return frozenset().union(*needs)


def open_slots(facts: Facts) -> frozenset[Slot]:
    """The questions whose answers could still change the result; empty once it is decided."""
    return _waiting(*_evaluate(facts))


def leads_only_to_doctor(fact: str) -> bool:
    """Tell whether a yes can bring nothing but a doctor nearer.

    So it is where some rule is nearer to holding after a yes than after a no, while nothing else
    is known, and each of these rules sends to a doctor.

    Args:
        fact: a field of `Facts` that is true or false.
    """
    told: list[dict[str, Any]] = [{fact: True}, {fact: False}]
    after_yes, after_no = (replace(Facts(), **values) for values in told)
    nearer = [
        rule
        for rule in RULES
        if _NEARNESS[rule.when(after_yes).holds] > _NEARNESS[rule.when(after_no).holds]
    ]
    return bool(nearer) and all(rule.outcome is Outcome.DOCTOR_FIRST for rule in nearer)


def decide(facts: Facts) -> Recommendation:
    """Recommend by the first rule that holds.

    Raises:
        Undecided: an open question could still change the result.
    """
    verdicts, first = _evaluate(facts)
    still_open = _waiting(verdicts, first)
    if still_open:
        raise Undecided(still_open)
    rule, verdict = verdicts[first]
    # The last rule means "otherwise": it holds beside no other.
    holding = [(other, v) for other, v in verdicts[first + 1 : -1] if v.holds]
    reasons = sorted(verdict.reasons)
    if rule.outcome is Outcome.DOCTOR_FIRST:
        # Someone sent to a doctor hands over every danger found, not only the deciding one.
        for other, other_verdict in holding:
            if other.outcome is Outcome.DOCTOR_FIRST:
                reasons += sorted(other_verdict.reasons - set(reasons))
    also = tuple(other for other, _ in holding)
    return Recommendation(rule, also, tuple(reasons), rule.plan)
