"""Whose a finding is, and whether it holds now: ConText's idea (Harkema 2009) in patients' words.

A cue reaches over the words behind it until the sentence ends or a word such as "but" stops it.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from backline.facts import Status
from backline.nlu.components.aside import (
    animal_before,
    belongs_behind,
    only_talked_of,
    ruled_out,
)
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all

REACH_WORDS = 9
CUE_WORDS = 20
"""More words than any cue has."""
AFTER_WORDS = 7
OPENING_WORDS = 8
DENIED_AFTER_WORDS = 2
BEHIND_WORDS = 24
"""More words than anything reaches that is told behind a finding, but for a time and a denial of all."""
Told = dict[tuple[str, str, str, bool, bool, bool, bool], Status]
"""How words stood among the same words before."""
_NEVER = re.compile(r"(?!)")
_SENTENCE_END = re.compile(r" [.!?;\n](?= )")
_YEARS = re.compile(
    r" (?:in|since|from|back in|of) ((?:19|20)\d\d)(?: (?:when|where|as|while))?(?= )"
)
_LONG_AGO = re.compile(
    r" (?:(?:\d+|a|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|few|couple|several|many|some|donkeys)"
    r" (?:of |or so )?(?:years?|yrs?|winters|summers)|(?:[2-9]|1\d|two|three|four|five|six|seven|eight|nine|ten|few|couple|several)"
    r" (?:of )?months|decades?|years|ages) (?:ago|back) "
)
_NEGATIVE_START = re.compile(
    r"(?:cant|cannot|couldnt|wont|unable|not|barely|hardly|no|never|havent|hasnt|dont|doesnt|didnt|struggl\w*)\b"
)
_STATED_NEGATION = re.compile(r" (?:not that|no way that|not as if|not like) (?:i |he |she |my )?$")
_IF_ONLY = re.compile(
    r" (?:if|unless|in case)(?: (?:i|he|she|it|they|you|we|my))?(?: ever| suddenly| also| really)? $"
)
# "Fever? No. Blood in my urine? Yes."
_ANSWERED = re.compile(
    r"(?: [a-z]+){0,3} (?:\?|:) (?:(?P<yes>yes|yeah|yep|yup|aye)|(?:no|nope|nah|none|never|negative))(?= )"
)
# "Rash, fever, night sweats: all no."
_ALL_DENIED = re.compile(
    r" [:,-] (?:(?:all|both|its|a) )*(?:no|none|nope|nah|negative|denied)(?: (?:to all|of (?:them|those|that|these)))? *(?:[.;!]|$)"
)
# "The pain does not go into my legs", "no loss of control".
_DENIED_WITHIN = re.compile(
    r"(?<! rather)(?<! hope)(?<! wish)(?<! hope i)(?<! hoping i)(?<! if i)(?<! i would)(?<! sleep and)(?<! asleep and) (?:not|doesnt|dont|never|isnt|didnt|doesn) (?:go|going(?! to be)|goes|went|spread\w*|expecting|radiat\w*|travel\w*|run|runs|running|shoot\w*|reach\w*|extend\w*|(?:wake\w*|waking)(?! up\b)(?= (?:me|him|her|us|them|at|in|from|because|by|due|with|during|through|as)\b)|hurt\w*|ache\w*|burn|burning|swell\w*|bleed\w*)\b"
    r"|(?<= )(?:isnt|arent|wasnt|werent|is not|are not|was not|were not) (?:(?:really|actually|at all|even|that|very) )?(?:swollen|hot|red|warm|numb|weak|puffy|inflamed|affected|affecting)\b"
    r"|(?<= )(?:lost|lose|losing) no (?:weight|kilos|pounds|kg)\b"
    r"|(?<= )no (?:loss|lack|change|changes|trouble|troubles|problem|problems|difficulty|difficulties|issue|issues|numbness|weakness|tingling|pain|accidents)\b"
)
# "I had a fever but that has gone."
_BUT_OVER = re.compile(
    r"(?: [a-z0-9]+){0,6} (?:, )?(?:but|and|though) (?:that|it) was (?:\w+ )?\w+ (?:years|decades) ago"
    r"|(?: [a-z0-9]+){0,6} (?:, )?(?:but|and|though) (?:that|it|its|thats|this|they|theyre|it s) (?:(?:has|have|had|all|is|been|now|s|completely|since|got|did|long) )*"
    r"(?:cleared|gone|went|settled|stopped|healed|resolved|better|fine|passed|disappeared|recovered|finished|cured|treated|eased|calmed|worn off|let up)(?= )"
    r"|(?: [a-z0-9]+){0,6} (?:, )?but not (?:any more|anymore|now|nowadays|these days"
    r"|(?:for|in) (?:ages|years|yonks|(?:a |some |many |several )?(?:long time|while|weeks|months|years)))(?= )"
)
# "My calf used to go tingly": nothing behind it says that it goes on.
_USED_TO = re.compile(r" used to (?:go|get|tingle|hurt|ache|shoot|burn)(?: [a-z]+){1,3} ")
_GOES_ON = re.compile(r" (?:but|then|now|cant|cannot|nothing|still|and|both|too) ")
# "A temperature and the shivers, all cleared up ages ago."
_ALL_OVER = re.compile(
    r"(?: (?!but |still |however )[a-z0-9,]+){0,12} (?:all|everything|both|theyve|they have|which) (?:(?:has|have|had|is|are|now|long|all|since) )*"
    r"(?:cleared|gone|went away|settled|healed|resolved|better|passed|disappeared|sorted|recovered)(?= )"
)
# "The kidney bit is wrong": what a result named. That it is "not right" may be how it is.
_SAID_WRONGLY = re.compile(
    r" (?:bit|thing|part|stuff|business) (?:(?:isnt|wasnt|is not|was not) (?:true|correct)|(?:is|was|s) (?:wrong|rubbish|nonsense|made up))(?= (?:[.,;!?]|$))"
)
_OF_ONESELF = re.compile(r" (?:me|my|us|i|we|our|over) ")
# "No numbness, pain or weakness in my legs": an "or" closes a list, all of which is denied.
_ITEM = (
    r"(?!(?:i|im|ive|id|its|it|he|she|hes|shes|there|theres|just|only|but|yes|cant|cannot)\b)[a-z]+"
)
_OF_NOBODY = r"(?!(?:my|his|her|their|the)\b)"
_LIST_TO_ITS_END = re.compile(
    rf"(?: {_OF_NOBODY}{_ITEM}){{1,4}}(?: ,(?: {_OF_NOBODY}{_ITEM}){{1,3}})+ (?:or|nor) (?:{_ITEM} ){{0,4}}"
)
_DONE_TO_ONESELF = re.compile(r" (?:me|myself) ")
_NOW = re.compile(r" (?:these days|nowadays|now|today|lately) ")
_ELSE = re.compile(r" (?:else|otherwise|rest|apart|other) ")
_NONE_THAT = re.compile(r"(?:that|i|not|really|at all|whatsoever|ever|thank\w*|so far)\b")
_NAMES_STATUS = {
    Status.ABSENT: "negation",
    Status.OTHER_PERSON: "other_person",
    Status.HYPOTHETICAL: "hypothetical",
    Status.PAST: "past",
    Status.UNCERTAIN: "uncertain",
}


def _compiled(patterns: list[str] | None, sets: dict[str, list[str]]) -> re.Pattern[str]:
    return compile_all(patterns or [], sets) or _NEVER


@dataclass(frozen=True)
class _Cue:
    """The words that set aside in one way, and those that end their reach."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    ends: re.Pattern[str]


