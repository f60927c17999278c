"""The lexicon's pattern language, parsed and compiled to regular expressions over a line of words.

The grammar; tokens stand between single spaces or more, and nothing else is allowed::

    pattern     = sequence, [ "~", sequence ] ;
    sequence    = part, { [ "..." ], part } ;           (* one part at least may not be missing *)
    part        = alternative, { "|", alternative }, [ "?" ] ;
    alternative = set | range | phrase ;
    set         = "<", name, ">" ;                      (* one of the file's sets *)
    range       = digits, "-", digits ;                 (* the smaller number first *)
    phrase      = word, { "_", word }, [ "*" | "(s)" ] ;
    word        = letters | digits, [ ".", digits ] | mark ;
    letters     = lower-case letter, { lower-case letter } ;
    mark        = any other character but "|_?*~<>()" and apostrophes, alone ;

`a|b` is one of them, `a_b` two words as one, `word*` a beginning, `word(s)` either number, `word?`
may be missing, `38-41` a number between, `<set>` a named set of sequences, `...` up to five more
words of the same clause, and `a ~ b` both in either order with such a gap between. A gap before a
part that may be missing goes with it. See docs/understanding.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backline.failures import Told
from backline.yaml_text import PlacedText

GAP = r"(?: (?!but )[a-z0-9]+){0,5}?"
GAP_WORDS = 5
BEGINNING = 5
"""So many letters tell whether a pattern need be searched for."""
KEPT = 16_384
"""So many parsed texts of a kind are kept: the words of a file come again and again."""
_KEYS = frozenset({"pattern", "like"})
_NAME = re.compile(r"[a-z][a-z_]*")
_RANGE = re.compile(r"(\d+)-(\d+)")
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|[^\w\s|?*~<>()'’`´…\\]")
_TOKEN = re.compile(r"\S+")
Item = str | Mapping[str, str]
"""A line as a file has it: a pattern, or a mapping of `pattern` and `like`, a text it matches."""
Sets = Mapping[str, Sequence[Item]]


class PatternError(Told, ValueError):
    """A pattern cannot be read.

    Attributes:
        file: the file's name; "pattern" if it stands in none.
        line, column: where the fault is, each from 1.
        message: what is wrong, and what to write instead.
    """

    def __init__(self, file: str, line: int, column: int, message: str) -> None:
        self.file, self.line, self.column, self.message = file, line, column, message
        super().__init__(f"{file}:{line}:{column}: {message}")


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Words that stand together; `ending` is "", "*" or "(s)"."""

    words: tuple[str, ...]
    ending: str


@dataclass(frozen=True, slots=True)
class Range:
    """A number between, both ends included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class SetName:
    """One of the sequences of a set."""

    name: str


Alternative = PlainWords | Range | SetName


@dataclass(frozen=True, slots=True)
class WordChoice:
    """One of some alternatives, or nothing if it is optional."""

    alternatives: tuple[Alternative, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Parts one behind the other.

    Attributes:
        gaps: for each part, whether other words may stand before it; the first is False.
    """

    parts: tuple[WordChoice, ...]
    gaps: tuple[bool, ...]

    @property
    def first_required(self) -> int:
        """The number of the first part that may not be missing."""
        return next(n for n, part in enumerate(self.parts) if not part.optional)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A run of parts, or two in either order with a gap between."""

    one: Run
    other: Run | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs of which a text has one."""
        if self.other is None:
            return (self.one,)
        return _joined(self.one, self.other), _joined(self.other, self.one)


