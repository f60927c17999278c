"""What is told of animals, looked for and not found, or asked in general: `data/lexicon/aside.yml`.

It adds to the cues of `context.py` what one cue alone cannot tell: that somebody feared something
and the scan was clear, that a relative who fainted once is only talked about.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.whole_clauses import NEVER

LOOKED_FOR_WORDS = 10
"""So many words may stand between what somebody did to find out and what was looked for."""
VERDICT_WORDS = 20
"""A verdict stands within so many words behind it."""
ASKED_WORDS = 14
"""More words than a question has before what it is about."""
_CLAUSE_BEGINS = r"(?:^ *|(?:[.,;!?]|and|but|so|because|cos|that|when|while) )"
# Words behind which somebody speaks of themselves, or of something else.
_TELLS_MORE = re.compile(
    r" (?:but|because|since|while|until|cant|cannot|couldnt)(?= )"
    r"|(?:,|and|as|so) (?:i|ive|im|my|its|it|he|she|hes|shes|now|still|have|cant)(?= )"
)
_OWN = re.compile(r" (?<!be )(?<!being )(?:my|i|ive|im|me having)(?= )")
_COMES_BACK = re.compile(
    r" (?:but now|still|however|except|again|yet|but i|but my|until|not|worse)(?= )"
)
_HAS_IT = re.compile(r" (?:mine|i have|ive got|i got|ive had|i had|i suffer|with my)(?= )")
# Of these nobody tells without knowing what they are.
_TERMS = frozenset(
    {"blood_thinners", "steroids", "osteoporosis", "epilepsy", "weak_immunity", "heart_or_stroke"}
)
_WHAT_IS_THAT = re.compile(
    r" ?(?:[,?.;-] )?(?:what|whats|wats|wot|wots) (?:(?:is|s|are|does) )?(?:that|it|this|those|they)\b"
)
_SUBJECT = re.compile(
    r" (?:was|were|is|are|isnt|arent|wasnt|might|could|would|may|has|started)(?= )"
)


class _Aside:
    """The compiled `aside.yml`."""

    def __init__(self) -> None:
        data: dict[str, Any] = read_yaml("aside.yml")
        sets = data["sets"]

        def compiled(name: str) -> re.Pattern[str]:
            return compile_all(data[name], sets) or NEVER

        self.animals = re.compile(_CLAUSE_BEGINS + compiled("animals").pattern)
        self.behind = compiled("behind")
        self.told_of = compiled("told_of")
        self.now = compiled("now")
        self.verdicts = (
            (compiled("looked_for"), compiled("clear_of_it")),
            (compiled("feared"), compiled("clear_of_it")),
            (compiled("asked_about"), compiled("answered_no")),
        )
        self.asked_of = re.compile(compiled("asked_of").pattern + " $")
        self.asked_if = re.compile(compiled("asked_if").pattern + " $")
        self.asked_how = compiled("asked_how")


@lru_cache(maxsize=1)
def prepare_aside() -> _Aside:
    """Compile the words, which the first message would wait for."""
    return _Aside()


def animal_before(before: str) -> re.Match[str] | None:
    """Find the last animal that begins a clause in the words before a finding."""
    found = None
    for match in prepare_aside().animals.finditer(before):
        found = match
    return found


def belongs_behind(after: str) -> bool:
    """Tell whether the words directly behind a finding say that it is somebody else's."""
    return prepare_aside().behind.match(after, 1) is not None


def only_talked_of(line: str) -> bool:
    """Tell whether a relative who opens a message is well again, or of long ago, and nothing is now."""
    aside = prepare_aside()
    rest, found = aside.told_of.subn("", line)
    return bool(found) and aside.now.search(rest) is None


def ruled_out(before: str, after: str) -> bool:
    """Tell whether what stands between was looked for, feared or asked about, and is not there."""
    if _SUBJECT.match(after):
        # "I thought the numbness was nothing" tells of numbness.
        return False
    near = " ".join(before.split(" ")[-LOOKED_FOR_WORDS - 4 :])
    near = f" {near.strip()} "
    behind = _verdict_window(after)
    return any(
        _leads_to(opening, near) and verdict.search(behind) is not None
        for opening, verdict in prepare_aside().verdicts
    )


def _leads_to(opening: re.Pattern[str], before: str) -> bool:
    for match in opening.finditer(before):
        between = before[match.end() :]
        if len(between.split()) > LOOKED_FOR_WORDS:
            continue
        if not _TELLS_MORE.search(f" {between.strip()} ") and not _OWN.search(between):
            return True
    return False


def _verdict_window(after: str) -> str:
    words = after.split(" ")[: VERDICT_WORDS + 1]
    window = f" {' '.join(words).strip()} "
    comes_back = _COMES_BACK.search(window)
    return window[: comes_back.start() + 1] if comes_back else window


def asked_in_general(before: str, after: str) -> bool:
    """Tell whether an illness is asked about in general: "is osteoporosis catching?"."""
    if _HAS_IT.search(f" {after.strip()} "):
        return False
    words = before.split()[-ASKED_WORDS:]
    near = f" {' '.join(words)} "
    aside = prepare_aside()
    if aside.asked_of.search(near):
        return True
    return bool(aside.asked_if.search(near) and aside.asked_how.match(after, 1))


def asked_behind(code: str, line: str, end: int) -> bool:
    """Tell whether the word for an illness that ends there is asked about: "steroids? What is that?"."""
    return code in _TERMS and _WHAT_IS_THAT.match(line, end) is not None