class _Context:
    """The compiled `context.yml`."""

    def __init__(self) -> None:
        data: dict[str, Any] = read_yaml("context.yml")
        sets = data["sets"]
        self.ends = _compiled(data["ends"], sets)
        self.pseudo = _compiled(data["negation"]["pseudo"], sets)
        self.cues = {
            status: _Cue(
                _compiled(data[name].get("before"), sets),
                _compiled(data[name].get("after"), sets),
                _compiled(data[name].get("ends"), sets),
            )
            for status, name in _NAMES_STATUS.items()
        }
        hypothetical = data["hypothetical"]
        self.around = _compiled(hypothetical["around"], sets)
        defines = _compiled(hypothetical["defines"], sets).pattern
        self.defines = re.compile(rf"(?:{defines}) $")
        ends_with = _compiled(hypothetical["ends_with"], sets).pattern
        self.ends_with = re.compile(rf"(?: (?:{ends_with}))* *[.?!;\n]? *")
        held = _compiled(hypothetical["held"], sets).pattern
        self.held = re.compile(rf"(?:{held})(?: (?:the|my|this))?(?: [a-z]+)? $")
        self.relative = _compiled(["<relative>"], sets)
        self.pronouns = _compiled(data["other_person"]["pronouns"], sets)
        proxy = data["proxy"]
        self.proxy_explicit = _compiled(proxy["explicit"], sets)
        self.proxy_starts = _compiled(proxy["starts"], sets)
        self.complaint = _compiled(proxy["complaint"], sets)
        self.mine = _compiled(proxy["mine"], sets)
        self.cares = _compiled(proxy["cares"], sets)
        self.first_person = _compiled(proxy["first_person"], sets)


