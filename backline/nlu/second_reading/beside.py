"""Words beside a "no" in which nothing was understood: "no, not really. Bit slow to get going".

A list of danger signs is answered by the "no". What stands beside it and names a function of the
body may be one of the list, told in words that nobody thought of; most other words are talk. It
takes no model. Its words are those of `beside_a_no` in `data/lexicon/net.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backline.dialogue import Suspicion
from backline.dialogue.suspicions import code_of
from backline.facts import SUSPICION, UNREAD, Finding, Status
from backline.nlu.clauses import clauses, sentence
from backline.nlu.components.replies import says_no
from backline.nlu.intents import asks, overlapping
from backline.nlu.language import KIND as LANGUAGE
from backline.nlu.second_reading.net import BesideANo, net
from backline.nlu.tokenizer import Words, words_of

MOST_CHARACTERS = 1000
"""Nobody answers a list by more."""
FEWEST_WORDS = 4
"""A shorter clause says nothing by itself."""
MOST_QUOTED = 12
SCORE = 0.5
"""No word of harm: a "no" behind it is enough."""
_NO = re.compile(r" ?(?:(?:no|nope|nah|none) (?:[.,!] )*)+")
SOURCE = "beside_a_no"
NOS = frozenset({"no", "none", "all_good"})
TELLING = frozenset(
    {"age", "emergency_sign", "health_condition", "inflammation", "injury", "leg", "leg_detail"}
    | {"location", "massage", "massage_sessions", "pick", "severity", "spasm"}
)
"""Kinds of findings that say what a clause is about; a time or "the same" does not."""


def read_beside_a_no(text: str, findings: Sequence[Finding]) -> list[Finding]:
    """Find the first clause beside a "no" that may tell a danger and in which nothing was read."""
    if len(text) > MOST_CHARACTERS or not _denies(text, findings):
        return []
    words = words_of(text, {})
    read = overlapping([(f.start, f.end) for f in findings if f.kind in TELLING])
    for begin, end in _behind_the_no(words.line):
        found = _may_tell(words, begin, end)
        first, last = words.span(begin, end)
        if found is not None and not read(first, last):
            quote = " ".join(words.text[first:last].split()[:MOST_QUOTED]).strip(" .,;:!")
            told = Suspicion(code_of(found), quote, quote, SCORE)
            value, status = told.to_json(), Status.HYPOTHETICAL
            return [Finding(SUSPICION, value, status, first, last, text[first:last], SOURCE)]
    return []


def _behind_the_no(line: str) -> Iterator[tuple[int, int]]:
    """The clauses of a line, without the "no" that a short one begins with."""
    for begin, end in clauses(line):
        opening = _NO.match(line, begin, end)
        yield opening.end() if opening else begin, end


def _denies(text: str, findings: Sequence[Finding]) -> bool:
    """Whether a message is a no, and tells no emergency by itself."""
    if any(f.kind in (LANGUAGE, UNREAD) or _is_a_sign(f) for f in findings):
        return False
    replies = {f.value for f in findings if f.kind == "answer"}
    denied = any(f.kind == "denial" for f in findings)
    return denied or not NOS.isdisjoint(replies) or (not replies and says_no(text))


def _is_a_sign(finding: Finding) -> bool:
    return finding.kind == "emergency_sign" and finding.holds


def _may_tell(words: Words, begin: int, end: int) -> str | None:
    """Name the code that a clause may tell; None where it is short, well, asked or just talk."""
    line = words.line
    said = [word for word in line[begin:end].split() if word.isalnum()]
    if len(said) < FEWEST_WORDS:
        return None
    around = sentence(line, begin, end)
    first, last = words.span(*around)
    if asks(words.text[first:last]) or words.text[last : last + 1] == "?":
        return None
    clause, whole = (f" {line[slice(*part)].strip()} " for part in ((begin, end), around))
    return _named_in(net().beside_a_no, clause, whole)


def _named_in(known: BesideANo, clause: str, whole: str) -> str | None:
    """Name the code of a clause; what a bad back makes hard is looked at in the whole sentence."""
    if known.well.search(clause):
        return None
    found = next((code for code, named in known.functions if named.search(clause)), None)
    if found is None and not known.of_the_back.search(whole):
        found = next((code for code, named in known.postures if named.search(clause)), None)
    return found
