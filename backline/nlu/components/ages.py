"""How old somebody in the message is, in years."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backline.facts import MAX_AGE_YEARS, Finding
from backline.nlu.clauses import clause, sentence
from backline.nlu.quantity_words import Vocabulary, any_of, finding, vocabulary
from backline.nlu.tokenizer import Words

YOUNGEST_WRITER = 5
YOUNGEST_LISTED, OLDEST_LISTED = 11, 105
"""A bare number between commas is an age only so; up to ten it is rather how bad the pain is."""
YOUNGEST_IN_YEARS = 16
"""From so many on, "I am a cook, 42 years" tells an age; below, how long somebody cooks."""
BARE_YEARS = "bare years"
"""Where "20 yrs" is read: an age, unless it is how long something lasts."""
MINE, BARE, OTHERS = "mine", "bare", "others"
"""Whose an age is: the writer's by the words, nobody's by them, another person's by them."""
_OLD_THING = re.compile(
    r"^ (?:old )?(?:problem|injury|pain|issue|back|condition|mattress|bed|car|house|dog|cat|sofa|chair|complaint|ache|story|scar|"
    r"building|shoes|trainers|flat|bike|laptop|phone|van|break|fracture|habit|puppy|kitten|horse|tv|boiler|company|marriage|boots)\b"
)
_PERSON = (
    r"(?:he|she|dad|daddy|mum|mom|mummy|mam|who|wife|husband|son|daughter|age|father|mother|partner|gran|nan|nana|grandma|grandmother|"
    r"grandad|granddad|grandpa|grandfather|brother|sister|boy|girl|lad|kid|child|uncle|aunt|friend|mate|boyfriend|girlfriend|and|patient|client)"
)


_DENIED = re.compile(r" (?:not|isnt|wasnt|never|never said)(?: even)?(?: an?)? $")


