"""What else is counted: massages had, bare numbers, a unit put right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backline.facts import Finding, Status
from backline.nlu.components.severities import was_before
from backline.nlu.digits import LARGEST, whole_number_of
from backline.nlu.quantity_words import finding, vocabulary, whole
from backline.nlu.tokenizer import Words

MOST_SESSIONS = 200
_SESSIONS = re.compile(
    r" (?P<n>\S+)(?: (?:or (?:so )?(?P<more>\S+)|more|of|the|those|these|deep|tissue|good|remedial|sports|swedish|different|full|back|thai|hot|stone|separate))*"
    r" (?:massages?|sessions?|treatments?|goes|appointments?|rounds|visits)(?= )"
)
SHORT_REPLY_WORDS = 6
_HAD = re.compile(
    r" (?:had|have had|after|tried|been|did|done|already|got|went|gone|following|since|finished|so far|from|still|paid|having|went|did|masseur|masseuse|goes) "
)
_ASKED = re.compile(r" (?:how (?:much|many|long|often)|between (?:two|the)|enough|recommend) ")
_SESSIONS_AFTER = re.compile(
    r" (?:(?:went|been|gone)|had (?:a )?(?:sports |deep tissue |thai )?massages?|massaged|tried (?:it|massage)|had it|had one|i had|ive had|had)(?: about| only| just| like| maybe)? (?P<n>\S+)(?: times?)?(?= )"
)
_TIMES_WORDS = {"once": 1, "twice": 2, "thrice": 3}
_TIMES = re.compile(
    r" (?:massage\w*|masseur|masseuse)(?: \S+){0,4} (?P<n>once|twice|thrice)(?= )| (?P<m>once|twice|thrice)(?: \S+){0,3} massage\w*(?= )"
)
_HAD_A = re.compile(r" (?:had|after|got|have had|tried) $")
_NOT_YET = re.compile(
    r" (?:how|many|need|want|book|would|should|get|recommend|plan|planning|buy|package)(?: \S+){0,2} $"
)


def read_massage_sessions(words: Words) -> Iterator[Finding]:
    """Read how many massages were had; not how many are wanted."""
    line = words.line
    counted = False
    for start, end, sessions in _sessions(words):
        counted = True
        yield finding(words, "massage_sessions", sessions, start, end, "sessions")
    if counted:
        return
    for match in _TIMES.finditer(line):
        said = match["n"] or match["m"]
        if not _NOT_YET.search(line[: match.start() + 1]):
            yield finding(words, "massage_sessions", _TIMES_WORDS[said], *match.span(), "sessions")


def _sessions(words: Words) -> Iterator[tuple[int, int, int]]:
    """Counts of massages had: where in the word line, and how many."""
    line = words.line
    told = _HAD.search(line) or len(words.starts) <= SHORT_REPLY_WORDS
    if _ASKED.search(line) or not told:
        return
    taken = set()
    after = _SESSIONS_AFTER.finditer(line) if " massage" in line else ()
    for match in [*_SESSIONS.finditer(line), *after]:
        start = match.start("n")
        if start in taken or _NOT_YET.search(line[:start]) or _is_article(match, line[:start]):
            continue
        count = _count(match["n"])
        if count is None or not 0 <= count <= MOST_SESSIONS:
            continue
        taken.add(start)
        second = _count(match.groupdict().get("more") or "")
        yield start, match.end(), int(max(count, second or 0))


def _is_article(match: re.Match[str], before: str) -> bool:
    """Whether "a" or "one" counts nothing: "what is a treatment", "had a massage"."""
    if match.re is _SESSIONS_AFTER:
        return match["n"] in ("a", "one")
    return match["n"] == "a" and not _HAD_A.search(before)


def _count(said: str) -> float | None:
    if said in ("to", "too"):
        return 2.0
    if said in ("a", "single"):
        return 1.0
    number = whole_number_of(said)
    return vocabulary().numbers.get(said) if number is None else float(number)


_PART_OF_A_NAME = re.compile(
    r" (?:l|t|c|s|l -|covid|type|vitamin b|room|flat|bus|route|channel|brexit) $"
)
# "Never had one" counts nothing.
_COUNTS_ONE = re.compile(
    r"^ (?:(?:about|just|only|number|maybe|like|a|an|um|uh|its|it|is|i|think|say|,) )*$"
)
_MANY = re.compile(r"^ (?:million|billion)\b")
_HUGE = re.compile(r" (?:a|one|infinity|\d+) (?:million|billion|zillion|trillion) ")
_MILLION = 1_000_000
# "Eight - sorry, five", "seven, er, make that four".
_PUT_RIGHT = re.compile(
    r" (?:[,.;!-] )*(?:(?:er|erm|um|uh|oh|hmm|well|wait|hang on|no) (?:[,.!-] )?)*"
    r"(?:sorry|make that|make it|i mean|i meant|scrap that|correction|oops|typo|no|actually|rather|wait) (?:[,.;!-] )*(?:(?:make that|make it|i mean|i meant|its|it is|more like|an?|no|wait|sorry) (?:[,.-] )?)*"
    r"(?:\d|zero|one|two|three|four|five|six|seven|eight|nine|ten)"
)
_WITHOUT = re.compile(r" before(?: [.,;!]| $|$)")
_VAGUE = ("few", "several", "pair")


def read_numbers(words: Words, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    """Read numbers that mean nothing by themselves; the question asked gives them a meaning."""
    vocab, line = vocabulary(), words.line
    told = list(re.finditer(rf"(?<= ){vocab.number}(?: and a half)?(?= )", line))
    # "5 with tablets, 7 before" tells how bad it is without them.
    now = [
        match
        for match in told
        if _WITHOUT.match(line, match.end()) or not was_before(line, match.start())
    ]
    for match in told:
        start, end = words.span(*match.span())
        if any(s < end and start < e for s, e in taken) or _means_more(line, match):
            continue
        value = _value(line, match, alone=len(words.starts) <= 3)
        number = finding(words, "number", whole(value), *match.span(), "number")
        if now and match not in now:
            number = replace(number, status=Status.PAST)
        if _PUT_RIGHT.match(line, match.end()):
            number = replace(number, status=Status.ABSENT)
        yield number
    if not taken and _HUGE.search(line):
        yield finding(words, "number", _MILLION, 1, len(line) - 1, "number")


def _value(line: str, match: re.Match[str], *, alone: bool) -> float:
    """The number that stands there; one with a sign only where little else is said."""
    vocab = vocabulary()
    value, before = vocab.value(match[0]), line[: match.start()]
    # "6-7" is a range: its seven is no minus seven.
    in_range = re.match(rf" {vocab.number} ", before)
    if alone and re.search(r" (?:-|minus|negative) $", before) and not in_range:
        value = -value
    return min(value * _MILLION, LARGEST) if _MANY.match(line[match.end() :]) else value


def _means_more(line: str, match: re.Match[str]) -> bool:
    """Whether a number is vague, counts what follows, belongs to a name or stands for a thing."""
    before = line[: match.start()]
    if match[0] in _VAGUE or vocabulary().counted.match(line, match.end() + 1):
        return True
    if _PART_OF_A_NAME.search(before):
        return True
    return match[0] == "one" and not _COUNTS_ONE.search(before)


_UNIT_ONLY = re.compile(
    r" (?:mean|meant|correction|correction :|correct to|change to|typo|its|it is|actually|rather|say|said|was|in|make that|should be|not \S+|no|sorry|of course)(?: ,| to say| in)?"
    r" (?P<unit>days|weeks|months|years|hours)(?:(?: ,)? not \S+)?(?: [.!,]| sorry| of course| duh| oops| lol)* $"
)


_UNIT_NOT = re.compile(
    r" (?:(?:oops|sorry|no|wait|ah|oh|actually|,) )*(?P<unit>days|weeks|months|years|hours) ,? ?not (?:days|weeks|months|years|hours)(?= )"
)


def read_unit_correction(words: Words) -> Iterator[Finding]:
    """Read "I meant months": the unit alone, in days."""
    match = _UNIT_ONLY.search(words.line) or _UNIT_NOT.match(words.line)
    if match:
        days = vocabulary().units[match["unit"]]
        yield finding(words, "duration_unit", days, match.start("unit"), match.end("unit"), "unit")
