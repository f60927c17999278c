"""Which counted times are how long something lasts, and no age, frequency or weeks of pregnancy."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backline.facts import Finding
from backline.nlu.components.ages import BARE_YEARS
from backline.nlu.quantity_words import vocabulary

WEEK_DAYS = 7
AGO = re.compile(r" (?:or (?:so|more|two|three) )?(?:ago|back|previous|prior|earlier|gone) ")
_EXPECTING = re.compile(
    r" (?:pregnan\w*|edd|waters|expecting|baby|bump|my first|my second|my third|due) "
)
# How far a pregnancy is, told without the word: "30 weeks", "12 weeks gone", "labour at 28 weeks".
_GESTATION_WEEKS = (4, 42)
_WITH_CHILD = (
    r"(?:pregnan\w*|(?<!manual )(?<!hard )(?<!heavy )(?<!hired )labou?r(?! (?:job|work|party|day))"
    r"|contractions?|trimester|antenatal|midwife|expecting a (?:baby|boy|girl)|bump)"
)
_EXPECTING_BEFORE = re.compile(
    rf" {_WITH_CHILD}(?: [a-z]+){{0,3}}(?: ,| -| \(| \.| at| now| and)+ $"
)
_EXPECTING_AFTER = re.compile(
    rf"(?: ,| -| and| in| into| with| now| my| the| of)*(?: early| late)? {_WITH_CHILD} "
)
_SOMEBODY_IS = re.compile(
    r" (?:i am|im|i m|she is|shes|she s|wife is|wife s|wifes|partner is|daughter is|sister is)"
    r"(?: (?:about|around|nearly|almost|now|only|just|currently|already|roughly|exactly))* $"
)
_NO_GESTATION = re.compile(
    r" (?:in|into|of|with|without|since|ago|on|out|post|from|past|off|late) "
)
_HURT_BEFORE = re.compile(
    r" (?:for|been|since|past|last|started|began|hurt\w*|pain\w*|sore|ache\w*) "
)
# "My name is Amina, 34 years."
_INTRODUCED = re.compile(
    r" (?:name is|name s|myself|this is|i am|im) (?!about|around|only|just|having|in|now|at)[a-z]+ , (?:age |aged )?$"
)
# "It was stiff for two days after."
_AFTERWARDS = re.compile(
    r" (?:after|afterwards|later|then (?:it )?(?:returns?|comes|came)) ?(?:[.,;!]|$|return|back)"
)
_PAIN_IS = re.compile(
    r" (?:pain|problem|ache|it|this|issue|injury)(?: (?:is|its|s|only|about|just|now|around|nearly))+ $"
)


def is_length(line: str, start: int, end: int, unit: str) -> bool:
    """Tell false for ages, and for how often or how long each time."""
    before, after = line[:start], line[end:]
    if _counts_something_else(before, after, unit):
        return False
    if re.match(r" (?:- )?(?:old|of age)\b", after) and not _PAIN_IS.search(before):
        return False
    if after.startswith(" gone ") and _EXPECTING.search(line):
        return False
    if _is_gestation(line[start:end], before, after):
        return False
    if _INTRODUCED.search(before) and not re.match(r" (?:ago|of|now|i|and|with)\b", after):
        return False
    return not unit.startswith("min") or bool(AGO.match(after + " "))


def _counts_something_else(before: str, after: str, unit: str) -> bool:
    times = vocabulary().times
    if any(m.end() == len(before) - 1 for m in times.not_before.finditer(before)):
        return True
    if before.endswith(" after ") and vocabulary().units.get(unit, 1) < 1:
        return True
    if times.not_after.match(after, 1) and not after.startswith(" old"):
        return True
    return _AFTERWARDS.match(after) is not None


def _is_gestation(length: str, before: str, after: str) -> bool:
    """Whether so many weeks tell how far a pregnancy is, though nothing behind them says so."""
    amount, _, unit = length.rpartition(" ")
    weeks = vocabulary().value(amount) if vocabulary().units.get(unit) == WEEK_DAYS else 0
    if not _GESTATION_WEEKS[0] <= weeks <= _GESTATION_WEEKS[1]:
        return False
    if after.startswith(" gone "):
        return _HURT_BEFORE.search(before) is None
    if _SOMEBODY_IS.search(before):
        return _NO_GESTATION.match(after.removeprefix(" now")) is None
    return bool(_EXPECTING_BEFORE.search(before) or _EXPECTING_AFTER.match(after))


def years_old(ages: Sequence[Finding]) -> int | None:
    """Give the last age that was told, in years; None without one."""
    return int(ages[-1].value) if ages else None


def but_for_ages(
    about: Sequence[bool], places: Sequence[tuple[int, int]], ages: Sequence[Finding]
) -> list[bool]:
    """Leave out of the times that are about the pain those that may be an age: "29 yrs"."""
    return [
        of_pain and not any(age.start < stop and start < age.end for age in ages)
        for of_pain, (start, stop) in zip(about, places, strict=True)
    ]


def is_an_age(place: tuple[int, int], ages: Sequence[Finding]) -> bool:
    """Tell whether the years at a place are how old somebody is: "I am a cook, 42 years"."""
    return any(
        age.start < place[1] and place[0] < age.end and not age.source.endswith(BARE_YEARS)
        for age in ages
    )


def overlaps(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Tell whether a stretch overlaps with one that was taken."""
    return any(s < end and start < e for s, e in taken)