class _Patterns:
    def __init__(self, vocab: Vocabulary) -> None:
        number = rf"(?:\d{{1,3}}|{any_of(vocab.numbers)})(?: (?:{any_of(vocab.numbers)}))?"
        unit = any_of(vocab.units)
        adverb = r"(?: (?:a|now|only|just|nearly|almost|going to be|gonna be|about|age|aged|only just|a fit|a healthy|currently|turning|around|coming up|coming up to|pushing|of|old|a|an|already|approximately|soon|rising))*"
        not_counting = (
            rf"(?! (?:{unit}|/|out|%|kg|kgs|kilos|stone|st|weeks|pounds|lbs|cm|massages|times|percent|to|or|-|sessions|mg|hours|foot|ft|feet|miles|"
            r"metres|km|tall|points?|in pain|of|on a scale|enough|ok|okay|too|sufficient|needed|plenty|possible|available|free|safe|worth|massage|session|visit|visits|appointments?|treatments?|oclock|o clock|pm|am|{any_of(vocab.numbers)}|floors?|steps|degrees|months|day|x|k|pills|tablets|kids|children)(?: |$)(?!old))(?! \d)"
        )
        self.told = re.compile(
            rf"(?<= )(?:im|i am|i m|hes|he is|he s|shes|she is|she s|were|we are|we re|aged?|ages|age is|age its|age it s|my age is|my age|age :|is|turning|turned|was|theyre|just turned|ill be|i ll be|hell be|shell be){adverb}"
            rf" (?P<a>{number})(?! (?:{any_of(vocab.numbers)}) ){not_counting}(?= )"
            rf"|(?<= )(?P<b>{number})(?: -)? (?:years?|yrs?|y|yo|yr|yers|yeras|months?)(?: -)? ?(?:old|o|of age|young)(?= )"
            rf"|(?<= )(?:im|i am|i m|hes|he is|shes|she is) (?P<f>[1-9]\d) years(?= (?:,|\.|!|$|and|with|but|from|woman|man|lady|girl|boy))"
            rf"|(?<= )(?P<c>\d{{1,3}}) ?(?:yo|m|f|male|female|y|yrs)(?= (?:,|\.|;|and|with|here|male|female|m|f|$|back|lower|from|/))"
            r"|(?<= )(?:m|f|male|female)(?: ,| /)? (?P<e>[1-9]\d)(?= (?:,|\.|$|with|and|here))"
            rf"|(?<= )a (?P<d>[1-9]\d) year (?=(?:man|woman|lady|bloke|guy|girl|boy|female|male)\b)"
        )
        relative = any_of([*vocab.relatives, *vocab.ages["people"]])
        self.relative = re.compile(
            rf"(?<= )(?:{relative})(?: s)?(?: [a-z]+)?(?: (?:is|,|\(|\.|who is|whos|s|mr|mrs|ms|in|[a-z]+ ,|aged?))* (?P<a>\d{{1,2}}|(?:{any_of(vocab.numbers)})(?: (?:{any_of(vocab.numbers)}))?)(?= (?:,|\.|\)|and|yo|$|is|years|he|she|who|has|hes|shes|with|his|her|both|now|back|hurt|hurts|says|had))"
        )
        self.described = re.compile(
            r"(?<= )(?:gentleman|lady|man|woman|resident|client|boy|girl|male|female)(?: (?:of|aged|,|is|age))* (?P<a>[1-9]\d)(?= )"
        )
        people = any_of([*vocab.relatives, *vocab.ages["people"]])
        self.people = re.compile(
            rf" (?:(?P<me>i|im|ive|id|me|my(?! (?:{people}) )|myself|mine)|{people}|he|she|hes|shes|who|whos)(?= )"
        )
        self.number = re.compile(rf" {number}(?= )")
        year = any_of(vocab.ages["years"])
        self.counts = re.compile(rf" (?:{unit}|times?|/|%|out)(?= )(?! (?:old|of age))")
        sex = r"f|m|male|female|lady|woman|man|yo|years? old|yrs? old"
        self.listed = re.compile(
            rf"(?:^|(?<= [.,(;!-])) (?:(?P<me>me) , |(?:now|aged?|only|just|a|still|am|,|im) )*(?P<years>{number})"
            rf"(?: (?:{sex}))?(?= (?:[.,;)!/-]|$|here|now|going on|from|and|with|but|(?:{sex}) [A-Za-z]+))"
        )
        self.in_years = re.compile(
            rf" (?P<years>{number}) (?:{year})(?: of age| age| old)?(?= (?:[.,;!)]|$|from|and|woman|man|lady|female|male|girl|boy))"
        )
        self.at_age = re.compile(
            rf" (?:(?:at|for|of|be|by)(?: age| the age of| the ripe age of)?|age|i have|ive(?: got)?) (?P<years>{number})(?: years(?: old)?)?(?= (?:[.,;!?)]|$|and (?:have|a|an|still|my|the|i)|id|i d|i|what))"
        )
        self.introduced = _words(vocab.ages["introduced"])
        self.counted_years = _words(vocab.ages["counted_years"])
        self.then = _words(vocab.ages["then"])
        self.to_come = re.compile(rf" (?:{any_of(vocab.ages['to_come'])})(?= )")
        self.no_list_before = re.compile(
            rf" (?:{number} (?:by|over|slash)|(?:{number}|{any_of(vocab.months)}|{any_of(vocab.ages['rated'])}) [,-]|no ,|not) (?:[a-z]+ )?$"
        )
        self.no_list_after = re.compile(
            rf" (?:[,-] (?:no [,.!-]|sorry|wait|actually|make|or|maybe)|[/:]|[,-] (?:{number})|and (?:an? )?(?:half|quarter|{number})|[,-] (?:{unit})|(?:and|with|but) (?:{unit}))(?= )"
        )
        decade = any_of({"20": 0, "30": 0, "40": 0, "50": 0, "60": 0, "70": 0, "80": 0, "90": 0})
        words = "twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties"
        self.decade = re.compile(
            rf"(?<= )(?:(?:im|i am|shes|hes|she is|he is|is|both) (?:now )?in (?:my|her|his|their)|(?:woman|man|lady|guy|bloke|male|female) in (?:my|her|his|their)) (?:(?P<part>early|mid|late) )?(?P<decade>{decade}|{words})(?: s)?(?= )"
        )


def _words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf" (?:{any_of(words)})(?= )")


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns(vocabulary())