class _Fault(Exception):
    """What is wrong with a text, and at which of its characters."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset, self.message = offset, message


def text_of(item: Item) -> str:
    """Give the pattern of a line.

    Raises:
        PatternError: it is a mapping of something else.
    """
    if isinstance(item, str):
        return item
    unknown = [key for key in item if key not in _KEYS]
    if unknown or not isinstance(item.get("pattern"), str):
        first = unknown[0] if unknown else next(iter(item), "")
        raise _error(first, 0, "a line is a pattern, or a mapping of `pattern` and `like` alone")
    return item["pattern"]


def like_of(item: Item) -> str | None:
    """Give the example that a line must match, if it has one."""
    return None if isinstance(item, str) else item.get("like")


def parse(item: Item) -> Pattern:
    """Parse a line.

    Raises:
        PatternError: it is no pattern.
    """
    text = text_of(item)
    try:
        return _pattern(text)
    except _Fault as fault:
        raise _error(text, fault.offset, fault.message) from None


def compile_all(patterns: Sequence[Item], sets: Sets) -> re.Pattern[str] | None:
    """One expression for all patterns of an entry; None if there is no pattern.

    Raises:
        PatternError: one is no pattern, or uses a set that there is not.
    """
    grammar = _grammar_of(sets)
    bodies = [grammar.expression(item) for item in patterns]
    return re.compile(rf"(?<= )(?:{'|'.join(bodies)})(?= )") if bodies else None


def beginnings(patterns: Sequence[Item], sets: Sets) -> frozenset[str]:
    """Find how whatever these patterns match can begin: with `BEGINNING` characters at most.

    A whole word has the space behind it. None need be looked for where no word begins so.

    Raises:
        PatternError: one is no pattern, or uses a set that there is not.
    """
    grammar = _grammar_of(sets)
    return frozenset(start for item in patterns for start in grammar.beginnings(item))


class Grammar:
    """Compiles patterns that use the same sets; each set is looked at once."""

    def __init__(self, sets: Sets) -> None:
        self._sets = sets
        self._runs: dict[str, tuple[Run, ...]] = {}
        self._expressions: dict[str, str] = {}

    def expression(self, item: Item) -> str:
        """Write a pattern as a regular expression for what stands between two spaces.

        Raises:
            PatternError: it is no pattern, or uses a set that there is not.
        """
        return "|".join(self._of_run(run) for run in self.pattern(item).runs)

    def beginnings(self, item: Item) -> Iterator[str]:
        """Give how what a pattern matches can begin, as the function `beginnings` does.

        Raises:
            PatternError: it is no pattern, or uses a set that there is not.
        """
        pattern = self.pattern(item)
        yield from self._beginnings(pattern.one)
        if pattern.other is not None:
            yield from self._beginnings(pattern.other)

    def runs_of(self, name: str) -> tuple[Run, ...]:
        """Give the sequences of a set that a pattern has been found to use.

        Raises:
            PatternError: one of them is none, or comes back to its own set.
        """
        if name not in self._runs:
            self._see_set(name, ())
        return self._runs[name]

    def pattern(self, item: Item) -> Pattern:
        """Parse a pattern and see that its sets are there.

        Raises:
            PatternError: it is no pattern, or uses a set that there is not.
        """
        pattern = parse(item)
        text = text_of(item)
        for run in (pattern.one, pattern.other) if "<" in text else ():
            if run is not None:
                self._see(run, text, ())
        return pattern

    def _see(self, run: Run, text: str, within: tuple[str, ...]) -> None:
        for part in run.parts:
            for one in part.alternatives:
                if not isinstance(one, SetName):
                    continue
                offset = max(text.find(f"<{one.name}>"), 0)
                if one.name not in self._sets:
                    known = ", ".join(f"<{name}>" for name in sorted(self._sets)) or "none"
                    raise _error(text, offset, f"there is no set <{one.name}>; there are: {known}")
                if one.name in within:
                    raise _error(text, offset, f"the set <{one.name}> contains itself")
                if one.name not in self._runs:
                    self._see_set(one.name, within)

    def _see_set(self, name: str, within: tuple[str, ...]) -> None:
        runs = []
        for item in self._sets[name]:
            pattern, text = parse(item), text_of(item)
            if pattern.other is not None:
                raise _error(text, text.index("~"), "`~` cannot stand in a set")
            self._see(pattern.one, text, (*within, name))
            runs.append(pattern.one)
        self._runs[name] = tuple(runs)

    def _of_run(self, run: Run) -> str:
        out = ""
        first = run.first_required
        for n, (part, gap) in enumerate(zip(run.parts, run.gaps, strict=True)):
            body = self._of_part(part)
            joint = GAP if gap else ""
            if n < first:
                out += f"(?:{body}{GAP if run.gaps[n + 1] else ''} )?"
            elif n == first:
                out += body
            else:
                out += f"(?:{joint} {body})?" if part.optional else f"{joint} {body}"
        return out

    def _of_part(self, part: WordChoice) -> str:
        return f"(?:{'|'.join(self._of_alternative(one) for one in part.alternatives)})"

    def _of_alternative(self, one: Alternative) -> str:
        if not isinstance(one, SetName):
            return _plain_expression(one)
        if one.name not in self._expressions:
            runs = self.runs_of(one.name)
            self._expressions[one.name] = f"(?:{'|'.join(self._of_run(run) for run in runs)})"
        return self._expressions[one.name]

    def _beginnings(self, run: Run) -> Iterator[str]:
        for part in run.parts:
            for one in part.alternatives:
                if isinstance(one, SetName):
                    for inner in self.runs_of(one.name):
                        yield from self._beginnings(inner)
                else:
                    yield from _plain_beginnings(one)
            if not part.optional:
                return


_last: tuple[Sets, Grammar] | None = None


def _grammar_of(sets: Sets) -> Grammar:
    """The grammar that was asked for last, if it is of these sets: those of a file share theirs."""
    global _last
    last = _last
    if last is None or last[0] is not sets:
        last = _last = sets, Grammar(sets)
    return last[1]


def forget() -> None:
    """Let go of what was parsed: once compiled, it is of no use."""
    global _last
    _last = None
    for cached in (_pattern, _part, _alternative, _plain_expression, _plain_beginnings):
        cached.cache_clear()


@lru_cache(maxsize=KEPT)
def _plain_expression(one: PlainWords | Range) -> str:
    if isinstance(one, Range):
        return rf"(?:{'|'.join(map(str, range(one.low, one.high + 1)))})(?:[.,]\d+)?"
    ending = {"": "", "*": "[a-z]*", "(s)": "s?"}[one.ending]
    return " ".join(map(re.escape, one.words)) + ending


@lru_cache(maxsize=KEPT)
def _plain_beginnings(one: PlainWords | Range) -> frozenset[str]:
    if isinstance(one, Range):
        return frozenset(str(n)[0] for n in range(one.low, one.high + 1))
    first = one.words[0]
    # A stem goes on in any way; a word ends there.
    goes_on = bool(one.ending) and len(one.words) == 1
    return frozenset({(first if goes_on else f"{first} ")[:BEGINNING]})


def _joined(one: Run, other: Run) -> Run:
    return Run((*one.parts, *other.parts), (*one.gaps, True, *other.gaps[1:]))


def _error(text: str, offset: int, message: str) -> PatternError:
    if isinstance(text, PlacedText):
        return PatternError(text.file, text.line, text.column + offset, message)
    return PatternError("pattern", 1, offset + 1, message)


@lru_cache(maxsize=KEPT)
def _pattern(text: str) -> Pattern:
    pieces = [(match.start(), match[0]) for match in _TOKEN.finditer(text)]
    if not pieces:
        raise _Fault(0, "a line without words matches nothing")
    swung = [n for n, (_, piece) in enumerate(pieces) if piece == "~"]
    if len(swung) > 1:
        raise _Fault(pieces[swung[1]][0], "a line has one `~` at most")
    if not swung:
        return Pattern(_run(pieces))
    middle = swung[0]
    if middle == 0 or middle == len(pieces) - 1:
        raise _Fault(pieces[middle][0], "`~` has a side without words")
    return Pattern(_run(pieces[:middle]), _run(pieces[middle + 1 :]))


def _run(pieces: Sequence[tuple[int, str]]) -> Run:
    parts: list[WordChoice] = []
    gaps: list[bool] = []
    gap = False
    for offset, piece in pieces:
        if piece == "...":
            if not parts:
                raise _Fault(offset, "a gap `...` has no word before it")
            if gap:
                raise _Fault(offset, "a gap `...` stands twice")
            gap = True
            continue
        try:
            parts.append(_part(piece))
        except _Fault as fault:
            raise _Fault(offset + fault.offset, fault.message) from None
        gaps.append(gap)
        gap = False
    if gap:
        raise _Fault(pieces[-1][0], "a gap `...` has no word behind it")
    if all(part.optional for part in parts):
        raise _Fault(pieces[0][0], "every word may be missing, so that it matches nothing")
    return Run(tuple(parts), tuple(gaps))


@lru_cache(maxsize=KEPT)
def _part(token: str) -> WordChoice:
    optional = token.endswith("?")
    body = token.removesuffix("?")
    if not body:
        raise _Fault(0, "a `?` without a word; the mark itself cannot be asked for")
    alternatives = []
    offset = 0
    for text in body.split("|"):
        try:
            alternatives.append(_alternative(text))
        except _Fault as fault:
            raise _Fault(offset + fault.offset, fault.message) from None
        offset += len(text) + 1
    return WordChoice(tuple(alternatives), optional)


@lru_cache(maxsize=KEPT)
def _alternative(text: str) -> Alternative:
    if not text:
        raise _Fault(0, "an alternative is empty; a `|` too many?")
    if text.startswith("<"):
        name = text[1:-1]
        if not text.endswith(">") or not _NAME.fullmatch(name):
            raise _Fault(0, f"`{text}` is no <set>, whose name has small letters and `_`")
        return SetName(name)
    between = _RANGE.fullmatch(text)
    if between:
        low, high = int(between[1]), int(between[2])
        if high < low:
            raise _Fault(0, f"the range `{text}` ends below its start")
        return Range(low, high)
    ending = "*" if text.endswith("*") else "(s)" if text.endswith("(s)") else ""
    words = text.removesuffix(ending).split("_")
    offset = 0
    for word in words:
        _see_word(word, text, offset)
        offset += len(word) + 1
    return PlainWords(tuple(words), ending)


_HINTS: tuple[tuple[str, str], ...] = (
    (r"\.+|…", "a gap is written `...` with a space on either side"),
    (r".*['’`´].*", "words have no apostrophes; write `dont` for don't"),
    (r".*[A-Z].*", "words are written in lower case"),
    (
        r".*[()].*",
        "there are no brackets but those of `(s)` at the end; write `a|b` between spaces",
    ),
    (r".*\*.*", "a `*` stands at the end of all of its words alone"),
    (r".*\?.*", "a `?` stands behind all alternatives, not within them"),
    (r".*~.*", "`~` stands alone between spaces"),
    (r".*[<>].*", "a <set> stands alone between `|` or spaces"),
    (
        r"(?=.*\d)(?=.*[a-z])[a-z0-9]+",
        "letters and digits are read as words of their own; write `l_4`",
    ),
    (r"[^\W\d_]+(?:[-–—][^\W\d_]+)+", "a hyphen parts two words; write `_` or a space"),
)


def _see_word(word: str, text: str, offset: int) -> None:
    """Raises _Fault if no word that is read can be this one."""
    if not word:
        raise _Fault(offset, f"`{text}` lacks a word beside `_` or before its ending")
    if _WORD.fullmatch(word) and word == word.lower():
        return
    for kind, hint in _HINTS:
        if re.fullmatch(kind, word):
            raise _Fault(offset, f"`{word}` is no word: {hint}")
    raise _Fault(offset, f"`{word}` is no word: it has a character that cannot stand there")
