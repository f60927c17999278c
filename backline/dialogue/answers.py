"""Bare answers ("yes", "5", "the second one"), read by the question that waits for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from backline.dialogue.questions import (
    CHECKLIST_ITEMS,
    CONDITION_ITEMS,
    LEG_ITEM,
    NUMBERED_ONCE,
    QUESTIONS,
    SIGN_ITEMS,
    alike,
    spec_of,
)
from backline.dialogue.volunteered import take_massage, usual_in_words, values_of
from backline.facts import (
    BARE_AGES,
    BEGINS_MESSAGE,
    MAX_AGE_YEARS,
    PARTED,
    EmergencySign,
    Facts,
    Finding,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Slot,
    Status,
)
from backline.policy.checklists import BACK_FACTS, CODES, SPASM, codes_present
from backline.policy.conditions import MAY_BE_NOTES
from backline.policy.follow_ups import FOLLOW_UPS, INJURY, PAIN, TOLD_BY_LINE
from backline.replies import SKIP

NOTHING = frozenset({"no", "none", "all_good"})
COUNTED = frozenset(
    {"age", "duration", "duration_unit", "massage_sessions", "number", "severity", "time"}
)
"""Kinds of findings that are numbers, or times."""
DENIALS_FOR_ALL = 3
"""Who denies this many lines of a checklist, one by one, has gone through it."""
LISTED = frozenset({"emergency_sign", "health_condition"})
"""Kinds of findings that checklists ask for."""
OWN_KINDS = {"injury": INJURY, "spasm": SPASM, "leg_detail": LEG_ITEM}
"""Kinds of findings that tell a line which is a fact of its own, by that line."""
DAYS_A_YEAR = 365
LEAST_AGE_IN_YEARS = 12
"""From so many years on, "57 years" beside nothing else is an age where that was asked."""
NEVER_A_STRENGTH = 40
"""Numbers of 40 and more next to a rating are years, doses or weights, not severities."""


def reply_in(findings: Iterable[Finding]) -> str | None:
    """Read the bare answer of a message: yes, no, none, all_good or dont_know."""
    return next((str(f.value) for f in findings if f.kind == "answer"), None)


def agreement_in(findings: Iterable[Finding]) -> bool | None:
    """Tell whether the person agrees to go on; None where neither is said."""
    said = next((str(f.value) for f in findings if f.kind == "agreement"), None)
    return {"yes": True, "no": False}.get(said or "")


def doubts(findings: Iterable[Finding]) -> bool:
    """Tell whether a word for or against going on was said at all, be it unclear."""
    return any(f.kind == "agreement" for f in findings)


def of_the_list(findings: Sequence[Finding], asked: Slot | None) -> Sequence[Finding]:
    """Leave out the counts that are of a numbered list's lines.

    "17, 20 weeks" says that line 17 holds, and for how long: no age, and no time of the pain.
    Behind the number of "none of these" everything counts as at any other place.
    """
    if asked not in CHECKLIST_ITEMS:
        return findings
    findings = _lines_and_no_ages(findings, _last_number(asked))
    lines = [f for f in findings if f.kind == "pick" and f.source == BEGINS_MESSAGE]
    if not lines:
        return findings
    told = any(_line_numbered(asked, f.value) is not None for f in lines)
    until = max(f.end for f in lines) if told else max(f.start for f in lines) + 1
    return [f for f in findings if f.kind not in COUNTED or f.start >= until]


def _lines_and_no_ages(findings: Sequence[Finding], lines: int) -> list[Finding]:
    """Take a bare number that a list has for its line: "none of them, 28" tells no age of 28."""
    picked = {f.start for f in findings if f.kind == "pick"}
    kept = []
    for f in findings:
        if f.kind != "age" or f.source not in BARE_AGES or not 1 <= f.value <= lines:
            kept.append(f)
        elif f.start == 0 and f.start not in picked:
            kept.append(replace(f, kind="pick", source=BEGINS_MESSAGE))
    return kept


def of_an_age(findings: Sequence[Finding], asked: Slot | None, facts: Facts) -> Sequence[Finding]:
    """Take years for an age where that was asked, or where they can be nothing else.

    "57 yrs" says nothing of how long it hurts once that is known, and "57 years" nothing where the
    age was asked.
    """
    if asked is Slot.PAIN_DURATION or (asked is not Slot.AGE and facts.pain_duration is None):
        return findings
    ages = [f for f in findings if f.kind == "age" and f.holds]
    if ages:
        return [f for f in findings if f in ages or not any(_overlap(f, age) for age in ages)]
    alone = len(values_of(findings, "duration")) == 1
    return [_as_an_age(f) for f in findings] if alone and asked is Slot.AGE else findings


def alone_of_an_age(
    findings: Sequence[Finding], asked: Slot | None, facts: Facts
) -> Sequence[Finding]:
    """Take a number for an age that is all of a message and of no line: "41", said at a list."""
    numbers = [f for f in findings if f.kind == "number" and f.holds]
    if asked not in CHECKLIST_ITEMS or facts.age is not None or len(findings) != len(numbers):
        return findings
    least = max(_last_number(asked), LEAST_AGE_IN_YEARS)
    if len(numbers) != 1 or not least < numbers[0].value <= MAX_AGE_YEARS:
        return findings
    return [replace(numbers[0], kind="age", value=int(numbers[0].value))]


def _as_an_age(finding: Finding) -> Finding:
    years = _years_of_life(finding.value) if finding.kind == "duration" else None
    return finding if years is None else replace(finding, kind="age", value=years)


def _years_of_life(days: float) -> int | None:
    years = days / DAYS_A_YEAR
    may_be = years == int(years) and LEAST_AGE_IN_YEARS <= years <= MAX_AGE_YEARS
    return int(years) if may_be else None


def _overlap(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end


def read_answer(
    facts: Facts, before: Facts, asked: Slot, findings: Sequence[Finding]
) -> tuple[Facts, bool]:
    """Read bare answers by the question, and tell whether it is answered.

    Args:
        facts: with what the message told in words of its own.
        before: without.
    """
    spec = spec_of(asked)
    if spec.items:
        return _answer_checklist(facts, before, asked, findings)
    if asked in QUESTIONS:
        reader = _READERS.get(asked) or _yes_no(spec.fact)
        facts = reader(facts, before, findings)
    return facts, spec.is_answered(facts)


def _answer_checklist(
    facts: Facts, before: Facts, asked: Slot, findings: Sequence[Finding]
) -> tuple[Facts, bool]:
    numbers, ticked = values_of(findings, "pick"), values_of(findings, "ticked_line")
    picked = [line for line in (_line_numbered(asked, n) for n in numbers) if line]
    facts = with_ticks(facts, findings)
    for line in picked:
        facts = _with_line(facts, line)
    codes = CODES[asked]
    told = {OWN_KINDS.get(f.kind, str(f.value)) for f in findings if _of_a_line(f)}
    new = codes_present(facts) - codes_present(before)
    # A line that was known before is picked all the same.
    found = bool(picked or ticked) or not codes.isdisjoint(told | new)
    if found and _leaves_the_rest(facts, findings):
        return facts, False
    if found or _rules_out(findings, asked):
        return _gone_through(facts, asked), True
    return facts, False


def with_ticks(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Let the lines hold that were ticked, whenever the message comes."""
    for line in values_of(findings, "ticked_line"):
        facts = _with_line(facts, line)
    return facts