@lru_cache(maxsize=1)
def _context() -> _Context:
    return _Context()


class Scopes:
    """The scopes of one message.

    Args:
        line: the message as words between single spaces.
        today: to tell which years are past.
        proxy: the message is about somebody else, who is the patient: `is_proxy`.
        told: what was worked out for other parts of the message, and will be for this one.
    """

    def __init__(self, line: str, today: dt.date, proxy: bool, told: Told | None = None) -> None:
        self._line = line
        self._known: Told = {} if told is None else told
        self._far: dict[tuple[int, int], _FarWords] = {}
        self._today = today
        ends = [m.span() for m in _SENTENCE_END.finditer(line)]
        self._end_starts = [start for start, _ in ends]
        self._end_stops = [stop for _, stop in ends]
        self._pseudo = [m.span() for m in _context().pseudo.finditer(line)]
        self.proxy = proxy
        self._relatives = [m.start() for m in _context().relative.finditer(line)]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Find where the sentence around a stretch begins and ends."""
        before = bisect_left(self._end_stops, start)
        after = bisect_left(self._end_starts, end - 1)
        return (
            self._end_stops[before - 1] if before else 0,
            self._end_starts[after] + 1 if after < len(self._end_starts) else len(self._line),
        )

    def status(self, start: int, end: int, history: bool = False) -> Status:
        """Tell whether what stands at `start` to `end` is the patient's, now.

        Args:
            history: having had it counts as having it, so that "had" and "years ago" change nothing.
        """
        answered = _ANSWERED.match(self._line, end)
        if answered:
            return Status.PRESENT if answered["yes"] else Status.ABSENT
        begin, stop = self.sentence(start, end)
        words = self._line[start:end]
        far = self._far_words(begin, stop)
        told = far.deny(end), far.tell_long_ago(start, end) or self._names_long_ago(words)
        _, *near = self._line[begin:start].rsplit(" ", REACH_WORDS + CUE_WORDS + 1)
        behind = self._line[end:].split(" ", BEHIND_WORDS)[:BEHIND_WORDS]
        named = bool(self._relatives and self._relatives[0] <= start)
        alike = (" ".join(near), words, " ".join(behind), named, history, *told)
        if alike not in self._known:
            self._known[alike] = self._status(start, end, begin, stop, history)
        return self._known[alike]

    def _far_words(self, begin: int, stop: int) -> _FarWords:
        """The words of a sentence that tell how others anywhere in it stand."""
        if (begin, stop) not in self._far:
            self._far[begin, stop] = _FarWords(self._line, begin, stop, self._today)
        return self._far[begin, stop]

    def _status(self, start: int, end: int, begin: int, stop: int, history: bool) -> Status:
        before = " " + self._line[begin:start]
        denies = bool(_NEGATIVE_START.match(self._line, start))
        if _DENIED_WITHIN.search(self._line, max(start - 1, 0), end):
            return Status.ABSENT
        if self._far_words(begin, stop).deny(end) and not denies:
            return Status.ABSENT
        if not denies and self._is_ruled_out(before, end):
            return Status.ABSENT
        found = self._told(start, end, begin, stop)
        if denies and not _STATED_NEGATION.search(before):
            # "No fever, can't pee": a denial does not reach over another one.
            found.discard(Status.ABSENT)
        if self._is_anothers(before, start, end):
            return Status.OTHER_PERSON
        if self._is_other_person(Status.OTHER_PERSON in found, before, start, end):
            return Status.OTHER_PERSON
        for status in (Status.ABSENT, Status.HYPOTHETICAL):
            if status in found:
                return status
        if Status.PAST in found and not history:
            return Status.PAST
        return Status.UNCERTAIN if Status.UNCERTAIN in found else Status.PRESENT

    def _is_ruled_out(self, before: str, end: int) -> bool:
        """Whether what stands before `end` came back negative, or was said wrongly."""
        said_wrongly = _SAID_WRONGLY.match(self._line, end) is not None
        return said_wrongly or ruled_out(before, self._line[end:])

    def _told(self, start: int, end: int, begin: int, stop: int) -> set[Status]:
        """What the words of the sentence, from `begin` to `stop`, say of what stands in it."""
        before, after = " " + self._line[begin:start], self._line[end:stop] + " "
        found = {
            status
            for status, cue in _context().cues.items()
            if self._reaches(cue, before, begin - 1) or self._follows(status, cue, after)
        }
        if _context().held.search(before):
            found.discard(Status.HYPOTHETICAL)
        if _IF_ONLY.search(before) or self._is_spoken_of(start, end, begin, stop):
            found.add(Status.HYPOTHETICAL)
        gone = self._far_words(begin, stop).tell_long_ago(start, end)
        if (
            gone
            or self._names_long_ago(self._line[start:end])
            or any(over.match(self._line[:stop], end) for over in (_BUT_OVER, _ALL_OVER))
            or _only_used_to(before, self._line[start:end])
        ):
            found.add(Status.PAST)
        if _NOW.search(f" {self._line[start:end]} "):
            # "It used to be one leg that was numb, these days both".
            found.discard(Status.PAST)
        return found

    def _is_spoken_of(self, start: int, end: int, begin: int, stop: int) -> bool:
        """Whether it is a word that is asked about ("what X means"), or what may only come."""
        if _OF_ONESELF.search(f" {self._line[start:end]} "):
            return False
        cue = _context().cues[Status.HYPOTHETICAL]
        for match in _context().around.finditer(f" {self._line[begin:stop]} "):
            first, last = match.start() + begin, match.end() + begin - 2
            overlaps = first < end <= last or start < last <= end
            if overlaps and not self._ended(cue, f" {self._line[first:start]}"):
                return True
        return False

    def defines(self, start: int, end: int) -> bool:
        """Tell whether a sentence asks what the words at a stretch mean, and says nothing else."""
        begin, stop = self.sentence(start, end)
        if _OF_ONESELF.search(f" {self._line[start:end]} "):
            return False
        asks = _context().defines.search(" " + self._line[begin:start])
        return (
            asks is not None
            and _context().ends_with.fullmatch(f" {self._line[end:stop].strip()} ") is not None
        )

    def is_others(self, start: int, end: int) -> bool:
        """Tell whether what stands at a stretch is another person's than the patient's."""
        return self.status(start, end) is Status.OTHER_PERSON

    def _is_anothers(self, before: str, start: int, end: int) -> bool:
        """Whether it is an animal's, or said to be somebody else's by the words behind it."""
        stretch = self._line[start:end]
        if _OF_ONESELF.search(f" {stretch} "):
            return False
        if belongs_behind(self._line[end - 1 if stretch.endswith(" ") else end :]):
            return True
        animal = animal_before(before)
        if animal is None:
            return False
        between = before[animal.end() :]
        others = _context().cues[Status.OTHER_PERSON]
        return len(between.split()) <= REACH_WORDS and not self._ended(others, between)

    def _is_other_person(self, named: bool, before: str, start: int, end: int) -> bool:
        if self.proxy or before.endswith(" my "):
            return False
        if _DONE_TO_ONESELF.search(f" {self._line[start:end]} "):
            # "The dog pulled me over": whoever did it, it was done to the writer.
            return False
        if named:
            return True
        # "My mum is ill. She had cancer": a pronoun goes on about whom was named.
        if not self._relatives or self._relatives[0] > start:
            return False
        cue = _Cue(_context().pronouns, _NEVER, _context().cues[Status.OTHER_PERSON].ends)
        return self._reaches(cue, before, -1, pseudo=False)

    def _reaches(self, cue: _Cue, before: str, offset: int, pseudo: bool = True) -> bool:
        # Farther back no cue reaches, so a long text takes no longer for each finding.
        far, *near = before.rsplit(" ", REACH_WORDS + CUE_WORDS)
        if len(near) == REACH_WORDS + CUE_WORDS:
            before, offset = before[len(far) :], offset + len(far)
        for match in cue.before.finditer(before):
            place = match.start() + offset, match.end() + offset
            if pseudo and any(s <= place[0] and place[1] <= e for s, e in self._pseudo):
                continue
            between = before[match.end() :]
            if len(between.split()) > REACH_WORDS or self._ended(cue, between):
                continue
            return True
        return False

    @staticmethod
    def _ended(cue: _Cue, between: str) -> bool:
        if _LIST_TO_ITS_END.fullmatch(between):
            between = between.replace(" ,", "")
        return bool(_context().ends.search(between) or cue.ends.search(between))

    def _follows(self, status: Status, cue: _Cue, after: str) -> bool:
        word = r"\S+" if status is Status.PAST else "[^ ,]+"
        near = re.match(rf"(?: {word}){{0,{AFTER_WORDS}}} ", after)
        match = cue.after.search(near[0]) if near else None
        if match is None or near is None:
            return False
        between = near[0][: match.start()]
        if self._ended(cue, between + " "):
            return False
        if status is Status.ABSENT:
            if len(between.split()) > DENIED_AFTER_WORDS or _ELSE.search(f" {between} "):
                return False
            rest = after[match.end() :].strip()
            bare = match[0] in ("no", "nope", "none", "nah", "never", "negative")
            if bare and rest and rest[0] not in ".,;!?-" and not _NONE_THAT.match(rest):
                return False
        return True

    @staticmethod
    def _names_long_ago(words: str) -> bool:
        return _LONG_AGO.search(f" {words} ") is not None


def _every(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Each match, also one that begins within another: of "my back in 2015" what stands behind
    "back" is looked at by itself."""
    match = pattern.search(text)
    while match is not None:
        yield match
        match = pattern.search(text, match.start() + 1)


