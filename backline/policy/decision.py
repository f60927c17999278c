"""From facts to the recommendation, or to the questions that still have to be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from backline.facts import Facts, Outcome, Slot, Urgency
from backline.policy.conditions import examined, notes_for, severe
from backline.policy.follow_ups import FOLLOW_UPS
from backline.policy.plans import Plan
from backline.policy.rules import POLICY_VERSION, RULES, Rule
from backline.policy.three_valued import Need, Reason, Verdict


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
        notes: codes of what the therapist should know; none where a doctor comes first.
        check_first: the clinic's clinician looks before any hands-on work.
    """

    rule: Rule
    also: tuple[Rule, ...]
    reasons: tuple[Reason, ...]
    plan: Plan
    notes: tuple[str, ...] = ()
    check_first: bool = False
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
            "notes": list(self.notes),
            "check_first": self.check_first,
            "policy_version": self.policy_version,
        }


_NEARNESS = {False: 0, None: 1, True: 2}

_Verdicts = list[tuple[Rule, Verdict]]


def _evaluate(facts: Facts) -> tuple[_Verdicts, int]:
    """All verdicts in order, and the place of the first rule that holds (the last always does)."""
    verdicts = [(rule, rule.when(facts)) for rule in RULES]
    first = next(i for i, (_, verdict) in enumerate(verdicts) if verdict.holds)
    return verdicts, first


def _waiting(verdicts: _Verdicts, first: int) -> frozenset[Need]:
    deciding = verdicts[first][0]
    needs = [
        verdict.needs
        for rule, verdict in verdicts[:first]
        if verdict.holds is None and rule.result != deciding.result
    ]
    return frozenset().union(*needs)


def open_slots(facts: Facts) -> frozenset[Slot]:
    """The questions whose answers could still change the result; empty once it is decided."""
    return _slots(_waiting(*_evaluate(facts)))


def open_follow_up(facts: Facts) -> str | None:
    """Name the next follow-up, of `FOLLOW_UPS`, whose answer could still change the result."""
    waited_for = {need.follow_up for need in _waiting(*_evaluate(facts))}
    return next((name for name in FOLLOW_UPS if name in waited_for), None)


def urgency_so_far(facts: Facts) -> Urgency | None:
    """Give the urgency of the first rule that holds already and sends to a doctor.

    What is still to be asked may raise it; what is taken back or asked again may lower it.
    """
    doctors = (rule for rule in RULES if rule.outcome is Outcome.DOCTOR_FIRST)
    return next((rule.urgency for rule in doctors if rule.when(facts).holds), None)


def _slots(needs: frozenset[Need]) -> frozenset[Slot]:
    return frozenset(need.slot for need in needs)


def leads_only_to_doctor(fact: str) -> bool:
    """Tell whether a yes can bring nothing but an examination nearer.

    So it is where some rule is nearer to holding after a yes than after a no, while nothing else
    is known, and each of these rules sends to a doctor or has the clinic's clinician look first.

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
    return bool(nearer) and all(
        rule.outcome is Outcome.DOCTOR_FIRST or rule.check_first for rule in nearer
    )


def decide(facts: Facts) -> Recommendation:
    """Recommend by the first rule that holds.

    Raises:
        Undecided: an open question could still change the result.
    """
    verdicts, first = _evaluate(facts)
    still_open = _waiting(verdicts, first)
    if still_open:
        raise Undecided(_slots(still_open))
    rule, verdict = verdicts[first]
    # A doctor hears of an injury, too, of which nothing more had to be asked.
    closed = replace(facts, given_up=facts.given_up | {Slot.FOLLOW_UP})
    # The last rule means "otherwise": it holds beside no other.
    others = verdicts[first + 1 : -1]
    final = [(other, other.when(closed) if v.holds is None else v) for other, v in others]
    holding = [(other, v) for other, v in final if v.holds]
    reasons = sorted(verdict.reasons)
    if rule.outcome is Outcome.DOCTOR_FIRST:
        # Someone sent to a doctor hands over every danger found, not only the deciding one.
        for other, other_verdict in holding:
            if other.outcome is Outcome.DOCTOR_FIRST:
                reasons += sorted(other_verdict.reasons - set(reasons))
    also = tuple(other for other, _ in holding)
    if rule.outcome is Outcome.DOCTOR_FIRST:
        return Recommendation(rule, also, tuple(reasons), rule.plan)
    # Also where it is not known how far down the leg it goes.
    check_first = any(r.check_first and v.holds is not False for r, v in verdicts)
    # The clinic sees for itself what another doctor is said to have examined.
    check_first = check_first or (examined(facts) and severe(facts).holds is not False)
    return Recommendation(rule, also, tuple(reasons), rule.plan, notes_for(facts), check_first)