def _rules_out(findings: Sequence[Finding], asked: Slot) -> bool:
    """Whether no line of a list holds, or nobody has to say."""
    none = any(_says_none(asked, n) for n in values_of(findings, "pick"))
    # "6. What is this, the same question four times": the number of "none of these" stands first.
    numbers = [f for f in findings if f.kind == "number" and f.start == 0 and f.holds]
    none = none or any(_says_none(asked, f.value) for f in numbers)
    # Whoever does not want to say so needs the words for it: "I don't want to go on" is no refusal.
    skipped = asked is Slot.SAFETY and reply_in(findings) == "dont_know"
    return none or skipped or _denies_all(findings, asked)


def denied_in_passing(facts: Facts, findings: Sequence[Finding]) -> Facts:
    """Know that no line of a list holds of whoever says so while it is not asked.

    "No fever or anything like that" closes the list of illnesses, and who also had no injury and
    no spasms that of the back. Danger signs are asked for in any case.
    """
    if not values_of(findings, "denial"):
        return facts
    denied = {str(f.value) for f in findings if f.kind in LISTED and f.status is Status.ABSENT}
    closed = set()
    if denied & CODES[Slot.HEALTH_CONDITIONS]:
        closed.add(Slot.HEALTH_CONDITIONS)
    if all(getattr(facts, name) is False for name in BACK_FACTS):
        closed.add(Slot.BACK_SIGNS)
    return replace(facts, checked=facts.checked | closed)


