"""The facts of one patient as a form: what it shows of them, and what they are once it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from backline.desk.words import DeskWords
from backline.dialogue.questions import QUESTIONS
from backline.facts import (
    EMERGENCY_LISTS,
    Course,
    Detail,
    EmergencySign,
    Facts,
    FactsError,
    HealthCondition,
    LegSymptoms,
    Location,
    MassageResponse,
    Onset,
    Slot,
)
from backline.policy.checklists import codes_present, told_apart

UNKNOWN, YES, NO = "", "yes", "no"
NOTHING = "not known"
NUMBERS = ("age", "pain_duration", "pain_severity", "massage_sessions")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "pain_location": tuple(one.value for one in Location),
    "leg_symptoms": tuple(one.value for one in LegSymptoms),
    "massage_response": tuple(one.value for one in MassageResponse),
}
LISTS = (*sorted(EMERGENCY_LISTS), Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS)
"""Lists that everybody is asked; what no tick tells was denied where one was answered in full."""
DETAILS: Mapping[str, tuple[str, ...]] = {
    "onset": tuple(one.value for one in Onset),
    "course": tuple(one.value for one in Course),
    **dict.fromkeys(("examined", "acute", "force", "pattern"), (YES, NO)),
}
FLAGS = (
    *("recent_injury", "inflammation", "leg_below_knee", "leg_examined", "muscle_spasm"),
    *("sudden_pain", "first_pain", "vessel_risk"),
)
SIGNS, CONDITIONS = "emergency_signs", "health_conditions"
NUMBER = re.compile(r"[0-9]{1,6}([.][0-9]{1,6})?")


@dataclass(frozen=True)
class Choice:
    """A value that a field may have, and what it is called."""

    value: str
    title: str


_UNKNOWN = Choice(UNKNOWN, NOTHING)
_YES_NO = (Choice(YES, "yes"), Choice(NO, "no"))


@dataclass(frozen=True)
class Field:
    """A field of the form, by the name under which it is sent.

    Attributes:
        choices: empty for a number, which is written.
    """

    name: str
    title: str
    value: str
    choices: Sequence[Choice] = ()


@dataclass(frozen=True)
class Tick:
    """Something that is there, or not."""

    name: str
    title: str
    ticked: bool


@dataclass(frozen=True)
class FactForm:
    """All of it, in the order in which it is shown."""

    fields: Sequence[Field]
    signs: Sequence[Tick]
    conditions: Sequence[Tick]
    lists: Sequence[Tick]
    details: Sequence[Field]


def facts_of(kept: Mapping[str, Any]) -> Facts:
    """Read facts as they were stored; those of a version that knew others count as not known."""
    try:
        return Facts.from_json(kept)
    except FactsError:
        return Facts()


def form_of(facts: Facts, words: DeskWords) -> FactForm:
    """Show facts as a form."""
    kept = facts.to_json()
    return FactForm(
        [_field(name, kept.get(name), words) for name in words.names("facts")],
        _ticks(SIGNS, [sign.value for sign in EmergencySign], kept, words),
        _ticks(CONDITIONS, [condition.value for condition in HealthCondition], kept, words),
        [
            Tick(f"asked.{slot.value}", words.name("questions", slot.value), slot in facts.checked)
            for slot in _lists(facts)
        ],
        list(_details(facts, words)),
    )


def facts_in(form: Mapping[str, str], before: Facts) -> Facts:
    """Read the facts that a form was sent with.

    Raises:
        FactsError: a value is none that its fact can have; the message says which.
    """
    kept = before.to_json()
    for name in NUMBERS:
        kept[name] = _number(name, form.get(f"fact.{name}", ""), kept.get(name))
    for name in CHOICES:
        kept[name] = form.get(f"fact.{name}") or None
    for name in FLAGS:
        kept[name] = _flag(form.get(f"fact.{name}", UNKNOWN))
    kept[SIGNS] = _ticked(SIGNS, EmergencySign, form)
    kept[CONDITIONS] = _ticked(CONDITIONS, HealthCondition, form)
    kept["ticked"] = [code for code in kept.get("ticked", []) if code in kept[SIGNS]]
    offered = _lists(before)
    others = before.checked.difference(offered)
    kept["checked"] = [*others, *(slot for slot in offered if f"asked.{slot.value}" in form)]
    kept["details"] = {}
    read = told_apart(Facts.from_json(kept))
    return _without_answered(_with_details(read, form, before))


def changed_in(before: Facts, after: Facts, words: DeskWords) -> list[str]:
    """Tell in words how facts differ: "Age: 36, now 63"."""
    was, now = form_of(before, words), form_of(after, words)
    earlier = {field.name: _said(field) for field in (*was.fields, *was.details)}
    told = [
        f"{field.title}: {earlier.get(field.name, NOTHING)}, now {_said(field)}"
        for field in (*now.fields, *now.details)
        if _said(field) != earlier.get(field.name, NOTHING)
    ]
    for old, new in zip((*was.signs, *was.conditions), (*now.signs, *now.conditions), strict=True):
        if old.ticked != new.ticked:
            told.append(f"{new.title}: {'added' if new.ticked else 'taken out'}")
    asked = {tick.name: tick.ticked for tick in was.lists}
    told += [
        f"{tick.title}: {'asked in full' if tick.ticked else 'not asked in full'}"
        for tick in now.lists
        if tick.ticked != asked.get(tick.name, False)
    ]
    return told


def _said(field: Field) -> str:
    titles = {choice.value: choice.title for choice in field.choices}
    return titles.get(field.value, field.value) or NOTHING


def _field(name: str, value: Any, words: DeskWords) -> Field:
    title = words.name("facts", name)
    if name in NUMBERS:
        return Field(f"fact.{name}", f"{title} ({words.name('units', name)})", _written(value))
    if name in CHOICES:
        known = [Choice(code, words.name("values", code)) for code in CHOICES[name]]
        return Field(f"fact.{name}", title, value or UNKNOWN, [_UNKNOWN, *known])
    return Field(f"fact.{name}", title, _shown(value), [_UNKNOWN, *_YES_NO])


def _shown(value: bool | None) -> str:
    return UNKNOWN if value is None else YES if value else NO


def _ticks(
    kind: str, codes: Sequence[str], kept: Mapping[str, Any], words: DeskWords
) -> list[Tick]:
    there = kept.get(kind, ())
    return [Tick(f"{kind}.{code}", words.title(code), code in there) for code in codes]


def _lists(facts: Facts) -> list[Slot]:
    """List what is offered as asked in full: what all are asked, and what a tick led to."""
    return [*LISTS, *sorted(facts.parted)]


def _details(facts: Facts, words: DeskWords) -> Iterator[Field]:
    for code in sorted(codes_present(facts) - {Slot.MUSCLE_SPASM.value}):
        known = facts.detail(code).to_json()
        for part, values in DETAILS.items():
            value = known.get(part, UNKNOWN)
            shown = _shown(value) if isinstance(value, bool) else value
            titles = [Choice(one, words.detail(part, _stored(one))) for one in values]
            yield Field(
                f"detail.{code}.{part}",
                f"{words.title(code)}: {words.name('parts', part)}",
                shown,
                [_UNKNOWN, *titles],
            )


def _ticked(kind: str, codes: Iterable[Enum], form: Mapping[str, str]) -> list[str]:
    return [code.value for code in codes if f"{kind}.{code.value}" in form]


def _with_details(read: Facts, form: Mapping[str, str], before: Facts) -> Facts:
    for code in codes_present(read):
        sent = {part: form.get(f"detail.{code}.{part}", UNKNOWN) for part in DETAILS}
        known = {part: _stored(value) for part, value in sent.items() if value != UNKNOWN}
        if known:
            detail = Detail.from_json(known)
            read = replace(read, details={**read.details, code: detail})
    return read


def _stored(value: str) -> Any:
    return {YES: True, NO: False}.get(value, value)


def _without_answered(facts: Facts) -> Facts:
    """Wait for an answer no longer as one that nobody could give, once it is given."""
    answered = {
        slot for slot in facts.given_up if slot in QUESTIONS and QUESTIONS[slot].is_answered(facts)
    }
    return replace(facts, given_up=facts.given_up - answered)


def _flag(sent: str) -> bool | None:
    if sent not in (UNKNOWN, YES, NO):
        raise FactsError(f"a fact that is true or false takes yes or no; got {sent!r}")
    return None if sent == UNKNOWN else sent == YES


def _written(number: float | int | None) -> str:
    return UNKNOWN if number is None else f"{number:g}"


def _number(name: str, sent: str, before: float | int | None) -> float | int | None:
    text = sent.strip()
    if text == _written(before):
        # Exactly, and not as it is written.
        return before
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        raise FactsError(f"{name} takes a number; got {text[:40]!r}")
    return float(text) if "." in text else int(text)
