"""Whose a finding is, and whether it holds now: ConText's idea (Harkema 2009) in patients' words.

A cue reaches over the words behind it until the clause ends or a word such as "but" stops it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from backline.facts import Status
from backline.understanding.lexicon import read_yaml
from backline.understanding.patterns import compile_all

REACH_WORDS = 9
AFTER_WORDS = 4
_CLAUSE_END = re.compile(r" [.!?;\n](?= )")
_YEARS = re.compile(r" (?:in|since|from|back in) ((?:19|20)\d\d) ")
_LONG_AGO = re.compile(
    r" (?:(?:\d+|a|one|two|three|four|five|six|seven|eight|nine|ten|twenty|few|couple|several|many|some)"
    r" (?:of )?years?|(?:[2-9]|1\d|two|three|four|five|six|seven|eight|nine|ten|few|couple|several)"
    r" (?:of )?months) (?:ago|back) "
)
_FIRST_PERSON = re.compile(r" (?:i|im|ive|my (?:lower |upper |low )?back|me) ")
_PROXY = re.compile(
    r" (?:asking|writing|here|enquiring|messaging|its|it is|this is|on behalf of|calling)"
    r" (?:for|about|of)? ?(?:my|our) (?:[a-z]+ )?"
    r"(?:mum|mom|mother|dad|father|wife|husband|partner|son|daughter|brother|sister|nan|gran|grand[a-z]+|"
    r"friend|kid|child|boyfriend|girlfriend|mother in law|father in law) "
)
_BACK = re.compile(r" (?:back|spine|sciatica|lumbago) ")
_RELATIVE = re.compile(
    r"(?:^| my| our) (?:[0-9]+ year old |elderly |old )?(?:mum|mom|mother|dad|father|wife|husband|partner|son|daughter|"
    r"brother|sister|nan|gran|grand[a-z]+|kid|child|boyfriend|girlfriend)s? "
)


@dataclass(frozen=True)
class _Cues:
    before: dict[Status, re.Pattern[str]]
    after: dict[Status, re.Pattern[str]]
    pseudo: re.Pattern[str]
    ends: re.Pattern[str]


@lru_cache(maxsize=1)
def _cues() -> _Cues:
    data = read_yaml("context.yml")
    names = {
        Status.ABSENT: "negation",
        Status.OTHER_PERSON: "other_person",
        Status.HYPOTHETICAL: "hypothetical",
        Status.PAST: "past",
        Status.UNCERTAIN: "uncertain",
    }

    def compiled(part: str) -> dict[Status, re.Pattern[str]]:
        out = {}
        for status, name in names.items():
            pattern = compile_all(data[name].get(part, []), {})
            if pattern is not None:
                out[status] = pattern
        return out

    pseudo = compile_all(data["negation"]["pseudo"], {})
    ends = compile_all(data["ends"], {})
    if pseudo is None or ends is None:
        raise ValueError("context.yml needs negation.pseudo and ends")
    return _Cues(compiled("before"), compiled("after"), pseudo, ends)


class Scopes:
    """The scopes of one message.

    Args:
        line: the message as words between single spaces.
        today: to tell which years are past.
    """

    def __init__(self, line: str, today: dt.date) -> None:
        self._line = line
        self._today = today
        self._pseudo = [m.span() for m in _cues().pseudo.finditer(line)]
        self.proxy = (
            bool(_PROXY.search(line))
            or bool(re.match(r" (?:he|she|hes|shes|her|his) ", line))
            or bool(
                _RELATIVE.search(line) and _BACK.search(line) and not _FIRST_PERSON.search(line)
            )
        )

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence around a stretch begins and ends."""
        begin = 0
        for match in _CLAUSE_END.finditer(self._line, 0, start):
            begin = match.end()
        after = _CLAUSE_END.search(self._line, max(end - 1, 0))
        return begin, after.start() + 1 if after else len(self._line)

    def status(self, start: int, end: int, history: bool = False) -> Status:
        """Whether what stands at `start` to `end` is the patient's, now.

        Args:
            history: having had it counts as having it, so that "had" and "years ago" change nothing.
        """
        begin, stop = self.sentence(start, end)
        before = " " + self._line[begin:start]
        after = self._line[end:stop] + " "
        found = set()
        for status, pattern in _cues().before.items():
            if self._reaches(pattern, before, begin - 1):
                found.add(status)
        for status, pattern in _cues().after.items():
            if self._follows(status, pattern, after):
                found.add(status)
        if _LONG_AGO.search(before + self._line[start:end] + after) or self._old_year(
            before + after
        ):
            found.add(Status.PAST)
        if Status.OTHER_PERSON in found and not self.proxy:
            return Status.OTHER_PERSON
        for status in (Status.ABSENT, Status.HYPOTHETICAL):
            if status in found:
                return status
        if Status.PAST in found and not history:
            return Status.PAST
        return Status.UNCERTAIN if Status.UNCERTAIN in found else Status.PRESENT

    def _reaches(self, pattern: re.Pattern[str], before: str, offset: int) -> bool:
        for match in pattern.finditer(before):
            place = match.start() + offset, match.end() + offset
            if any(s <= place[0] and place[1] <= e for s, e in self._pseudo):
                continue
            between = before[match.end() :]
            if _cues().ends.search(between) or len(between.split()) > REACH_WORDS:
                continue
            return True
        return False

    def _follows(self, status: Status, pattern: re.Pattern[str], after: str) -> bool:
        near = re.match(rf"(?: [^ ,]+){{0,{AFTER_WORDS + 3}}} ", after)
        match = pattern.search(near[0]) if near else None
        if match is None or near is None:
            return False
        between = near[0][: match.start()]
        if _cues().ends.search(between + " "):
            return False
        if status is Status.ABSENT:
            if len(between.split()) > AFTER_WORDS:
                return False
            rest = after[match.end() :].strip()
            if match[0] in ("no", "nope", "none") and rest and rest[0] not in ".,;!?":
                return False
        return True

    def _old_year(self, context: str) -> bool:
        return any(int(year) < self._today.year for year in _YEARS.findall(context))
