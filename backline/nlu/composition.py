"""Findings that are put together from parts told within a clause: a place, and what is felt there.

"No feeling in both feet" is one of `lost_feeling` near one of `both_legs`; neither half alone tells
anything. The parts and what they make stand in `data/lexicon/composed.yml`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backline.nlu.patterns import Sets
from backline.nlu.phrases import Phrases, Span, WordLine, phrases_of

WORDS_BETWEEN = 6
"""So many words may stand between two parts of a finding."""
LONGEST_GAP = 80
"""Characters; more than so many words have."""
WORDS_APART, GAP_APART = 18, 150
"""The same between parts that may stand in neighbouring clauses, or in two short sentences."""
_WORDS = re.compile(r"[a-z0-9]+")
_TWICE = re.compile(r"\b([a-z]+) \1\b")
_APART = re.compile(r"[.!?;:\n]|\bbut\b")
# "My arm is numb and my legs ache": another clause has begun.
_NEW_CLAUSE = re.compile(
    r"(?:,|\b(?:and|or|then|so|while|because)) (?:now )?"
    r"(?:my|his|her|the|i|im|ive|he|she|it|its|theres|there)\b"
)
# "Numb in my back and my legs": a second place of the same thing.
_SECOND_PLACE = re.compile(
    r" ?(?:in|down|of|into|through|around|from|to)? ?(?:both |all )?(?:my|his|her|the)? ?"
    r"(?:[a-z]+ ){1,3}(?:,|and|or)(?: in| down| into| through)?(?: my| his| her| the| both)* ?"
)
_SENTENCE_ENDS = re.compile(r"[.!?;\n]")
_DENIED_BEFORE = re.compile(
    r" (?:no|not|without|never|dont|doesnt|didnt|isnt|arent|hasnt|havent|wasnt|nor|any)"
    r"(?: (?!but |and )[a-z0-9]+){0,3} $"
)
# "I take ketonal. What is a blood thinner?"
_ASKED_BEFORE = re.compile(
    r" (?:what|whats|wats|wot|wots)(?: (?:is|are|s|does|do|means?|exactly|actually|an?|the))* $"
)
_LONGEST_DENIAL = 40
_ASIDE = re.compile(r"[^,]*, (?:[a-z0-9]+ ){1,4},[^,]*")


@dataclass(frozen=True)
class Part:
    """Words that are one part of a finding.

    Attributes:
        words: what tells it.
        others: uses of the same words that are none; what overlaps with one does not count.
    """

    name: str
    words: Phrases
    others: Phrases | None


def part_of(name: str, data: Mapping[str, Sequence[str]], sets: Sets) -> Part:
    """Compile a part as `composed.yml` has it: `words`, and `not` for other uses of them.

    Raises:
        PatternError: a pattern names a set that there is not.
        ValueError: it has no words.
    """
    words = phrases_of(data["words"], sets)
    if words is None:
        raise ValueError(f"the part {name} has no words")
    return Part(name, words, phrases_of(data.get("not", ()), sets))


@dataclass
class PartsTold:
    """Where parts stand in a line of words; each is looked for once, when a rule asks for it."""

    line: WordLine
    _spans: dict[str, list[Span]] = field(default_factory=dict)
    _places: dict[tuple[bool, tuple[str, ...]], list[Span]] = field(default_factory=dict)

    def spans(self, part: Part) -> list[Span]:
        """Find where a part is told, as offsets in the line, in its order."""
        if part.name not in self._spans:
            self._spans[part.name] = list(self._find(part))
        return self._spans[part.name]

    def places(self, parts: tuple[Part, ...], apart: bool = False) -> list[Span]:
        """Find where all of some parts stand together, each from the first word to the last.

        Args:
            apart: they may stand in neighbouring clauses, each told without a denial.
        """
        rule = apart, tuple(part.name for part in parts)
        if rule not in self._places:
            self._places[rule] = self._together(parts, apart)
        return self._places[rule]

    def _find(self, part: Part) -> Iterator[Span]:
        found = part.words.all(self.line)
        others = part.others.all(self.line) if found and part.others else []
        for start, end in found:
            if not any(start < stop and begin < end for begin, stop in others):
                yield start, end

    def _together(self, parts: Sequence[Part], apart: bool) -> list[Span]:
        together = stand_apart if apart else stand_together
        hulls: list[Span] | None = None
        for part in parts:
            spans = self.spans(part)
            if apart:
                spans = [span for span in spans if not self._denied(span)]
            if hulls is None:
                hulls = list(spans)
            else:
                hulls = [
                    (min(one[0], other[0]), max(one[1], other[1]))
                    for one in hulls
                    for other in _nearest(one, spans)
                    if together(self.line.text, one, other)
                ]
            if not hulls:
                # The parts behind it are not looked for: a rule names its rarest part first.
                return []
        return sorted(set(hulls or ()))

    def _denied(self, span: Span) -> bool:
        before = self.line.text[max(0, span[0] - _LONGEST_DENIAL) : span[0]]
        return bool(_DENIED_BEFORE.search(before) or _ASKED_BEFORE.search(before))


def _nearest(one: Span, further: Sequence[Span]) -> Sequence[Span]:
    """Those at one stretch: the last that begins before it, and the next two.

    Farther ones are another clause's, and looking at all takes the square of a text's length.
    """
    next_one = bisect_left(further, one)
    return further[max(next_one - 1, 0) : next_one + 2]


@dataclass(frozen=True)
class Composition:
    """A finding that all of some parts make when they stand together.

    Attributes:
        parts: in any order; at least two.
        apart: they may stand in neighbouring clauses, or in two short sentences.
    """

    parts: tuple[Part, ...]
    apart: bool = False

    def place(self, told: PartsTold, begin: int) -> Span | None:
        """Find the first place in a line that tells it, from an offset on; None without one."""
        places = told.places(self.parts, self.apart)
        first = bisect_left(places, (begin, 0))
        return places[first] if first < len(places) else None


def stand_together(line: str, one: Span, other: Span) -> bool:
    """Tell whether two stretches of a line are of one clause, with few words between.

    One within the other does: "can't make my legs move" around "my legs".
    """
    first, second = sorted((one, other), key=lambda span: (span[0], -span[1]))
    if second[0] < first[1]:
        return second[1] <= first[1]
    if second[0] - first[1] > LONGEST_GAP:
        return False
    between = line[first[1] : second[0]].strip()
    # A word said twice is one: "small small blisters".
    said = _TWICE.sub(r"\1", between)
    if _APART.search(between) or len(_WORDS.findall(said)) > WORDS_BETWEEN:
        return False
    new_clause = _NEW_CLAUSE.search(line, first[1], second[1])
    if new_clause and new_clause.start() < second[0]:
        return _SECOND_PLACE.fullmatch(f"{between} ") is not None
    return "," not in between or _ASIDE.fullmatch(f"{between} ") is not None


def stand_apart(line: str, one: Span, other: Span) -> bool:
    """Whether two stretches of a line are of neighbouring clauses, or of two short sentences."""
    first, second = sorted((one, other), key=lambda span: (span[0], -span[1]))
    if second[0] < first[1]:
        return second[1] <= first[1]
    if second[0] - first[1] > GAP_APART:
        return False
    between = line[first[1] : second[0]]
    if len(_SENTENCE_ENDS.findall(between)) > 1:
        return False
    return len(_WORDS.findall(between)) <= WORDS_APART