class _FarWords:
    """Words of one sentence that tell how others stand, however far they are from them.

    They are found once, since a long sentence may tell hundreds of things.

    Args:
        begin, stop: of the sentence, in the word line.
    """

    def __init__(self, line: str, begin: int, stop: int, today: dt.date) -> None:
        sentence, offset = f" {line[begin:stop]} ", begin - 1

        def places(matches: Iterable[re.Match[str]]) -> list[tuple[int, int]]:
            return [(m.start() + offset, m.end() + offset) for m in matches]

        years = (m for m in _every(_YEARS, sentence) if int(m[1]) < today.year)
        long_ago = sorted(places((*_every(_LONG_AGO, sentence), *years)))
        self._denied = [start for start, _ in places(_every(_ALL_DENIED, sentence))]
        self._starts = [start for start, _ in long_ago]
        self._stops = sorted(stop for _, stop in long_ago)
        ends = places(_every(_context().ends, sentence)) if long_ago else []
        self._end_starts = [start for start, _ in ends]
        # Of each and all behind it, where the first stops.
        self._first_stops = [*accumulate((stop for _, stop in reversed(ends)), min)][::-1]

    def deny(self, end: int) -> bool:
        """Tell whether all is denied behind a stretch: "numb legs, fever, chills: no"."""
        return bool(self._denied) and self._denied[-1] >= end

    def tell_long_ago(self, start: int, end: int) -> bool:
        """Tell whether the sentence says, before or behind a stretch, that it was long ago."""
        before = bisect_right(self._stops, start)
        if before and not self._ends_between(self._stops[before - 1] - 1, start):
            return True
        after = bisect_left(self._starts, end)
        return after < len(self._starts) and not self._ends_between(end, self._starts[after] + 1)

    def _ends_between(self, since: int, until: int) -> bool:
        """Whether a word such as "but" stands there, over which nothing reaches."""
        first = bisect_left(self._end_starts, since)
        return first < len(self._first_stops) and self._first_stops[first] <= until


