"""How bad the pain is now, 0-10."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from backline.facts import BY_NUMBER, Finding, Status
from backline.nlu.clauses import clause, sentence
from backline.nlu.quantity_words import VAGUE, Vocabulary, finding, vocabulary
from backline.nlu.tokenizer import Words

SHORT_REPLY_WORDS = 6
TALE_SENTENCES = 4
TOP = 10
_DATE = re.compile(r"^ / \d")
_SCALE = re.compile(r" (?:/|out of|outta|over|on) (?:a )?(?:10|ten|tan|tin|tenn) ")

_OF_A_TIME = re.compile(
    r" (?:/|:|-) ?\d| \. ?\d\d(?! (?:days?|weeks?|months?|years?|yrs?|yo|old|f|m)\b)| [ap] \. ?m\b|(?: (?:-|to|or|and) (?:\d+|[a-z]+))? (?:days?|weeks?|months?|years?|hours?|wks?)\b"
)
_PART_OF_A_NAME = re.compile(
    r" (?:l|t|c|s|l -|day|week|aged?|number|im|i am|hes|shes|the last|last|past) $"
)
# "9/10 for the friendly greeting".
_FOR_A_THING = re.compile(
    r" for (?:the|your|being|that|its|their) (?!(?:pain|back|ache|last|past|first|most|lower|upper|neck|spine|moment|time)\b)[a-z]+"
)
_ONE_RATES = re.compile(r" (?:an?|at|about|around|say|=|:) $")


@dataclass(frozen=True)
class _Number:
    start: int
    end: int
    value: float


class _Patterns:
    """Regular expressions over the word line, made of the vocabulary."""

    def __init__(self, vocab: Vocabulary) -> None:
        value = vocab.spoken
        plain = vocab.number
        ish = r"(?: (?:ish|plus|\+|point five|and a half|maybe|or so|easily|at (?:most|best|worst|least)|on (?:a )?(?:good|bad|the worst) days?))*"
        joint = (
            r"(?:-|–|to|or|and|maybe|, maybe|or maybe|or even|going on|verging on|sometimes|up to)"
        )
        self.out_of_ten = re.compile(
            rf"(?<= )(?P<minus>- )?(?:(?P<low>{value}) {joint} )?(?P<high>{value}){ish}"
            r" (?:(?:/|out of|outta|over|on|oout of|of|outof) (?:a )?(?:possible )?(?:10|ten|tan|tin|tenn)|on (?:your|the|that|this|a) (?:pain )?scale)(?= )"
        )
        self.between = re.compile(
            rf"(?<= )(?:between|from)(?: (?:an?|about))? (?P<low>{plain}) (?:and|to|-|–)(?: an?)? (?P<high>{plain})(?= )"
        )
        self.on_bad_days = re.compile(
            rf"(?<= )(?:(?P<low>{plain}) {joint} )?(?P<high>{plain}){ish} (?:on|when|at|if|in|without|off|before)"
            r"(?: (?:its|my|the|really|very|it|is|i|a|bad|days?|s|any))* (?:bad|tablets|pills|painkillers|medication|meds|medicine|worst|worse|night|mornings?|move|peak|evenings?|bend|bends?|worstest)(?: days?| ones?)?(?= )"
        )
        subject = (
            r"(?:pain|it|its|back s|back|neck s|neck|level|score|severity|hurts?|hurting|rate it|rating|scale|numbers|id say|i d say|say|id put|i d put|would put|put down|would say|i put|id give|i d give|would give|i give|will say|can say|call it|probably|about|around|now|maybe|mostly|usually|usual|usualy|typically|generally|"
            r"solid|down to|up to|like|call it|put it|give it|giving it|sitting|hovering|average|averages|averaging|reckon|pushing|today|currently|normally|sits|to|best|worst|days?|night|moving)"
        )
        filler = (
            r"(?:is|was|but|ok|okay|its|it|it s|level|of|about|an?|around|at|like|say|id say|i d say|probably|maybe|just|roughly|only|solid|good|more like|usually|now|currently|"
            r"mostly|today|steady|constant|dull|regular|strong|low|high|somewhere|between|near|nearly|almost|up to|a strong|strong|easy|easily|least|most|number|on the scale|:|=|,|s|would be|be|as|the|pain|sits|hovers|hovering|reckon|i|scale|score|to|moment|right|from|night|in|days|bad|good|my|hits|goes|worst|best)"
        )
        self.said = re.compile(
            rf"(?<= ){subject}(?: {filler}){{0,6}} (?:(?P<low>{plain}) {joint} (?:an? )?)?(?P<high>{plain}){ish}(?= )"
        )
        self.article = re.compile(
            rf"(?<= )(?:an?|maybe|about|probably|say) (?P<low>{plain} {joint} )?(?:an? )?(?P<high>{plain}){ish}(?= (?:[.,!?;]|$|i|id|but|at the|right|now|today|if|out|when|on) ?)"
        )
        once = rf"(?<![a-z0-9])(?:{vocab.spoken_plain})(?![a-z0-9])"
        self.plain = once
        hedge = r"(?:oh|um|uh|well|maybe|honestly|about|around|an?|say|id say|i d say|probably|i suppose|i guess|i think|i d call it|call it|at worst|at its worst|tops|at most|or|to|-|,|perhaps|now|today|so|just|right now)"
        self.alone = re.compile(
            rf"(?:^| [.!?;\n]) (?P<numbers>(?:{hedge} )*{once}(?: (?:{hedge} )*{once})*(?: {hedge})*)(?= (?:[.!?;\n]|$))"
        )
        self.ish = re.compile(
            rf"(?<= )(?:(?P<low>{plain}) {joint} )?(?P<high>{plain}) ?(?:ish|plus)(?= )"
        )


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns(vocabulary())


def read_severities(words: Words) -> Iterator[Finding]:
    """Read each strength of this pain; of a range the higher, words by what they keep one from.

    Numbers outrank words; what it was once counts only if nothing tells how it is now.
    A number out of ten beyond the scale is `out_of_range`.
    """
    numbers, impossible = _numbers(words.line)
    numbers = numbers or _standing_alone(words.line)
    for start, end in impossible:
        yield finding(words, "out_of_range", "severity", start, end, "out of ten")
    for number in (n for n in numbers if _is_denied(words.line, n)):
        yield replace(_finding(words, number), status=Status.ABSENT)
    numbers = [n for n in numbers if not _is_denied(words.line, n)]
    current = _current(words.line, numbers)
    for number in current or numbers:
        yield _finding(words, number)
    if not current:
        for start, end, value, said in _by_words(words.line):
            if not (numbers and was_before(words.line, start)):
                yield finding(words, "severity", value, start, end, said)


def _finding(words: Words, number: _Number) -> Finding:
    value = math.ceil(number.value)
    return finding(words, "severity", value, number.start, number.end, BY_NUMBER)


def _current(line: str, numbers: list[_Number]) -> list[_Number]:
    """Those of now; where one is the usual one, those of a movement or a bad day are left out."""
    current = [n for n in numbers if not was_before(line, n.start)]
    if any(_is_usual(line, n) for n in current):
        return [n for n in current if _is_usual(line, n) or _is_now(line, n)]
    # "About a 4, 7 on bad mornings": beside a peak the other one is the usual strength, unless that
    # is told of rest, or of today alone.
    usual = [n for n in current if not _is_peak(line, n)]
    lesser = any(_is_at_rest(line, n) or _is_now(line, n) for n in usual)
    return current if lesser else usual or current


def _is_denied(line: str, number: _Number) -> bool:
    return _NEVER_SAID.search(line[: number.start]) is not None


_HOW_MANY = re.compile(r" how (?:many|much|long|often|far) (?:\S+ ){0,8}$")
"""Numbers behind it are an answer that somebody guesses: "how many massages? 2 or like 10?"."""
_NEVER_SAID = re.compile(
    r" (?:didnt|did not|never|havent|have not) (?:say|said|tell|told|write|wrote|mention|mentioned|put|give|gave|rate|rated)"
    r"(?: (?:it|was|is|a|an|my|pain|that|you|the|of|at|anything|about))* $"
)


def _is_usual(line: str, number: _Number) -> bool:
    """Whether a strength is said to be the usual one, in its part of the sentence."""
    begin, _ = clause(line, number.start, number.end)
    return vocabulary().strengths.usual.search(line, begin, number.start + 1) is not None


def _is_peak(line: str, number: _Number) -> bool:
    """Whether a strength is that of a movement or a bad time, in its part of the sentence."""
    span = clause(line, number.start, number.end)
    return vocabulary().strengths.peak.search(line, *span) is not None


def _is_at_rest(line: str, number: _Number) -> bool:
    span = clause(line, number.start, number.end)
    return vocabulary().strengths.rest.search(line, *span) is not None


def _is_now(line: str, number: _Number) -> bool:
    return (
        vocabulary().strengths.now.search(line, *clause(line, number.start, number.end)) is not None
    )


def _numbers(line: str) -> tuple[list[_Number], list[tuple[int, int]]]:
    patterns = _patterns()
    found: list[_Number] = []
    impossible: list[tuple[int, int]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (
        patterns.out_of_ten,
        patterns.on_bad_days,
        patterns.between,
        patterns.said,
        patterns.article,
        patterns.ish,
    ):
        for match in pattern.finditer(line):
            start, end = match.start("low" if match["low"] else "high"), match.end()
            if any(s < end and start < e for s, e in taken):
                continue
            explicit = pattern is patterns.out_of_ten
            if not (_rates_pain(line, start, end) if explicit else _may_be(line, match)):
                continue
            taken.append((start, end))
            value = _rated(match)
            if value is None:
                continue
            if explicit and (match["minus"] or value > TOP):
                impossible.append((start, end))
            elif value <= TOP:
                found.append(_Number(start, end, value))
    return found, impossible


def _rated(match: re.Match[str]) -> float | None:
    """The higher number of a rating; None for "from one to ten", which is the scale."""
    value = vocabulary().value
    low, high = value(match["low"] or ""), value(match["high"])
    return None if match["low"] and low <= 1 and high == TOP else max(high, low)


def _standing_alone(line: str) -> list[_Number]:
    """In a long tale the answers to questions that are not seen: "No. Nine, honestly nine. No." """
    sentences = [s.strip() for s in re.split(r" [.!?;\n](?= )", line)]
    if len([s for s in sentences if s]) < TALE_SENTENCES:
        return []
    found = []
    for match in _patterns().alone.finditer(line):
        values = [vocabulary().value(n) for n in re.findall(_patterns().plain, match["numbers"])]
        if values and max(values) <= 10:
            found.append(_Number(match.start("numbers"), match.end("numbers"), max(values)))
    return found


def _rates_pain(line: str, start: int, end: int) -> bool:
    """False for "7/10/2024" and for a rating of something else."""
    strengths = vocabulary().strengths
    if _DATE.match(line[end:]):
        return False
    if _FOR_A_THING.match(line, end):
        return False
    span = clause(line, start, end)
    return not strengths.rated.search(line, *span) or bool(strengths.pain.search(line, *span))


def _may_be(line: str, match: re.Match[str]) -> bool:
    """Whether a number without "out of ten" is a strength: it counts nothing and pain is near."""
    high = match["high"]
    if high in VAGUE or high == "hundred" or vocabulary().value(high) > 10:
        return False
    if _counts_something(line, match.end()) or _names_something(line, match):
        return False
    if _HOW_MANY.search(line[: match.start()]):
        return False
    strengths, patterns = vocabulary().strengths, _patterns()
    near = clause(line, match.start(), match.end())
    if strengths.rated.search(line, *near) and not re.search(r" pain\w* ", line[near[0] : near[1]]):
        return False
    if match.re is patterns.on_bad_days or match.re is patterns.ish:
        return True
    begin, stop = sentence(line, match.start(), match.end())
    if strengths.wrong_line.search(line, begin, stop):
        return False
    short = len(line[begin:stop].split()) <= SHORT_REPLY_WORDS + 3
    return short or strengths.pain.search(line, begin, stop) is not None


def _counts_something(line: str, end: int) -> bool:
    """Whether what follows a number is counted by it, or makes it a date or a time."""
    following = line[end:].split()
    if following and following[0] in vocabulary().units:
        return True
    return bool(vocabulary().counted.match(line, end + 1) or _OF_A_TIME.match(line[end:]))


def _names_something(line: str, match: re.Match[str]) -> bool:
    """Whether a number belongs to a name ("L 5") or an age, or is "one" that stands for a thing."""
    number_at = match.start("high")
    if match.re is _patterns().on_bad_days and line.endswith(" at ", 0, number_at):
        return True
    if _PART_OF_A_NAME.search(line[:number_at]):
        return True
    if match["high"] != "one":
        return False
    return match.re is not _patterns().said or not _ONE_RATES.search(line[:number_at])


def _by_words(line: str) -> list[tuple[int, int, int, str]]:
    """Strengths by words, the strongest reading of each stretch; (start, end, value, words)."""
    strengths = vocabulary().strengths
    found: list[tuple[int, int, int, str]] = []
    for needs_pain, groups in ((False, strengths.functions), (True, strengths.adjectives)):
        for value, pattern in sorted(groups.items()):
            for match in pattern.finditer(line):
                start, end = match.span()
                if any(s < end and start < e for s, e, _, _ in found if e - s >= end - start):
                    continue
                if not _describes_pain(line, start, end, needs_pain):
                    continue
                found = [f for f in found if not (start <= f[0] and f[1] <= end)]
                found.append((start, end, value, match[0]))
    return sorted(found)


_OF_PAIN_ONLY = re.compile(
    r"excruciating\w*|unbearabl[ey]|intolerable|agony|insufferable|horrific|torture"
)
"""Of nothing in a message about a back is that said so shortly but of its pain."""
_NEGATED = re.compile(
    r" (?:not|isnt|wasnt|no|never|dont|doesnt|nothing|aint|if|without|hasnt been|worried)(?: (?:that|so|too|very|really|at|all|an?|in|it|gets|is|is it|been|been in|have|had|any))* $"
)
_OF_SOMETHING_ELSE = re.compile(
    r"^ (?:headache\w*|migraine\w*|weather|traffic|cough\w*|cold|flu|allerg\w*|stress|anxiety|depression|acne|asthma|customer|service|website|bot|"
    r"boss|neighbou?rs?|film|movie|joke|news|idea|day|week|year|person|luck|shame|toothache|time|experience|storm|rain|heat|winter|handwriting|advice|"
    r"illness|disease|stenosis|scoliosis|arthritis|osteoporosis|eczema|hay ?fever|singer|cook|driver|smell|food|coffee|queue|place|mood|temper|"
    r"heart attack|stroke|injury|injuries|accident|crash|fall|operation|surgery|procedure|tranquil\w*|concussion|change|changes|issue|details?|question|thing|"
    r"fever|nausea|itch\w*|bleeding|bruising|swelling|numbness|weakness|reaction|infection|preeclampsia|copd|anaemia|haemophilia)\b"
)


_AROUND = re.compile(
    r" ?(?:(?:well|um|uh|er|oh|hi|hello|honestly|really|very|quite|pretty|fairly|rather|just|a|an|bit|i|id|im|say|said|guess|suppose|think|would|at|the|moment|now|today|currently|"
    r"mostly|usually|only|so|like|absolutely|bloody|proper|is|was|be|to|maybe|probably|moderately|though|tho|mate|doc|doctor|please|lately|yeah|yes|no|in|all|thanks|thankfully|"
    r"but|and|then|bad|that|too|enough|not|right|constantly|always|still|getting|worse|pure|total|kind|of|sort|more|or|less|some|days|nothing|terrible|major|serious|dramatic|word|at times|extremely|terribly|[.,!?;-]) ?)*"
)


def _describes_pain(line: str, start: int, end: int, needs_pain: bool) -> bool:
    strengths = vocabulary().strengths
    span = sentence(line, start, end)
    if any(m.start() < end and start < m.end() for m in strengths.not_when.finditer(line, *span)):
        return False
    if _NEGATED.search(line[:start]) or _OF_SOMETHING_ELSE.match(line[end:]):
        return False
    if not needs_pain:
        return True
    near = clause(line, start, end)
    if strengths.rated.search(line, *near) and not re.search(
        r" (?:back|pain\w*|spine) ", line[near[0] : near[1]]
    ):
        return False
    if _OF_ANOTHER.search(line, near[0], end) and not _BACK.search(line, *near):
        return False
    return strengths.pain.search(line, *span) is not None or _tells_alone(line, start, end)


def _tells_alone(line: str, start: int, end: int) -> bool:
    """Whether a word for a strength is all that a message or its sentence says."""
    span, near = sentence(line, start, end), clause(line, start, end)
    rest = line[end : span[1]] if span[0] <= 1 else line[end:]
    if _stands_alone(line[:start], rest):
        return True
    # "Excruciating is the word. Lower back, since Sunday."
    of_pain = near[0] <= span[0] and _OF_PAIN_ONLY.fullmatch(line[start:end].strip())
    return bool(of_pain) and _stands_alone(line[near[0] : start], line[end : near[1]])


def _stands_alone(before: str, after: str) -> bool:
    return bool(_AROUND.fullmatch(before) and _AROUND.fullmatch(after))


_BACK = re.compile(
    r" (?:back|backache|pain\w*|ache\w*|aching|hurt\w*|spine|sore\w*|neck|spasms?|sciatica|lumbago|discomfort|shoulders?|waist)(?= )"
)
# "The traffic was killing me", "I am a terrible sleeper", "burying him was torture".
_OF_ANOTHER = re.compile(
    r" (?:(?:the|that|this|my|his|her|our|your|these|those) (?!(?:last|worst|here|one|time|new|current|bout)\b)(?:[a-z]+ ){1,3}(?:was|were|is|are|has been)|[a-z]+ing (?:him|her|it|them|that|the [a-z]+) (?:was|is)"
    r"|(?:i am|im|i m|hes|shes|he is|she is|i was) (?:such )?an?)(?: [a-z]+){0,2} "
)


def was_before(line: str, start: int) -> bool:
    """Tell whether what begins there is of a time that is over: "7 yesterday and 4 today"."""
    strengths = vocabulary().strengths
    begin, stop = clause(line, start, start + 1)
    if strengths.now.search(line, begin, stop):
        return False
    return strengths.was.search(line, begin, stop) is not None
