"""How long the pain has been there, in days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from backline.facts import MAX_DURATION_DAYS, Finding
from backline.nlu.clauses import (
    FAR,
    Stretches,
    clause,
    nearest,
    sentence,
)
from backline.nlu.components.dates import date_of, latest_named
from backline.nlu.components.lengths import (
    AGO,
    WEEK_DAYS,
    but_for_ages,
    is_an_age,
    is_length,
    overlaps,
    years_old,
)
from backline.nlu.components.sums import Time, sums_of
from backline.nlu.quantity_words import (
    Vocabulary,
    any_of,
    finding,
    vocabulary,
)
from backline.nlu.tokenizer import Words

Spans = Sequence[tuple[int, int]]
SHORTEST_DAYS = 0.1
INJURY_IS_OLD_DAYS = 42
_DATE_START = re.compile(r"(?:in|on|last|back|late|early|around|about|this) ")
_INJURY = re.compile(r" (?:fall|fell|accident|crash\w*|injur\w*|tumble|broke) ")
_PAIN = re.compile(r" (?:back|pain\w*|hurt\w*|sore\w*|ache\w*|aching|stiff\w*|sciatica|since) ")
# "New hip 4 weeks ago. Back sore ever since."
_HURTS_SINCE = re.compile(
    r"(?: [a-z0-9,/'-]+){0,14}?(?: [.;!])?(?: [a-z0-9,/'-]+){0,14}? (?:back|pain\w*|spine|sore|hurt\w*|ache|aching)(?: [a-z0-9'-]+){0,8}?"
    r" (?:ever since|since then|since that day|from then|since(?= [.,;!])|since(?= $))"
    r"|(?: [a-z0-9,/'-]+){0,14}?(?: [.;!])?(?: [a-z0-9,/'-]+){0,4}? (?:ever since|since then|from then|since that day|from that day)(?: [a-z0-9'-]+){0,6}? (?:back|pain\w*|spine|sore|hurt\w*)(?= )"
)
_ONCE_MORE = re.compile(r" again(?: [a-z]+){0,2} $")
_FUTURE = re.compile(r" (?:next|future|tomorrow) ")
_AMOUNT_BEFORE = re.compile(r" (?:been|about|past|last|now|only)(?: like| about| for)? $")
_MANY_YEARS = re.compile(r" (?:for|going on|since|many|been|lasted|over|several|number of|it s) $")
_FILLERS = re.compile(
    r" ?(?:(?:for|about|around|roughly|now|its|it|is|been|it s|s|has|have|had|ive|since|like|maybe|probably|say|id|d|i|at least|least|at|or so|so|or|only|just|over|nearly|almost|more than|"
    r"more|less|than|under|sorry|meant|mean|no|wait|actually|rather|not|um|uh|er|hmm|well|yeah|yes|oh|ok|think|guess|ago|back|going on|the|this|last|past|a|in|total|straight|on|off|and|hi|hello|"
    r"close to|best part of|coming up to|up to|all|make that|make|that|correction|oops|please|thanks|lol|mate|doc|doctor|you know|kind of|sort of|give or take|every day|every single day|every night|daily|day in day out|easily|ish|sometime|somewhere|,|-|[.!?]) ?)*"
)
EVENT_WORDS = 7
_BEGINNINGS = frozenset({"since", "started", "starting", "began"})
_SHORT_UNITS = frozenset({"y", "d", "w", "mo", "min", "weak", "mos"})


class _Patterns:
    """Regular expressions over the word line, made of the vocabulary."""

    def __init__(self, vocab: Vocabulary) -> None:
        unit = any_of(vocab.units)
        amount = vocab.amount
        filler = r"(?: (?:of|full|or so|whole|good|solid|long|more|- odd|odd|ish|straight|maybe))*"
        self.counted = re.compile(
            rf"(?<= )(?P<minus>- )?(?:between )?(?P<low>{amount}){filler}"
            rf"(?: (?:-|–|to|or|and|maybe|or maybe|going on|going on to|if not|possibly|up to) (?P<high>{amount}){filler})?"
            rf" (?P<unit>{unit})(?P<half> and (?:an? )?half| and an? bit)?"
            rf"(?: or (?P<more>two|three|2|3|{vocab.number}(?= (?:now|[.,;!]|$))))?(?= )"
        )
        homophone = r"to|too|for|fore|won|tree|ate|sicks|sex|free|severn"
        self.spoken = re.compile(
            rf" (?:(?:been|about|past|last|now|only)(?: like| about| for)? )?(?P<low>{homophone}) (?P<unit>weeks|months|years)(?= )"
        )
        # "Going into my third week", "this is day four".
        self.ordinal = re.compile(
            rf"(?<= )(?:my|the|its|our|in|into|a) (?P<place>{any_of(vocab.ordinals)}) (?P<unit>day|week|month|year)(?= )"
            rf"|(?<= )(?:its|it is|it s|this is|im on|i am on|on|now|^) (?P<named>day|week|month|year) (?P<number>{vocab.number})(?= )"
            rf"|(?:^ |(?<= ))(?P<named2>day|week|month|year) (?P<number2>{vocab.number})(?= of )"
            # As a clause of its own: "Low back, third day", "Day nine."
            rf"|(?:^|(?<= [.,;!])) (?P<place3>{any_of(vocab.ordinals)}) (?P<unit3>day|week|month)(?= (?:now |in )?(?:[.,;!]|$))"
            rf"|(?:^|(?<= [.,;!])) (?P<named3>day|week|month) (?P<number3>{vocab.number})(?= (?:now |in )?(?:[.,;!]|$))"
        )
        self.unit_alone = re.compile(
            rf"(?<= )(?:(?:the|this) )?(?:last|past|whole(?! day| night)) (?P<unit>{unit})(?= )"
        )
        days = any_of(vocab.weekdays)
        # "A week last Tuesday", "a fortnight ago on Monday".
        self.before_day = re.compile(
            rf"(?<= )(?P<low>{amount}) (?P<unit>{unit}|week|fortnight)(?: ago| back)? (?:on |last |this |past |come |gone )*(?P<day>{days})(?= )"
        )
        # "It'll be eight weeks on Wednesday", "a fortnight come Friday", "five weeks yesterday".
        self.full_on = re.compile(
            rf"(?<= )(?P<low>{amount}) (?P<unit>{unit}) (?:(?P<near>tomorrow|yesterday)|(?P<come>come|on) (?P<day>{days}))(?= )"
        )
        # "Two Saturdays ago", "the Friday before last".
        self.weeks_of_days = re.compile(
            rf"(?<= )(?:(?P<low>{amount}) (?P<days>{any_of(f'{day}s' for day in vocab.weekdays)}) (?:ago|back)|(?P<day>{days}) before last(?: (?P=day))?)(?= )"
        )
        self.before_date = re.compile(
            rf"(?<= )(?P<low>{amount}) (?P<unit>{unit}) (?P<side>before|after|prior to) (?:the |this |last |my )?(?P<named>{any_of(vocab.dates)})(?= )"
        )
        months = any_of(vocab.months)
        named = any_of({**vocab.dates, **vocab.events})
        dom = r"(?P<{0}>\d{{1,2}})(?: ?(?:st|nd|rd|th))?(?: of)?"
        date = (
            rf"(?P<day>{days})(?: gone| just gone)?"
            rf"|(?:{dom.format('dom')} )?(?P<month>{months})(?: {dom.format('after')}(?!\d))?(?: ,)?(?: (?P<myear>(?:19|20)\d\d|last year|this year))?"
            r"|(?:the )?(?:beginning|start|turn) of (?:the|this) (?P<period>month|year)"
            rf"|(?P<year>(?:19|20)\d\d)|(?P<short>[5-9]\d|0\d)|(?P<named>{named})(?: (?P<nyear>(?:19|20)\d\d))?"
            rf"|the (?P<alone>\d{{1,2}}) ?(?:st|nd|rd|th)(?! (?:{months}|of (?:{months})))(?: of (?:this|the|last) month)?"
        )
        self.dated = re.compile(
            r"(?<= )(?P<opener>since|from|on|in|was|last|around|about|back in|early|late|this|end of|start of|beginning of|middle of|mid|started|starting|began)"
            r"(?: (?:about|around|roughly|early|late|last|the|this|mid|way|back|in|on|beginning|end|start|middle|of|at|end of))*?"
            rf" (?:{date})(?= )"
        )
        # The date alone is an answer: "Saturday", "2nd November".
        self.date_alone = re.compile(
            rf"^(?P<opener>) (?:the )?(?:{date})(?: (?:night|morning|evening|afternoon|last|gone|i think|this year))?(?= (?:[.,!?] )*$)"
        )


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns(vocabulary())


def read_durations(
    words: Words,
    today: dt.date,
    others: Spans = (),
    is_others: Callable[[int, int], bool] = lambda start, end: False,
    ages: Sequence[Finding] = (),
) -> Iterator[Finding]:
    """Read each length of time; open ends are read as long.

    A `duration` is how long the pain has been there; a `time` may be anything, and means that only
    as an answer to the question. A time that cannot be (negative, in the future, longer than a
    life) is `out_of_range`.

    Args:
        others: stretches of the word line that tell of something else than the pain.
        is_others: whether what stands at a stretch is another person's.
        ages: what was read as the patient's age.
    """
    message = _Message(words.line, others)
    taken: list[tuple[int, int]] = []
    times = [
        *_counted(message, today, taken),
        *_dated(message, today, taken),
        *_phrases(message, taken, years_old(ages)),
    ]
    about_pain = [
        days is not None
        and (start, end) not in message.bare
        and not is_an_age(words.span(start, end), ages)
        and message.is_about_pain(start, end, days)
        and not is_others(start, end)
        for start, end, days, _ in times
    ]
    of_this_bout = [
        about and not message.is_of_an_earlier_bout(start, end)
        for about, (start, end, _, _) in zip(about_pain, times, strict=True)
    ]
    if sum(of_this_bout) > 1:
        # "Two days. 29 yrs. Lower back": beside a time of the pain, years alone are an age.
        of_this_bout = but_for_ages(of_this_bout, [words.span(*t[:2]) for t in times], ages)
    if any(of_this_bout):
        # "Had it in 2019 too, this one since Tuesday."
        about_pain = of_this_bout
    for about, (start, end, days, source) in zip(about_pain, times, strict=True):
        if days is None:
            yield finding(words, "out_of_range", "duration", start, end, source)
            continue
        kind = "duration" if about else "time"
        yield finding(words, kind, max(round(days, 1), SHORTEST_DAYS), start, end, source)


class _Message:
    """A word line, and what the times in it are about."""

    def __init__(self, line: str, others: Spans) -> None:
        self.line = line
        self._others = others
        self._names: dict[tuple[int, int], tuple[Stretches, Stretches]] = {}
        self.bare: list[tuple[int, int]] = []
        """Dates that tell of no beginning, so that only the question gives them a meaning."""

    def is_about_pain(self, start: int, end: int, days: float) -> bool:
        """Whether a time tells how long the pain has been there, by the words around it."""
        line, times = self.line, vocabulary().times
        span, near = sentence(line, start, end), clause(line, start, end)
        gone_by = AGO.match(line[end:] + " ")
        # The "back" of "a month back" is nobody's back.
        end += gone_by.end() - 1 if gone_by else 0
        ago = gone_by is not None or _DATE_START.match(line, start) is not None
        if times.over.search(line, *(span if ago else near)):
            return False
        if _HURTS_SINCE.match(line, end):
            return True
        if ago and _ONCE_MORE.search(line[near[0] : start]):
            # "It flared up again two days ago" began at some other time.
            return False
        if ago and days > INJURY_IS_OLD_DAYS and _INJURY.search(line, *near):
            return _PAIN.search(line, *near) is not None
        if self.stands_alone(start, end):
            return self._may_mean_pain(start, end, span)
        if not gone_by and self._is_each_time(start, days):
            return False
        return self.dates_the_pain(start, span) or self._is_nearest_pain(start, end, near, span)

    def _is_each_time(self, start: int, days: float) -> bool:
        """Hours are rather how long each time: "takes an hour to loosen up"."""
        return days < 1 and not self.line.endswith(" been ", 0, start)

    def _is_nearest_pain(self, start: int, end: int, *around: tuple[int, int]) -> bool:
        """Whether pain is no farther off than anything else, in the first that names either."""
        for within in around:
            pain, other = (named.nearest(start, end) for named in self._named(within))
            if min(pain, other) < FAR:
                return pain <= other
        return False

    def _may_mean_pain(self, start: int, end: int, within: tuple[int, int]) -> bool:
        """On its own a time is the pain's, unless the sentence is about something else only."""
        pain, other = (named.nearest(start, end) for named in self._named(within))
        return other == FAR or pain < FAR

    def is_of_an_earlier_bout(self, start: int, end: int) -> bool:
        """Whether words beside a time tell that it is of a bout before this one."""
        near = clause(self.line, start, end)
        return vocabulary().times.earlier_bout.search(self.line, *near) is not None

    def is_to_come(self, start: int, end: int) -> bool:
        """Whether the words before a date tell that what it dates is still to come."""
        begin, _ = clause(self.line, start, end)
        return vocabulary().times.planned.search(self.line, max(begin - 1, 0), start) is not None

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether its clause holds nothing but the time."""
        begin, stop = clause(self.line, start, end)
        before, after = self.line[begin:start], self.line[end:stop]
        return bool(_FILLERS.fullmatch(before) and _FILLERS.fullmatch(after))

    def _named(self, within: tuple[int, int]) -> tuple[Stretches, Stretches]:
        """What names the pain, and what something else; found once for all times in there.

        "Trouble" of the thyroid names no pain.
        """
        if within not in self._names:
            times = vocabulary().times
            other = Stretches(
                self.line, (m.span() for m in times.other.finditer(self.line, *within))
            )
            pain = (m.span() for m in times.pain.finditer(self.line, *within))
            told = (o for o in self._others if within[0] <= o[0] and o[1] <= within[1])
            self._names[within] = (
                Stretches(self.line, (p for p in pain if not other.hold(*p))),
                Stretches(self.line, [*other.spans, *told]),
            )
        return self._names[within]

    def dates_the_pain(self, start: int, span: tuple[int, int]) -> bool:
        """True for "it hurts since my operation two years ago": pain, "since", then the event."""
        times = vocabulary().times
        last = None
        for match in times.dated_by.finditer(self.line, span[0], start):
            last = match
        if last is None or self.line.count(" ", last.end(), start) > EVENT_WORDS:
            return False
        return times.pain.search(self.line, span[0], last.start() + 1) is not None


def _before_a_day(
    message: _Message, today: dt.date, taken: list[tuple[int, int]]
) -> Iterator[Time]:
    """ "A week last Tuesday", "two days before Christmas"."""
    vocab, patterns, line = vocabulary(), _patterns(), message.line
    for match in [*patterns.before_day.finditer(line), *patterns.before_date.finditer(line)]:
        if overlaps(taken, *match.span()):
            continue
        length = vocab.value(match["low"]) * vocab.units.get(match["unit"], 0)
        if match.re is patterns.before_day:
            if length % 7:
                # "Three days last week": how often, not since when.
                continue
            back = float((today.weekday() - vocab.weekdays[match["day"]]) % 7 or 7)
        else:
            back = float((today - (latest_named(match["named"], today) or today)).days)
            length = length if match["side"] != "after" else -length
        taken.append(match.span())
        yield *match.span(), max(back + length, 1.0), match["unit"]


def _counted(message: _Message, today: dt.date, taken: list[tuple[int, int]]) -> Iterator[Time]:
    yield from _full_on(message.line, today, taken)
    yield from _before_a_day(message, today, taken)
    yield from _weeks_of_days(message.line, today, taken)
    yield from sums_of(_amounts(message.line, taken), message.line)
    yield from _ordinals(message.line, taken)
    yield from _units_alone(message.line, taken)


_WILL_BE = re.compile(
    r" (?:itll be|it will be|thatll be|ll be|will be|itll make) (?:about |exactly )?$"
)


def _full_on(line: str, today: dt.date, taken: list[tuple[int, int]]) -> Iterator[Time]:
    """ "Eight weeks on Wednesday", of the next or the last one, "a week tomorrow"."""
    vocab = vocabulary()
    for match in _patterns().full_on.finditer(line):
        comes = match["come"] == "come" or bool(_WILL_BE.search(line[: match.start()]))
        if overlaps(taken, *match.span()) or not (match["near"] or comes):
            continue
        more = {"tomorrow": -1.0, "yesterday": 1.0}.get(match["near"] or "", 0.0)
        if match["day"]:
            more = -float((vocab.weekdays[match["day"]] - today.weekday()) % WEEK_DAYS or WEEK_DAYS)
        days = vocab.value(match["low"]) * vocab.units[match["unit"]] + more
        if days > 0:
            taken.append(match.span())
            yield *match.span(), days, "date"


def _weeks_of_days(line: str, today: dt.date, taken: list[tuple[int, int]]) -> Iterator[Time]:
    """ "Two Saturdays ago", "the Friday before last"."""
    vocab = vocabulary()
    for match in _patterns().weeks_of_days.finditer(line):
        if overlaps(taken, *match.span()):
            continue
        named = match["day"] or match["days"].removesuffix("s")
        weeks = 1 if match["day"] else int(vocab.value(match["low"])) - 1
        back = (today.weekday() - vocab.weekdays[named]) % WEEK_DAYS or WEEK_DAYS
        taken.append(match.span())
        yield *match.span(), float(back + WEEK_DAYS * weeks), "date"


def _amounts(line: str, taken: list[tuple[int, int]]) -> Iterator[Time]:
    """ "Two weeks", "two or three months", "for years", where they are lengths."""
    vocab, patterns = vocabulary(), _patterns()
    for match in [*patterns.counted.finditer(line), *patterns.spoken.finditer(line)]:
        spoken = match.re is patterns.spoken
        start, end = match.start("low") if spoken else match.start(), match.end()
        if spoken and match.start() != 0 and not _AMOUNT_BEFORE.search(line[:start]):
            continue
        unit, low = match["unit"], match["low"]
        short = unit in _SHORT_UNITS and not low[0].isdigit()
        if short or overlaps(taken, start, end):
            continue
        taken.append((start, end))
        if not is_length(line, start, end, unit):
            continue
        if low.startswith("half") and unit.startswith("night"):
            continue
        groups = match.groupdict()
        days = _count(groups) * vocab.units[unit]
        negative = bool(groups.get("minus")) and not re.search(r"[a-z0-9] $", line[:start])
        possible = not negative and 0 < days <= MAX_DURATION_DAYS
        yield start, end, days if possible else None, unit


def _count(groups: Mapping[str, str | None]) -> float:
    """How many units were told: of a range the longer end."""
    vocab = vocabulary()
    more = groups.get("more")
    if more:
        return vocab.value(more)
    count = max(vocab.value(groups["low"] or ""), vocab.value(groups.get("high") or ""))
    return count + 0.5 if "half" in (groups.get("half") or "") else count


def _ordinals(line: str, taken: list[tuple[int, int]]) -> Iterator[Time]:
    """ "Going into my third week", "this is day four"."""
    vocab = vocabulary()
    for match in _patterns().ordinal.finditer(line):
        if overlaps(taken, *match.span()):
            continue
        taken.append(match.span())
        number = match["number"] or match["number2"] or match["number3"] or "1"
        told = match["place"] or match["place3"] or ""
        place = vocab.ordinals.get(told, 0) or vocab.value(number)
        named = match["named"] or match["named2"] or match["named3"]
        unit = match["unit"] or match["unit3"] or named
        days = place * vocab.units[unit]
        yield *match.span(), days if days <= MAX_DURATION_DAYS else None, "ordinal"


def _units_alone(line: str, taken: list[tuple[int, int]]) -> Iterator[Time]:
    """ "The past week"; in "June last year" the year belongs to the month."""
    vocab = vocabulary()
    for match in _patterns().unit_alone.finditer(line):
        before = line[: match.start()].split()
        of_a_month = bool(before) and before[-1] in vocab.months
        if not of_a_month and not overlaps(taken, *match.span()):
            taken.append(match.span())
            yield *match.span(), vocab.units[match["unit"]], "time"


def _dated(message: _Message, today: dt.date, taken: list[tuple[int, int]]) -> Iterator[Time]:
    line = message.line
    patterns = _patterns()
    for match in [*patterns.dated.finditer(line), *patterns.date_alone.finditer(line)]:
        start, end = match.span()
        if overlaps(taken, start, end) or not _may_date(match):
            continue
        taken.append((start, end))
        day = date_of(match, today)
        if not _is_onset(message, match):
            # What tells of no beginning means something only to the question.
            if day is not None and day <= today and not message.is_to_come(start, end):
                message.bare.append((start, end))
                yield start, end, max(float((today - day).days), 1.0), "date"
        elif day is None or day > today or _FUTURE.search(f" {match[0]} "):
            yield start, end, None, "date"
        else:
            yield start, end, max(float((today - day).days), 1.0), "date"


_NO_DATE = re.compile(r" the sun $| fall of $")


def _may_date(match: re.Match[str]) -> bool:
    """False for "may" the verb, for the sun, and for bare numbers that are no years."""
    other = _NO_DATE.search(f"{match[0]} ") or match.string.startswith("of ", match.end() + 1)
    if other and (match["day"] == "sun" or match["named"] == "fall"):
        return False
    if match["opener"] in _BEGINNINGS:
        return True
    if match["short"] or (match["alone"] and match["opener"]):
        return False
    return match["month"] != "may" or bool(match["dom"] or match["myear"])


def _is_onset(message: _Message, match: re.Match[str]) -> bool:
    """Whether a date tells when something began: after "since", or near a word for beginning."""
    if match["opener"] in _BEGINNINGS:
        return True
    line, (start, end) = message.line, match.span()
    if message.dates_the_pain(start, sentence(line, start, end)):
        return True
    around = sentence if message.stands_alone(start, end) else clause
    return nearest(_onset(), line, start, end, around(line, start, end)) < FAR


@lru_cache(maxsize=1)
def _onset() -> re.Pattern[str]:
    return re.compile(
        r"(?<= )(?:start\w*|began|begun|came on|hurt\w*|pain\w*|sore|stiff\w*|ache\w*|aching|spasm\w*|tweaked|ricked|pulled|put|threw|did|"
        r"fell|fall|slipped|tripped|lift\w*|twist\w*|injur\w*|went|gone|flared?|first|back|trouble|problems?|crash\w*|hit|kicked|woke|bent|bend|rear|bout|twinge\w*|episode|swerv\w*|strain\w*|lugg\w*|shift\w*|jarred|wrench\w*"
        r"|came off|rolled|dropped|caught|clunk\w*|popped|pulling|sneezed|dug|shovell?\w*|yanked|jolted|shoved|pushed|bumped|knocked|that was|this was|happened|thats|stuck|locked|jammed|seized|crooked|bother\w*)(?= )"
    )


_YOUNG_AT = re.compile(r" (?:about |around |only )?(?P<years>\S+)(?= )")
_SINCE_I_WAS = re.compile(r"since (?:i|he|she) was$")
DAYS_A_YEAR = 365
_OF_A_PERIOD = re.compile(r"(?:last|this|past|all|what a) (?:year|month|week)$")


def _since_a_year(line: str, end: int, days: float, age: int | None) -> float:
    """Days since somebody was so old as told behind "since I was", if it is known how old they are."""
    told = _YOUNG_AT.match(line, end)
    young = vocabulary().value(told["years"]) if told and told["years"] != "a" else 0
    return (age - young) * DAYS_A_YEAR if age and 0 < young < age else days


def _phrases(
    message: _Message, taken: list[tuple[int, int]], age: int | None = None
) -> Iterator[Time]:
    line = message.line
    for days, pattern in sorted(vocabulary().phrases.items(), reverse=True):
        for match in pattern.finditer(line):
            start, end = match.span()
            if overlaps(taken, start, end) or not is_length(line, start, end, ""):
                continue
            if re.search(r" (?:\d+|ago|next|early) $", line[:start]):
                continue
            if match[0] == "years" and not _MANY_YEARS.search(line[:start]):
                continue
            taken.append((start, end))
            passing = days <= 1 or _OF_A_PERIOD.match(match[0])
            if passing and not _begins(message, start, end):
                message.bare.append((start, end))
            if _SINCE_I_WAS.match(match[0]):
                days = _since_a_year(line, end, days, age)
            yield start, end, days, match[0]


def _begins(message: _Message, start: int, end: int) -> bool:
    """Whether "this morning" tells of a beginning, and not of what else happened then."""
    if message.stands_alone(start, end):
        return True
    near = clause(message.line, start, end)
    return nearest(_onset(), message.line, start, end, near) < FAR
