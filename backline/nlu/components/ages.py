"""How old somebody in the message is, in years."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache

from backline.facts import MAX_AGE_YEARS, Finding
from backline.nlu.quantity_words import Vocabulary, any_of, finding, vocabulary
from backline.nlu.tokenizer import Words

YOUNGEST_WRITER = 5
_OLD_THING = re.compile(
    r"^ (?:old )?(?:problem|injury|pain|issue|back|condition|mattress|bed|car|house|dog|cat|sofa|chair|complaint|ache|story|scar|"
    r"building|shoes|trainers|flat|bike|laptop|phone|van|break|fracture|habit|puppy|kitten|horse|tv|boiler|company|marriage|boots)\b"
)
_PERSON = (
    r"(?:he|she|dad|daddy|mum|mom|mummy|mam|who|wife|husband|son|daughter|age|father|mother|partner|gran|nan|nana|grandma|grandmother|"
    r"grandad|granddad|grandpa|grandfather|brother|sister|boy|girl|lad|kid|child|uncle|aunt|friend|mate|boyfriend|girlfriend|and|patient|client)"
)


class _Patterns:
    def __init__(self, vocab: Vocabulary) -> None:
        number = rf"(?:\d{{1,3}}|{any_of(vocab.numbers)})(?: (?:{any_of(vocab.numbers)}))?"
        unit = any_of(vocab.units)
        adverb = r"(?: (?:a|now|only|just|nearly|almost|going to be|gonna be|about|age|aged|only just|a fit|a healthy|currently|turning|around|coming up|coming up to|pushing|of|old|a|an|already|approximately|soon|rising))*"
        not_counting = (
            rf"(?! (?:{unit}|/|out|%|kg|kgs|kilos|stone|st|weeks|pounds|lbs|cm|massages|times|percent|to|or|-|sessions|mg|hours|foot|ft|feet|miles|"
            r"metres|km|tall|points?|in pain|of|on a scale|{any_of(vocab.numbers)}|floors?|steps|degrees|months|day|x|k|pills|tablets|kids|children)(?: |$)(?!old))"
        )
        self.told = re.compile(
            rf"(?<= )(?:im|i am|i m|hes|he is|he s|shes|she is|she s|aged?|ages|age is|my age is|age :|is|turning|turned|was|theyre|just turned|ill be|i ll be|hell be|shell be){adverb}"
            rf" (?P<a>{number}){not_counting}(?= )"
            rf"|(?<= )(?P<b>{number})(?: -)? (?:years?|yrs?|y|yo|yr|yers|yeras|months?)(?: -)? ?(?:old|o|of age|young)(?= )"
            rf"|(?<= )(?:im|i am|hes|he is|shes|she is) (?P<f>[1-9]\d) years(?= (?:,|\.|!|$|and|with|but))"
            rf"|(?<= )(?P<c>\d{{1,3}}) ?(?:yo|m|f|male|female|y|yrs)(?= (?:,|\.|;|and|with|here|male|female|m|f|$|back|lower|from|/))"
            r"|(?<= )(?:m|f|male|female)(?: ,| /)? (?P<e>[1-9]\d)(?= (?:,|\.|$|with|and|here))"
            rf"|(?<= )a (?P<d>[1-9]\d) year (?=(?:man|woman|lady|bloke|guy|girl|boy|female|male)\b)"
        )
        relative = any_of(vocab.relatives)
        self.relative = re.compile(
            rf"(?<= )(?:{relative})(?: s)?(?: [a-z]+)?(?: (?:is|,|\(|\.|who is|whos))* (?P<a>\d{{2}})(?= (?:,|\.|\)|and|yo|$|is|years|he|she|who|has|hes|shes|with|his|her|both|now|back))"
        )
        self.described = re.compile(
            r"(?<= )(?:gentleman|lady|man|woman|resident|client|boy|girl|male|female)(?: (?:of|aged|,|is|age))* (?P<a>[1-9]\d)(?= )"
        )
        decade = any_of({"20": 0, "30": 0, "40": 0, "50": 0, "60": 0, "70": 0, "80": 0, "90": 0})
        words = "twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties"
        self.decade = re.compile(
            rf"(?<= )(?:(?:im|i am|shes|hes|she is|he is|is|both) (?:now )?in (?:my|her|his|their)|(?:woman|man|lady|guy|bloke|male|female) in (?:my|her|his|their)) (?:(?P<part>early|mid|late) )?(?P<decade>{decade}|{words})(?: s)?(?= )"
        )


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns(vocabulary())


_FIRST_WORD = re.compile(r"(?:^|(?<= \.)) (?P<years>1[1-9]|[2-9]\d) (?:and|,|here|now|with|\.) ")
_BORN = re.compile(
    r" (?:born|dob|date of birth|birthday)(?: (?:in|is|was|:|on|\d{1,2}|/|-|[a-z]+))* (?P<year>(?:19|20)\d\d)(?= )"
)
_DECADES = {
    "twenties": 20,
    "thirties": 30,
    "forties": 40,
    "fifties": 50,
    "sixties": 60,
    "seventies": 70,
    "eighties": 80,
    "nineties": 90,
}
_PART = {None: 5, "early": 2, "mid": 5, "late": 8}


def read_ages(words: Words, today: dt.date) -> Iterator[Finding]:
    """Read each age told in the message, in years; "in my sixties" is the middle of them."""
    vocab, patterns, line = vocabulary(), _patterns(), words.line
    for match in _BORN.finditer(line):
        since_birth = today.year - int(match["year"])
        if 0 <= since_birth <= MAX_AGE_YEARS:
            yield finding(words, "age", since_birth, match.start() + 1, match.end(), "born")
    for first in _FIRST_WORD.finditer(line):
        yield finding(words, "age", int(first["years"]), *first.span("years"), "first word")
    for match in patterns.decade.finditer(line):
        decade = _DECADES.get(match["decade"]) or int(match["decade"])
        yield finding(words, "age", decade + _PART[match["part"]], *match.span(), "decade")
    for match in [*patterns.relative.finditer(line), *patterns.described.finditer(line)]:
        yield finding(words, "age", int(match["a"]), *match.span(), "relative")
    for match in patterns.told.finditer(line):
        said = next(match[group] for group in "abcdef" if match[group])
        years = vocab.value(said)
        if match["b"] and re.search(r" months? ", match[0]):
            years = 0 if years < 24 else int(years / 12)
        if _may_be(line, match, years):
            yield finding(words, "age", int(years), *match.span(), "age")


def _may_be(line: str, match: re.Match[str], years: float) -> bool:
    """Whether so many years can be somebody's age, and are no thing's."""
    if years != int(years) or not 0 <= years <= MAX_AGE_YEARS:
        return False
    if match["a"] and not _is_age(line, match, int(years)):
        return False
    return _OLD_THING.match(line[match.end() :]) is None


def _is_age(line: str, match: re.Match[str], years: int) -> bool:
    opener = match[0].split()[0]
    before = line[: match.start()]
    if opener in ("is", "was", "turned", "turning"):
        if opener == "was":
            return bool(re.search(rf" (?:i|{_PERSON}) $", before)) and not re.search(
                r" (?:when|since) \S+ $", before
            )
        return bool(re.search(rf" {_PERSON} (?:\S+ )?$", before)) and not re.search(
            r" pain $", before
        )
    if opener in ("age", "aged", "ages") and re.search(r" (?:since|at|from|when) $", before):
        return False
    return years >= YOUNGEST_WRITER or opener not in ("im", "i", "ill")