def _of_a_line(finding: Finding) -> bool:
    return finding.holds and (finding.kind in LISTED or finding.kind in OWN_KINDS)


def _line_numbered(asked: Slot, number: float) -> str | None:
    """Find the line of a number, from 1; None where it is none, as that of "none of these"."""
    lines, once = CHECKLIST_ITEMS[asked], NUMBERED_ONCE.get(asked, ())
    if 1 <= number <= len(lines):
        return lines[int(number) - 1]
    behind = len(lines) + 1 < number <= len(once)
    return once[int(number) - 1] if behind else None


def _says_none(asked: Slot, number: float) -> bool:
    """Tell whether a number is that of "none of these", the last line; -1 is the last, too."""
    return number in (-1, len(CHECKLIST_ITEMS[asked]) + 1, _last_number(asked))


def _last_number(asked: Slot) -> int:
    """Give the highest number that a line of the list has, or had: of "none of these"."""
    return max(len(CHECKLIST_ITEMS[asked]), len(NUMBERED_ONCE.get(asked, ()))) + 1


def _gone_through(facts: Facts, asked: Slot) -> Facts:
    """Know that a list was answered: what was not told of its own facts does not hold."""
    facts = replace(facts, checked=facts.checked | {asked})
    if asked is Slot.BACK_SIGNS:
        untold: Any = {name: False for name in BACK_FACTS if getattr(facts, name) is None}
        facts = replace(facts, **untold)
    return facts


def _leaves_the_rest(facts: Facts, findings: Sequence[Finding]) -> bool:
    """Whether "epilepsy, not sure about the others" leaves open what could still decide."""
    unsure = reply_in(findings) == "dont_know"
    return unsure and not facts.emergency_signs and facts.health_conditions <= MAY_BE_NOTES


def picked_again(facts: Facts, asked: Slot, findings: Sequence[Finding]) -> Facts:
    """Take the one line that was picked back for another: "I hit the wrong number, it is 17".

    Where several lines are known nobody can say which is meant, and all stay.
    """
    numbers = [*values_of(findings, "pick"), *values_of(findings, "number")]
    lines = [line for line in (_line_numbered(asked, n) for n in numbers) if line]
    if len(lines) != 1:
        return facts
    if len(facts.health_conditions) == 1 and next(iter(facts.health_conditions)) in CONDITION_ITEMS:
        facts = replace(facts, health_conditions=frozenset())
    return _with_line(facts, lines[0])


def _denies_all(findings: Sequence[Finding], asked: Slot) -> bool:
    """Whether none of a list is said to be there, at once or one after the other."""
    denied = {str(f.value) for f in findings if f.kind in LISTED and f.status is Status.ABSENT}
    one_by_one = len(denied & CODES[asked]) >= min(DENIALS_FOR_ALL, len(CODES[asked]))
    if values_of(findings, "denial") or one_by_one:
        return True
    # "No! I have no spine disease" denies that, and nothing of a list of danger signs.
    whole = CODES[asked] | set(alike(asked))
    return reply_in(findings) in NOTHING and denied <= whole


def _with_line(facts: Facts, line: str) -> Facts:
    """Let a line that was picked hold; what it stands for is asked where that is several things."""
    if line == SKIP:
        return facts
    if line in PARTED:
        return replace(facts, parted=facts.parted | {Slot(line)})
    if line in SIGN_ITEMS:
        sign = EmergencySign(line)
        told = sign in facts.emergency_signs - facts.ticked
        ticked = facts.ticked if told else facts.ticked | {sign}
        known = replace(facts, emergency_signs=facts.emergency_signs | {sign}, ticked=ticked)
        # Ticked once more it is asked about once more.
        return known if told else with_ticks_to_ask(known, {sign})
    if line == LEG_ITEM:
        return replace(facts, leg_symptoms=LegSymptoms.ONE_LEG, leg_below_knee=True)
    if line in BACK_FACTS:
        holds: Any = {line: True}
        return replace(facts, **holds)
    facts = replace(facts, health_conditions=facts.health_conditions | {HealthCondition(line)})
    if line not in TOLD_BY_LINE:
        return facts
    follow_up = FOLLOW_UPS[TOLD_BY_LINE[line]]
    return follow_up.told(facts, follow_up.yes)


