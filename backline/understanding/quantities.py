"""Readers for what is counted: how long, how bad, how old, how many."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from backline.facts import Finding
from backline.understanding.lexicon import read_yaml
from backline.understanding.words import Words

MAX_DAYS = 110 * 365


def _any(words: Any) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


class _Vocabulary:
    """The compiled `quantities.yml`."""

    def __init__(self) -> None:
        data = read_yaml("quantities.yml")
        self.numbers = {word: float(n) for word, n in data["numbers"].items()}
        self.units = {word: float(days) for days, words in data["units"].items() for word in words}
        self.homophones = {word: float(n) for word, n in data["homophones"].items()}
        self.weekdays: list[str] = data["weekdays"]
        self.months: list[str] = data["months"]
        self.holidays: dict[str, str] = data["holidays"]
        self.phrases = self._phrases(data["phrases"])
        self.severities = self._phrases(data["severities"])
        word = _any(self.numbers)
        one = rf"(?:\d+(?:[.,]\d+)?|half an?|half|(?:{word})(?: (?:{word}))?|an?|the last|the past)"
        unit = _any(self.units)
        self.number = re.compile(rf"(?<= )(?:\d+(?:[.,]\d+)?|(?:{word})(?: (?:{word}))?)(?= )")
        self.duration = re.compile(
            rf"(?<= )(?P<minus>- )?(?P<low>{one})(?: (?:of|full|or so|whole|good|solid|long))*"
            rf"(?: (?:-|–|to|or|and a|maybe) (?P<high>{one}))?(?: (?:of|and|full|a))*"
            rf" (?P<unit>{unit})(?P<half> and an? half)?(?= )"
        )
        self.range_without_unit = re.compile(r" (?:to|or|-|–) ")
        days = _any(self.weekdays)
        months = _any([*self.months, *(m[:3] for m in self.months), "sept"])
        self.since = re.compile(
            rf"(?<= )(?:since|from|on|last|started|started on|began|began on)(?: (?:about|around|early|late|last|the|next|this|mid))*"
            rf" (?:(?P<day>{days})|(?:(?P<dom>\d{{1,2}})(?: ?(?:st|nd|rd|th))? (?:of )?)?(?P<month>{months})"
            rf"(?: (?P<myear>(?:19|20)\d\d))?|(?P<year>(?:19|20)\d\d)|(?P<holiday>{_any(self.holidays)}))(?= )"
        )
        self.phrase = re.compile(rf"(?<= )(?:{_any(self.phrases)})(?= )")
        self.severity_word = re.compile(rf"(?<= )(?:{_any(self.severities)})(?= )")
        before = _any(data["not_severity_when_before"])
        self.not_severity = re.compile(
            rf" (?:{before})(?: (?:that|so|too|very|really|at|all|a))* $"
        )
        hom = _any(self.homophones)
        value = rf"(?:\d+(?:[.,]\d+)?|{word}|{hom})"
        self.out_of = re.compile(
            rf"(?<= )(?P<minus>- )?(?:(?P<low>{value}) (?:-|–|to|or|and|maybe) )?(?P<high>{value})(?: ish| plus| \+)?"
            r" (?:/|out of|over|on) (?:a )?(?:10|ten|tan)(?= )"
        )
        plain = rf"(?:\d+(?:[.,]\d+)?|{word})"
        self.scaled = re.compile(
            rf"(?<= )(?:pain|it|its|level|score|hurts|severity|rate it|scale|id say|i d say|about|around|probably|now|at|days?|mostly|usually|solid|down to|up to)"
            rf"(?: (?:is|was|its|it|level|of|about|an?|around|at|like|say|probably|maybe|just|roughly|only|solid|good|more like|usually|now|of a|currently|a solid))*"
            rf" (?:(?P<low>{plain}) (?:-|–|to|or|and) )?(?P<high>{plain})(?: ish)?(?: on bad days| at worst)?(?= )"
        )
        self.between = re.compile(rf"(?<= )between (?P<low>{plain}) and (?P<high>{plain})(?= )")
        self.bad_days = re.compile(
            rf"(?<= )(?P<high>{plain})(?: or (?P<low>{plain}))? (?:on|when|at)(?: its| my| the)? (?:bad|worst|worse|its worst)(?: days?)?(?= )"
        )
        self.age = re.compile(
            rf"(?<= )(?:(?:im|i am|hes|he is|shes|she is|aged?|age is|is|turning|turned|was)(?: (?:a|now|only|just|nearly|almost|going to be|about|age|aged))*"
            rf" (?P<a>\d{{1,3}}|(?:{word})(?: (?:{word}))?)(?! (?:{unit}|/|out|%|kg|kilos|stone|months|weeks|pounds|cm|massages|times|percent|to|or|-|sessions|mg|minutes|hours)(?: |$)(?!old))"
            rf"|(?P<b>\d{{1,3}}|(?:{word})(?: (?:{word}))?)(?: ?-)? (?:years?|yrs?|y|yo|yr)(?: ?-)?(?: ?(?:old|o|of age))(?= )|(?P<c>\d{{1,3}}) ?(?:yo|m|f|male|female)(?= ))"
        )

    @staticmethod
    def _phrases(groups: Any) -> dict[str, float]:
        return {phrase: float(value) for value, phrases in groups.items() for phrase in phrases}

    def value(self, words: str) -> float:
        """The number that these words say; "a" is one, "half" a half."""
        text = words.strip()
        if text in ("a", "an", "the last", "the past"):
            return 1.0
        if text.startswith("half"):
            return 0.5
        try:
            return float(text.replace(",", "."))
        except ValueError:
            pass
        parts = [self.numbers.get(part, self.homophones.get(part, 0.0)) for part in text.split()]
        if len(parts) == 2 and parts[1] >= 12 and parts[0] < parts[1]:
            return parts[0] * parts[1]
        return sum(parts)


@lru_cache(maxsize=1)
def vocabulary() -> _Vocabulary:
    """The words for numbers, times and strengths, loaded once."""
    return _Vocabulary()


def _finding(words: Words, kind: str, value: Any, start: int, end: int, source: str) -> Finding:
    first, last = words.span(start, end)
    return Finding(
        kind,
        value,
        start=first,
        end=last,
        text=words.text[first:last],
        source=f"quantities:{source}",
    )


_AGO = re.compile(r"^ (?:ago|back|before|prior)\b")
_EVENT = re.compile(
    r" (?:surgery|operation|operated|massages?|accident|baby|birth|married|moved|retired|diagnosed|stopped|chemo|"
    r"quit|doctor|gp|physio|chiropractor|scan|mri|xray|cancer|pregnant|job|appointment|holiday|stones?|fusion|stroke|heart) "
)
LONG_AGO_DAYS = 42
_ACCIDENT = re.compile(r" (?:fall|fell|accident|crash|injury|injured|tumble) ")
_PAIN = re.compile(r" (?:back|pain\w*|hurt\w*|sore|ache\w*|aching|stiff\w*) ")
_NOT_PAIN = re.compile(
    r" (?:every|in|within|after|lasts?|sleep|sit|sitting|drive|walk|walking|work|working|next|per|for my|takes?|"
    r"each|after about|took|sleep for|stand for) $"
)
_ONSET = re.compile(
    r" (?:start\w*|began|begun|hurt\w*|pain\w*|ache\w*|aching|came|come|fell|fall\w*|did|put|threw|pulled|back|sore|stiff\w*|"
    r"spasm\w*|slipped|tripped|lift\w*|twist\w*|stumbled|crash\w*|hit|injur\w*|notic\w*|going|woke|tweaked|ricked|problem\w*|trouble\w*|issue\w*|flare\w*|sciatica|had this|it was|it s been|its been|been) "
)
_AGE_AFTER = re.compile(r"^ (?:- )?(?:old|of age|o)\b")
_FUTURE = re.compile(r" (?:next|future|tomorrow) ")


def read_durations(words: Words, today: dt.date) -> Iterator[Finding]:
    """How long the pain has been there, in days; open ends are read as long."""
    vocab = vocabulary()
    taken: list[tuple[int, int]] = []
    for match in vocab.duration.finditer(words.line):
        start, end = match.span()
        before, after = words.line[:start], words.line[end:]
        if _AGE_AFTER.match(after) or (
            match["unit"] in ("y", "d", "w", "mo") and not match["low"][0].isdigit()
        ):
            continue
        taken.append((start, end))
        count = max(vocab.value(match["low"]), vocab.value(match["high"] or "0"))
        if match["high"] and match["high"].startswith(("half", "a")) and " and a" in match[0]:
            count = vocab.value(match["low"]) + 0.5
        if match["half"]:
            count += 0.5
        days = count * vocab.units[match["unit"]]
        if (
            (match["minus"] and before.rstrip().split(" ")[-1:] != ["to"])
            or days == 0
            or days > MAX_DAYS
        ):
            yield _finding(words, "out_of_range", "duration", start, end, "duration")
            continue
        clause = re.split(r" [.!?;\n] | but ", before + " ")[-1]
        clause_after = re.split(r" [.!?;,\n] ", after)[0]
        if _NOT_PAIN.search(f" {before.strip()} "):
            continue
        if match["unit"] in ("night", "nights", "minutes", "minute", "mins") and not _AGO.match(
            after
        ):
            continue
        told = f" {clause} {clause_after} "
        if _EVENT.search(told) and not _ONSET.search(told):
            continue
        long_ago = _AGO.match(after) and days > LONG_AGO_DAYS
        if long_ago and _ACCIDENT.search(told) and not _PAIN.search(told):
            continue
        if _AGO.match(after) and not _ONSET.search(told) and _EVENT.search(told):
            continue
        yield _finding(words, "duration", round(days, 1), start, end, match["unit"])
    for match in vocab.since.finditer(words.line):
        yield from _since(words, match, today)
        taken.append(match.span())
    for match in vocab.phrase.finditer(words.line):
        start, end = match.span()
        if any(s < end and start < e for s, e in taken):
            continue
        before = words.line[:start]
        tail = words.line[end:]
        if re.search(r" (?:\d+|ago|of) $", before) or re.match(r" (?:ago|old)\b", tail):
            continue
        if match[0] in ("years", "months") and not re.search(
            r" (?:for|going on|since|many|been|lasted|over|several|number of|couple of|few) $",
            before,
        ):
            continue
        if match[0].startswith(("last", "a long", "long time")) and re.match(r" ago\b", tail):
            continue
        clause = re.split(r" [.!?;\n] ", before + " ")[-1]
        if _EVENT.search(clause + " " + tail[:30]) and not _ONSET.search(clause + " "):
            continue
        yield _finding(words, "duration", vocab.phrases[match[0]], start, end, match[0])


def _since(words: Words, match: re.Match[str], today: dt.date) -> Iterator[Finding]:
    vocab = vocabulary()
    start, end = match.span()
    opener = match[0].split()[0]
    told = words.line[max(0, start - 60) : start] + " " + words.line[end : end + 40]
    if opener in ("on", "from", "last") and not _ONSET.search(f" {told} "):
        return
    future = bool(_FUTURE.search(f" {match[0]} "))
    if match["day"]:
        weekday = vocab.weekdays.index(match["day"])
        days = float((today.weekday() - weekday) % 7 or 7)
    elif match["holiday"]:
        month, day = map(int, vocab.holidays[match["holiday"]].split("-"))
        days = _days_since(dt.date(today.year, month, day), today)
    elif match["month"]:
        number = next(i for i, m in enumerate(vocab.months, 1) if m.startswith(match["month"][:3]))
        if match["month"] == "may" and opener not in ("since", "from") and not match["dom"]:
            return
        year = int(match["myear"] or today.year)
        day = min(max(int(match["dom"] or 1), 1), 28)
        first = dt.date(year, number, day)
        if match["myear"] and first > today:
            future = True
        days = float((today - first).days) if match["myear"] else _days_since(first, today)
    else:
        year = int(match["year"])
        future = future or year > today.year
        days = float((today - dt.date(min(year, today.year), 1, 1)).days)
        if year < today.year:
            days = max(float((today - dt.date(year, 7, 1)).days), 1.0)
    if future:
        yield _finding(words, "out_of_range", "duration", start, end, "since")
    else:
        yield _finding(words, "duration", max(days, 1.0), start, end, "since")


def _days_since(day: dt.date, today: dt.date) -> float:
    if day > today:
        day = day.replace(year=day.year - 1)
    return float((today - day).days)


def read_severities(words: Words) -> Iterator[Finding]:
    """How bad the pain is now, 0-10; a range takes the higher, words go by function."""
    vocab = vocabulary()
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, int, float]] = []
    for match in vocab.out_of.finditer(words.line):
        high = max(vocab.value(match["high"]), vocab.value(match["low"] or "0"))
        taken.append(match.span())
        if match["minus"] or not 0 <= high <= 10:
            yield _finding(words, "out_of_range", "severity", *match.span(), "out of ten")
        else:
            found.append((*match.span(), high))
    for pattern in (vocab.between, vocab.bad_days, vocab.scaled):
        for match in pattern.finditer(words.line):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            if not _may_be_severity(words.line, match):
                continue
            high = max(vocab.value(match["high"]), vocab.value(match["low"] or "0"))
            if 0 <= high <= 10:
                taken.append(match.span())
                found.append((*match.span(), high))
    current = [f for f in found if not _was(words.line, f[0])]
    for start, end, value in current or found:
        yield _finding(words, "severity", math.ceil(value), start, end, "number")
    if found:
        return
    for match in vocab.severity_word.finditer(words.line):
        if vocab.not_severity.search(words.line[: match.start()]):
            continue
        yield _finding(words, "severity", int(vocab.severities[match[0]]), *match.span(), match[0])


_UNIT_AFTER = re.compile(
    r"^ (?:(?:-|to|or|and) \d+ )?(?:days?|weeks?|wks?|months?|mths?|years?|yrs?|hours?|hrs?|minutes?|mins?|am|pm|mg|ml|kg|kilos?|stone|lbs?|pounds|"
    r"massages?|sessions?|times?|kids|children|%|percent|per|of (?:my|the|them|us|those|these)|miles|km|metres|feet|ft|legs?|"
    r"tablets|pills|fortnights?|nights?|st|nd|rd|th|o|x|more|people|doctors?|old|yo|decades?|and a half|/|:|\. \d|disc|side|month|hour|thing|day)\b"
)
_SCALE_CUE = re.compile(
    r" (?:pain|level|score|scale|hurt|hurts|hurting|aches?|aching|sore|severity|rate|solid|/|worst|bad)\b"
)


def _may_be_severity(line: str, match: re.Match[str]) -> bool:
    if _UNIT_AFTER.match(line[match.end() :]):
        return False
    high = match["high"]
    opener = match[0].split()[0]
    if high == "one" or high in ("few", "couple", "several", "pair", "dozen", "hundred"):
        return False
    explicit = bool(_SCALE_CUE.search(f" {match[0]} ")) or match.re is vocabulary().bad_days
    near = line[max(0, match.start() - 50) : match.end() + 30]
    if match.re is vocabulary().between:
        return bool(_SCALE_CUE.search(near))
    if explicit:
        return True
    return opener in (
        "its",
        "it",
        "about",
        "around",
        "usually",
        "mostly",
        "now",
        "probably",
        "down to",
        "up to",
    ) and bool(_SCALE_CUE.search(near))


def _was(line: str, start: int) -> bool:
    clause = re.split(r" [.!?;,\n] | but | and ", line[max(0, start - 40) : start] + " ")[-1]
    return bool(
        re.search(r" (?:was|were|used to|last week|yesterday|before|initially|at first)\b", clause)
    )


_OLD_THING = re.compile(
    r" (?:old )?(?:problem|injury|pain|issue|back|condition|mattress|bed|car|house|dog|cat|sofa|chair|complaint|ache|story)\b"
)
_FIRST_WORD = re.compile(r"^ (?P<years>1[1-9]|[2-9]\d) (?:and|,|here|now)(?= )")
_BORN = re.compile(r" born (?:in )?(?P<year>(?:19|20)\d\d)(?= )")


def read_ages(words: Words, today: dt.date) -> Iterator[Finding]:
    """The age of a person in the message, in years."""
    vocab = vocabulary()
    for match in _BORN.finditer(words.line):
        since_birth = today.year - int(match["year"])
        if 0 <= since_birth <= 120:
            yield _finding(words, "age", since_birth, match.start(), match.end(), "born")
    first = _FIRST_WORD.match(words.line)
    if first:
        yield _finding(words, "age", int(first["years"]), 1, first.end("years"), "first word")
    for match in vocab.age.finditer(words.line):
        said = match["a"] or match["b"] or match["c"]
        years = vocab.value(said)
        plain = match["a"] is not None and match[0].split()[0] in ("is", "was")
        if plain and not re.search(
            r" (?:he|she|dad|mum|mom|who|wife|husband|son|daughter|age|father|mother) $",
            words.line[: match.start()],
        ):
            continue
        if plain and re.search(r" pain $", words.line[: match.start()]):
            continue
        if match["a"] and match[0].split()[0] in ("im", "i") and years < 5:
            continue
        if _OLD_THING.match(words.line[match.end() :]):
            continue
        if 0 <= years <= 120 and years == int(years):
            yield _finding(words, "age", int(years), *match.span(), "age")


_SESSIONS = re.compile(
    r" (?P<n>\S+)(?: (?:more|of|the|those|these|deep|tissue|good|remedial|sports|swedish))* (?:massages?|sessions?|treatments?|goes|appointments?)(?= )"
)
_SESSIONS_AFTER = re.compile(
    r" (?:after|had|tried|massaged?|massages?) (?:about |only |just |like )?(?P<n>\S+)(?: times?)?(?= )"
)


def read_massage_sessions(words: Words) -> Iterator[Finding]:
    """How many massages were had."""
    vocab = vocabulary()
    for match in _SESSIONS.finditer(words.line):
        said = match["n"]
        before = words.line[: match.start("n")]
        if re.search(r" (?:how|many|need|want|book|would|should) (?:\S+ ){0,2}$", before):
            continue
        value = 1.0 if said in ("a", "one", "single") else vocab.numbers.get(said)
        if value is None and said.isdigit():
            value = float(said)
        if said == "a" and not re.search(r" (?:had|after|got|have had|tried) $", before):
            continue
        if value is not None and value <= 200:
            yield _finding(
                words, "massage_sessions", int(value), match.start("n"), match.end(), "sessions"
            )


_NUMBER_BLOCK = re.compile(r" (?:l|t|c|s|l -) $")


def read_numbers(words: Words, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    """Numbers that mean nothing by themselves; the question asked gives them a meaning."""
    vocab = vocabulary()
    for match in vocab.number.finditer(words.line):
        start, end = words.span(*match.span())
        if any(s < end and start < e for s, e in taken):
            continue
        if _UNIT_AFTER.match(words.line[match.end() :]) and not re.match(
            r" (?:or|to|-) ", words.line[match.end() :]
        ):
            continue
        if _NUMBER_BLOCK.search(words.line[: match.start()]) or match[0] in (
            "few",
            "several",
            "pair",
        ):
            continue
        if match[0] == "one" and len(words.starts) > 3:
            continue
        value = vocab.value(match[0])
        if (
            re.search(r" (?:-|minus|negative) $", words.line[: match.start()])
            and len(words.starts) <= 3
        ):
            value = -value
        if re.match(r" (?:million|billion)\b", words.line[match.end() :]):
            value *= 1_000_000
        yield _finding(
            words, "number", int(value) if value == int(value) else value, *match.span(), "number"
        )
    if not taken and re.search(r" (?:a|one) (?:million|billion|zillion|trillion) ", words.line):
        yield _finding(words, "number", 1_000_000, 1, len(words.line) - 1, "number")


_UNIT_ONLY = re.compile(
    r" (?:mean|meant|its|it is|actually|not \S+) (?P<unit>days|weeks|months|years)(?: not \S+)? $"
)


def read_unit_correction(words: Words) -> Iterator[Finding]:
    """ "I meant months": the unit alone, in days."""
    match = _UNIT_ONLY.search(words.line)
    if match:
        days = vocabulary().units[match["unit"]]
        yield _finding(words, "duration_unit", days, match.start("unit"), match.end("unit"), "unit")
