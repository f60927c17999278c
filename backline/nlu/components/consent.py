"""Whether somebody agrees to go on: yes, no or neither, by `data/lexicon/consent.yml`.

A finding of the kind `agreement` has one of the values `yes`, `no` and `unsure`. It is read beside
the bare replies of `answers`, for whoever says "I don't mind" agrees, and denies nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from backline.facts import Finding
from backline.nlu.components.wishes import complains
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.tokenizer import Words
from backline.nlu.whole_clauses import NEVER, PAUSE, compile_whole, is_whole

CONSENT_QUESTION, ASKS = "consent_question", "consent:asks"
MOST_CLAUSES = 8
LONGEST_DOUBT = 8
"""Words of a clause that doubts; a longer one tells something."""
_BUT = re.compile(r"(?<= )(?:but|then|so|and|though|if not|otherwise|[-–—])(?= )")
_NOT = re.compile(r" (?:dont|doesnt|not|no|wouldnt|nothing|never) ")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")


class _Consent:
    """The compiled `consent.yml`."""

    def __init__(self) -> None:
        data = read_yaml("consent.yml")
        self.around = frozenset(data["around"])
        self.asks = compile_whole(data["asks"], {})
        self.agree = compile_whole(data["agree"], {})
        self.refuse = compile_whole(data["refuse"], {})
        self.refuses = compile_whole(data["refuses"], {})
        refusing = compile_all(data["refusing"], {}) or NEVER
        self.refusing = re.compile(rf"(?: \S+){{0,3}}? {refusing.pattern}")
        self.leading = frozenset(data["leading"])
        self.stopping = frozenset(data["stopping"])
        self.unsure = compile_all(data["unsure"], {}) or NEVER
        self.foreign = frozenset(" ".join(p.split()) for p in data["foreign_yes"])
        self.english = frozenset(data["english"])


@lru_cache(maxsize=1)
def _consent() -> _Consent:
    return _Consent()


def read_agreement(words: Words, *, tells: bool) -> Iterator[Finding]:
    """Tell whether the message agrees or refuses; the last of several says which.

    Args:
        tells: the message tells facts besides, so that a bare "no" may be about these.
    """
    line = _DRAWN_OUT.sub(r"\1", words.line)
    said = _said(line)
    if said == ["bare_no"] and (tells or complains(line) or not _is_english(line)):
        said = ["unsure"]
    if not said and (_is_foreign_yes(line) or (tells and _leads_with_yes(line))):
        said = ["yes"]
    if said:
        yield _agreement(words, "no" if said[-1] == "bare_no" else said[-1])


def _said(line: str) -> list[str]:
    """What the clauses say, one after the other, without those that say nothing."""
    told = [(clause, verdict) for clause in _clauses(line) if (verdict := _verdict(clause))]
    said = [verdict for _, verdict in told]
    # "I don't mind, no" says it twice.
    twice = said[-2:] == ["yes", "bare_no"] and _NOT.search(told[-2][0])
    return ["yes"] if twice else said


def _agreement(words: Words, value: str) -> Finding:
    end = len(words.text)
    return Finding("agreement", value, end=end, text=words.text, source=f"consent:{value}")


def read_consent_question(words: Words) -> Iterator[Finding]:
    """Tell whether it asks about going on, with no word for or against: "do I have to?"."""
    data = _consent()
    line = _DRAWN_OUT.sub(r"\1", words.line)
    parts = [f" {part.strip()} " for part in PAUSE.split(line)[:MOST_CLAUSES] if part.strip()]
    if any(is_whole(data.asks, part, data.around) for part in parts):
        yield Finding(CONSENT_QUESTION, True, end=len(words.text), text=words.text, source=ASKS)


def _clauses(line: str) -> Iterator[str]:
    """Clauses that ask nothing; a pause ends one, and so may "but"."""
    parts = PAUSE.split(line)
    marks = [*(match[0] for match in PAUSE.finditer(line)), ""]
    for part, mark in list(zip(parts, marks, strict=True))[:MOST_CLAUSES]:
        clause = f" {part.strip()} "
        if not part.strip() or (mark == "?" and " not " not in clause):
            continue
        pieces = [piece for piece in _BUT.split(clause) if piece.strip()]
        if _verdict(clause) in ("yes", "no") or len(pieces) < 2:
            yield clause
        else:
            yield from (f" {piece.strip()} " for piece in pieces)


def _verdict(clause: str) -> str | None:
    """What one clause says; `bare_no` for a no that gives no reason."""
    data = _consent()
    words = clause.split()
    if is_whole(data.agree, clause, data.around):
        return "yes"
    if is_whole(data.asks, clause, data.around):
        return None
    if is_whole(data.refuse, clause, data.around):
        return "bare_no"
    stops = len(words) == 1 and words[0] in data.stopping
    if stops or is_whole(data.refuses, clause, data.around) or data.refusing.match(clause):
        return "no"
    if data.unsure.search(clause) and len(words) <= LONGEST_DOUBT:
        return "unsure"
    return None


def _is_english(line: str) -> bool:
    """Whether nothing but "no" is said, or English words with it."""
    words = re.findall(r"[^\W\d_]+", line)
    others = [word for word in words if word not in ("no", "nope", "nah", "noo", "never")]
    return not others or any(word in _consent().english for word in others)


def _leads_with_yes(line: str) -> bool:
    """Whether an English yes stands before what is told, with neither a doubt nor a question."""
    first = line.split(maxsplit=1)[0] if line.strip() else ""
    doubts = "?" in line or _consent().unsure.search(line) is not None
    return first in _consent().leading and not doubts and _is_english(line)


def _is_foreign_yes(line: str) -> bool:
    parts = [" ".join(part.split()) for part in PAUSE.split(line)]
    parts = [part for part in parts if part and part != "¡"]
    known = _consent().foreign
    return bool(parts) and all(
        part in known or part.strip("¡! ") in known or set(part.split()) <= known for part in parts
    )