def with_ticks_to_ask(facts: Facts, signs: Iterable[EmergencySign]) -> Facts:
    """Forget what was told of ticked signs, so that each is asked about again."""
    for sign in signs:
        facts = facts.with_detail(sign.value, onset=None, examined=None, acute=None)
    return facts


def _numbers(findings: Sequence[Finding], low: float, high: float) -> list[float]:
    return [v for v in values_of(findings, "number") if low <= v <= high]


def _answer_duration(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    times = values_of(findings, "time")
    if facts.pain_duration == before.pain_duration and times:
        return replace(facts, pain_duration=max(times))
    return facts


def _answer_severity(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    numbers = values_of(findings, "number")
    on_the_scale = [v for v in numbers if 0 <= v <= 10]
    # A year, a dose or a weight beside it is no second answer; "15" is, and is asked again.
    others = [v for v in numbers if 10 < v < NEVER_A_STRENGTH]
    if not on_the_scale or others:
        return facts
    number = math.ceil(max(on_the_scale))
    if facts.pain_severity is None:
        facts = replace(facts, pain_severity=number)
        # "A constant 8" says that it is the usual one, too.
        return facts.with_detail(PAIN, usual=True) if usual_in_words(findings) else facts
    if before.pain_severity is None and _rated_by_words(findings):
        # "Not severe. 5": the number says more than the word, and never less.
        return replace(facts, pain_severity=max(number, facts.pain_severity))
    return facts


def _rated_by_words(findings: Sequence[Finding]) -> bool:
    told = [f for f in findings if f.kind == "severity" and f.holds]
    return bool(told) and all(f.by_words for f in told)


def _answer_age(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    numbers = _numbers(findings, 0, MAX_AGE_YEARS)
    if facts.age is None and len(numbers) == 1:
        # "1 and 5" is of the list before.
        return replace(facts, age=int(numbers[0]))
    return facts


def _answer_sessions(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    numbers = _numbers(findings, 0, 1000)
    if facts.massage_sessions is None and numbers:
        return replace(facts, massage_sessions=int(max(numbers)))
    return facts


def _yes_no(name: str, yes: Any = True, no: Any = False) -> Callable[..., Facts]:
    """Read yes or no as this fact, unless the message already told it in words."""

    def read(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
        reply = reply_in(findings)
        if getattr(facts, name) != getattr(before, name) or reply is None:
            return facts
        if reply == "yes" and yes is not None:
            return replace(facts, **{name: yes})
        if reply in NOTHING:
            return replace(facts, **{name: no})
        return facts

    return read


def _answer_massage(facts: Facts, before: Facts, findings: Sequence[Finding]) -> Facts:
    if facts.massage_response is None:
        effects = values_of(findings, "effect")
        if effects:
            told = [Finding("massage", effect) for effect in effects]
            facts = take_massage(facts, told)
        elif not values_of(findings, "massage"):
            facts = _yes_no("massage_response", None, MassageResponse.NONE_YET)(
                facts, before, findings
            )
        counts = _numbers(findings, 0, 1000)
        if facts.massage_response is not None and facts.massage_sessions is None and counts:
            facts = replace(facts, massage_sessions=int(max(counts)))
    return facts


_READERS: dict[Slot, Callable[[Facts, Facts, Sequence[Finding]], Facts]] = {
    Slot.PAIN_DURATION: _answer_duration,
    Slot.PAIN_SEVERITY: _answer_severity,
    Slot.MASSAGE_RESPONSE: _answer_massage,
    Slot.MASSAGE_SESSIONS: _answer_sessions,
    Slot.AGE: _answer_age,
}
"""By question; the others are answered by yes or no."""