def _only_used_to(before: str, words: str) -> bool:
    told = f" used {words} " if before.endswith(" used ") else f" {words} "
    return _USED_TO.search(told) is not None and _GOES_ON.search(told) is None


class NoScopes:
    """What stands for the scopes where they cannot be told: everything is the patient's, now."""

    proxy = False

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Return the words themselves."""
        return start, end

    def status(self, start: int, end: int, history: bool = False) -> Status:
        """Return that it is present."""
        return Status.PRESENT

    def is_others(self, start: int, end: int) -> bool:
        """Return that it is the patient's."""
        return False

    def defines(self, start: int, end: int) -> bool:
        """Return that it is told."""
        return False


_OF_THEM = re.compile(r" (?:he|she|hes|shes|they|theyre|his|her|their) ")


def _only_looks_after(line: str) -> bool:
    """Whether somebody else is named as who is looked after, and nothing more is told of them."""
    cares = _context().cares.search(line)
    if cares is None or _context().proxy_explicit.search(line):
        return False
    return _OF_THEM.search(f"{line[cares.end() - 1 :]} ") is None


TOLD_WITHIN = 2000
"""Characters within which is told who the patient is, so that no long text costs more."""


def is_proxy(line: str) -> bool:
    """Tell whether somebody writes for the patient, as they say within `TOLD_WITHIN`."""
    context, line = _context(), line[:TOLD_WITHIN]
    if context.mine.search(line) and not context.proxy_explicit.search(line):
        return False
    if _only_looks_after(line):
        return False
    if context.proxy_starts.match(line, 1) or context.proxy_explicit.search(line):
        return True
    named = context.relative.search(line)
    if named is None:
        return False
    # "My mum can't get up, her legs won't hold her": she opens the message, and it goes on about her.
    opens = line.count(" ", 0, named.start()) <= OPENING_WORDS
    goes_on = context.pronouns.search(line, named.end()) is not None
    speaks_of_them = opens and goes_on and not context.first_person.search(line)
    about_them = speaks_of_them or context.complaint.search(line) is not None
    return about_them and not only_talked_of(line)