_SAYS_I = re.compile(r" (?:im|i am|i m|ill be|i ll be|my age|i have|ive|born|age|both) ")
_SAYS_ANOTHER = re.compile(r" (?:hes|he is|he s|shes|she is|she s|theyre|hell be|shell be) ")
# "Murder on a 41 year old", "I'm a 38 year old teacher".
_AS_ONE = re.compile(r" (?:im|i am|i m|as|on|for|being|ask|me) (?:only |just )?(?:an?|now|) ?$")
# "An ache for 2 yrs" is no toddler's.
_LASTING = re.compile(
    r" (?:for|since|past|last|over|in|within|after)(?: (?:about|over|nearly|almost|the|some|maybe|like|last|past|around|[a-z]+ly))* $"
)
# "I have done that for twenty years".
_LASTS = re.compile(r" for .* years?")
# "28. No, 29".
_CORRECTED = re.compile(
    r" [.,;!-] (?:(?:oh|ah|sorry|wait|no|nope|actually|i mean|correction|make (?:it|that)|its|im|[,.]) )+\d"
)
_HAS_ONE = re.compile(r" (?:my|an?|our|the|his|her|your|with|have|got|two|twins ,) (?:[a-z]+ )?$")
_FIRST_PERSON = re.compile(r" (?:i|im|ive|id|my|me|mine|myself|we|our) ")
_MY_PAIN = re.compile(
    r" (?:my|me|i have|ive|i got) (?:(?!son|mum|dad|wife|husband|mother|father)[a-z]+ ){0,2}(?:back|neck|spine|waist|pain|backache|heel|legs?|arms?) "
    r"| (?:i suffer|i feel|i ache|i hurt|i walk|has me|am not a bit sick|i must) "
)
_THEIR_PAIN = re.compile(
    r" (?:his|her|their) (?:[a-z]+ ){0,2}(?:back|neck|spine|waist|pain|backache|jaw|legs?|hips?) "
    r"| (?:he|she|hes|shes|says?|has|wife|husband|mum|mom|mother|father|dad) (?:[a-z,0-9]+ ){0,6}(?:back pain|back hurts|sore back|bad back|back sore|back ache|backache|pain in) "
)
# The writer's own age, told beside the patient's.
_CARES = re.compile(
    r" (?:im|i am|i m) (?:just |only )?(?:his|her|the|their|an?) (?:[a-z]+ )?(?:mum|mom|mother|dad|father|carer|caregiver|wife|husband|son|daughter|sister|brother|nurse|coach|neighbou?r|friend) "
)
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


@dataclass(frozen=True)
class _Age:
    start: int
    end: int
    years: int
    owner: str
    source: str


def read_ages(words: Words, today: dt.date, proxy: bool = False) -> Iterator[Finding]:
    """Read the patient's age in years, if it is told; "in my sixties" is the middle of them.

    Args:
        proxy: somebody writes for the patient, so that another person's age is the one wanted.
    """
    line = words.line
    found = [*_by_birth(line, today), *_told(line), *_listed(line)]
    # "I'm not 1 year old, I'm 58": what is denied counts only where nothing else is told.
    stated = [age for age in found if not _DENIED.search(line[: age.start])]
    for age in _patients(stated or found, line, proxy):
        yield finding(words, "age", age.years, age.start, age.end, age.source)


def _patients(found: Sequence[_Age], line: str, proxy: bool) -> Sequence[_Age]:
    """The patient's age among those of several people; none where it is another's only."""
    mine, bare, others = _by_owner(found)
    about_me = _MY_PAIN.search(line) is not None
    if not proxy:
        told_of_them = _THEIR_PAIN.search(line) is not None and not about_me
        theirs = told_of_them or not _FIRST_PERSON.search(line)
        return (mine or (others if theirs else []) or bare)[:1]
    if about_me:
        # Who tells of their own back is the patient, whoever else is in the message.
        return (mine or others or bare)[:1]
    return (others or bare or ([] if _CARES.search(line) else mine))[:1]


def _by_owner(found: Sequence[_Age]) -> list[list[_Age]]:
    return [[age for age in found if age.owner == owner] for owner in (MINE, BARE, OTHERS)]


def _by_birth(line: str, today: dt.date) -> Iterator[_Age]:
    for match in _BORN.finditer(line):
        since_birth = today.year - int(match["year"])
        if 0 <= since_birth <= MAX_AGE_YEARS:
            owner = _owner(line, match.start() + 1)
            yield _Age(match.start() + 1, match.end(), since_birth, owner, "born")


def _told(line: str) -> Iterator[_Age]:
    """ "I'm 52", "a lady of 80", "in my sixties"."""
    vocab, patterns = vocabulary(), _patterns()
    for match in patterns.decade.finditer(line):
        decade = _DECADES.get(match["decade"]) or int(match["decade"])
        years = decade + _PART[match["part"]]
        yield _Age(*match.span(), years, _owner_of(line, match), "decade")
    for match in [*patterns.relative.finditer(line), *patterns.described.finditer(line)]:
        years = int(vocab.value(match["a"]))
        if years > 1 and not patterns.counts.match(line, match.end("a")):
            yield _Age(*match.span(), years, OTHERS, "relative")
    for match in patterns.told.finditer(line):
        said = next(match[group] for group in "abcdef" if match[group])
        value = vocab.value(said)
        if match["b"] and re.search(r" months? ", match[0]):
            value = 0 if value < 24 else int(value / 12)
        source = _source_of(line, match)
        if source is not None and _may_be(line, match, value):
            years = int(value) - bool(patterns.to_come.match(line, match.end()))
            yield _Age(*match.span(), years, _owner_of(line, match), source)


def _source_of(line: str, match: re.Match[str]) -> str | None:
    """Name what tells an age; None where it is how long something lasts ("for 2 yrs")."""
    if not (match["c"] and match[0].endswith((" y", " yrs"))):
        return "age"
    return None if _LASTING.search(line[: match.start()]) else BARE_YEARS


def _owner_of(line: str, match: re.Match[str]) -> str:
    """Whose an age is that words around it tell as one."""
    opening = f" {match[0]} "
    if _SAYS_I.match(opening) or _AS_ONE.search(line[: match.start()]):
        return MINE
    if _SAYS_ANOTHER.match(opening):
        return OTHERS
    if match.re is _patterns().told and match["b"] and _HAS_ONE.search(line[: match.start()]):
        return OTHERS
    return _owner(line, match.start())


def _owner(line: str, start: int) -> str:
    """Whose something is by the person named nearest before it in its sentence."""
    begin, _ = sentence(line, start, start + 1)
    people = list(_patterns().people.finditer(line, max(begin - 1, 0), start + 1))
    if not people:
        return BARE
    return MINE if people[-1]["me"] else OTHERS


def _listed(line: str) -> Iterator[_Age]:
    """Ages that stand between commas, or are told by "at": "Perth, 63", "tiling at 68"."""
    vocab, patterns = vocabulary(), _patterns()
    if not re.search(r"[a-z]{3} ", patterns.number.sub(" ", line)):
        return
    for pattern in (patterns.listed, patterns.in_years, patterns.at_age):
        for match in pattern.finditer(line):
            value = vocab.value(match["years"])
            if not YOUNGEST_LISTED <= value <= OLDEST_LISTED or value != int(value):
                continue
            if _may_be_listed(line, match):
                start, end = match.span("years")
                owner = MINE if match.groupdict().get("me") else _owner(line, start)
                yield _Age(start, end, int(value), owner, "listed")


def _may_be_listed(line: str, match: re.Match[str]) -> bool:
    """Whether nothing around a bare number counts with it, or tells of another time of life."""
    patterns = _patterns()
    before, after = line[: match.start("years")], line[match.end("years") :]
    if match.re is patterns.at_age:
        if _LASTS.fullmatch(match[0]):
            return False
        begin, _ = clause(line, *match.span("years"))
        return patterns.then.search(line, max(begin - 1, 0), match.start("years")) is None
    if match.re is patterns.in_years:
        span = clause(line, *match.span("years"))
        begin, _ = sentence(line, *span)
        told = patterns.introduced.search(line, max(begin - 1, 0), span[0] + 1)
        return told is not None and patterns.counted_years.search(line, begin, span[1]) is None
    # "Twelve, no, thirteen", "10, 12 or 14", "2 March, 21".
    counted = patterns.no_list_after.match(after) or _CORRECTED.match(after)
    return patterns.no_list_before.search(before) is None and not counted


def _may_be(line: str, match: re.Match[str], years: float) -> bool:
    """Whether so many years can be somebody's age, and are no thing's."""
    if years != int(years) or not 0 <= years <= MAX_AGE_YEARS:
        return False
    if match["a"] and not _is_age(line, match, int(years)):
        return False
    if match["b"] and _FORMERLY.search(line[: match.start()]):
        return False
    if years < 1 and _MY_PAIN.search(line):
        # A baby that somebody carries.
        return False
    return _OLD_THING.match(line[match.end() :]) is None


# "Since I was 8", "when I was 12 years old".
_FORMERLY = re.compile(
    r" (?:(?:when|since|until|till|before|as|from)(?: i| he| she| we)?(?: was| were| turned| am)?|(?:i|he|she) was)(?: about| only| just)? $"
)


def _is_age(line: str, match: re.Match[str], years: int) -> bool:
    opener = match[0].split()[0]
    before = line[: match.start()]
    if opener == "turned" and re.search(r"(?: [.,;]| i| and| just|^) $", before):
        return True
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
    if opener == "im" and _FORMERLY.search(before):
        return False
    return years >= YOUNGEST_WRITER or opener not in ("im", "i", "ill")
