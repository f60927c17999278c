"""What the lines of the lexicon match: texts with labels, ordinary talk, their own examples."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

from backline.facts import Finding
from backline.failures import Told
from backline.nlu.absences import SUFFIX
from backline.nlu.composition import PartsTold
from backline.nlu.lexicon import CLINICAL, COMPOSED, FOLDER, entries, read_yaml
from backline.nlu.lexicon_lines import LexiconLine, all_files, faults_of, lines_of
from backline.nlu.patterns import Alternative, Grammar, PlainWords, Range, Run, WordChoice
from backline.nlu.phrases import WordLine
from backline.nlu.spelling import corrections
from backline.nlu.tokenizer import Words, words_of
from backline.yaml_text import read_words

LABELLED = FOLDER.parents[1] / "tests" / "understanding"
ORDINARY = FOLDER / "ordinary_talk.txt"
MISREAD = FOLDER / "ordinary_talk_misread.txt"
"""Ordinary talk of which a danger is still made; what is read rightly may not stay there."""
REFUSED = frozenset({"emergency_sign", "health_condition"})
"""Kinds of findings that ordinary talk may not make."""
NO_DANGER = frozenset({"settled_illness"})
"""Codes of such a kind that are no more than a note."""
UNSEEN = frozenset({"clue"})
"""Kinds of findings that count in combinations alone."""
SHOWN = 3
"""So many sentences are quoted for a line."""
Read = Callable[[str], Sequence[Finding]]


class NoTexts(Told):
    """The labelled texts are not there."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, and where it stands."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True)
class Sentence:
    """A sentence of ordinary talk, and the number of its line in the file."""

    number: int
    text: str


def labelled_texts(folder: Path | None = None) -> list[str]:
    """Read the labelled texts and phrases, each once, in order.

    Raises:
        NoTexts: there is no such folder, as where Backline was installed without its tests.
    """
    folder = folder or LABELLED
    texts: set[str] = set()
    for path in sorted(folder.glob("*/*.yml")):
        data = read_words(path)
        labelled = path.parent.name != "phrases"
        texts.update((item["text"] for item in data) if labelled else _strings(data))
    if not texts:
        raise NoTexts(f"there are no labelled texts in {folder}; lines are tried in a checkout")
    return sorted(texts)


def ordinary_talk() -> list[Sentence]:
    """Read the sentences of ordinary talk, one a line; none if there is no such file."""
    return _sentences(ORDINARY)


def misread_talk() -> list[Sentence]:
    """Read the ordinary talk of which a danger is still made; none if there is no such file."""
    return _sentences(MISREAD)


def misread_faults(sentences: Iterable[Sentence], read: Read) -> list[Fault]:
    """Find what is kept as misread and is read rightly by now: it shall stay so."""
    return [
        Fault(MISREAD.name, sentence.number, 1, f"is read rightly; move it to {ORDINARY.name}")
        for sentence in sentences
        if not any(_is_refused(f) for f in read(sentence.text))
    ]


def _sentences(path: Path) -> list[Sentence]:
    if not path.exists():
        return []
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return [Sentence(n, line.strip()) for n, line in lines if line.strip() and line[0] != "#"]


def clinical_lines() -> list[LexiconLine]:
    """Give the lines whose matches are findings, in their order.

    Raises:
        backline.nlu.patterns.PatternError: one of them is no line at all.
    """
    return [line for file in CLINICAL for line in lines_of(file) if line.finds]


class Texts:
    """Texts in which lines are looked for; a bit of an integer stands for each text.

    Args:
        texts: as they are written.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self.words = tuple(words_of(text, corrections(text)) for text in self.texts)
        found: dict[str, int] = defaultdict(int)
        for n, words in enumerate(self.words):
            for word in set(words.line.split()):
                found[word] |= 1 << n
        self._with = dict(found)
        self.vocabulary = sorted(found)
        self._numbers = [word for word in self.vocabulary if word[0].isdecimal()]
        self._all = (1 << len(self.texts)) - 1
        self._known: dict[PlainWords | Range, int] = {}
        self._grammars: dict[int, Grammar] = {}

    def matched_by(self, line: LexiconLine) -> frozenset[int]:
        """Number the texts in which a line is found.

        Raises:
            backline.nlu.patterns.PatternError: it cannot be read.
        """
        grammar = self._grammars.setdefault(id(line.sets), Grammar(line.sets))
        runs = grammar.pattern(line.item).runs[:1]
        may = reduce(or_, (self._of_run(run, grammar) for run in runs))
        if not may:
            return frozenset()
        words = searched(line, grammar)
        return frozenset(n for n in _bits(may) if words.search(self.words[n].line))

    def _of_run(self, run: Run, grammar: Grammar) -> int:
        """Texts that have the words of a run, in any order."""
        needed = (part for part in run.parts if not part.optional)
        return reduce(and_, (self._of_part(part, grammar) for part in needed), self._all)

    def _of_part(self, part: WordChoice, grammar: Grammar) -> int:
        return reduce(or_, (self._of_alternative(one, grammar) for one in part.alternatives))

    def _of_alternative(self, one: Alternative, grammar: Grammar) -> int:
        if isinstance(one, (PlainWords, Range)):
            if one not in self._known:
                self._known[one] = self._of_words(one)
            return self._known[one]
        return reduce(or_, (self._of_run(run, grammar) for run in grammar.runs_of(one.name)), 0)

    def _of_words(self, one: PlainWords | Range) -> int:
        if isinstance(one, Range):
            between = (
                word
                for word in self._numbers
                if one.low <= int(re.split("[.,]", word)[0]) <= one.high
            )
            return reduce(or_, (self._with[word] for word in between), 0)
        last = one.words[-1]
        ends = [last, f"{last}s"] if one.ending == "(s)" else [last]
        if one.ending == "*":
            begin = bisect_left(self.vocabulary, last)
            ends = self.vocabulary[begin : bisect_left(self.vocabulary, f"{last}{{")]
        ended = reduce(or_, (self._with.get(word, 0) for word in ends), 0)
        return reduce(and_, (self._with.get(word, 0) for word in one.words[:-1]), ended)


def searched(line: LexiconLine, grammar: Grammar | None = None) -> re.Pattern[str]:
    """Compile one line, as its entry is compiled.

    Raises:
        backline.nlu.patterns.PatternError: it cannot be read.
    """
    expression = (grammar or Grammar(line.sets)).expression(line.item)
    return re.compile(rf"(?<= )(?:{expression})(?= )")


@dataclass(frozen=True)
class Covered:
    """A line with the texts that it matches, by their numbers.

    Attributes:
        redundant: each of them is matched by another line of its entry, too.
    """

    line: LexiconLine
    texts: frozenset[int]
    redundant: bool


def coverage(lines: Sequence[LexiconLine], texts: Texts) -> list[Covered]:
    """Find what each line matches, in the lines' order."""
    matched = [texts.matched_by(line) for line in lines]
    times: dict[tuple[str, int], int] = defaultdict(int)
    for line, found in zip(lines, matched, strict=True):
        for n in found:
            times[line.entry, n] += 1
    return [
        Covered(line, found, bool(found) and all(times[line.entry, n] > 1 for n in found))
        for line, found in zip(lines, matched, strict=True)
    ]


def grammar_faults() -> list[Fault]:
    """Find what cannot be read, in all files."""
    return [
        Fault(error.file, error.line, error.column, error.message)
        for file in all_files()
        for error in faults_of(file)
    ]


def example_faults(read: Read) -> Iterator[Fault]:
    """Find examples that their line does not match, or that are not read as its code."""
    for line in (line for file in all_files() for line in lines_of(file) if line.like):
        like = line.like or ""
        if not searched(line).search(words_of(like, corrections(like)).line):
            yield _fault(line, f'does not match its example "{like}"')
        elif (
            line.finds and line.kind not in UNSEEN and not _tells(read(like), line.kind, line.code)
        ):
            yield _fault(line, f'its example "{like}" is not read as {line.code}')
    yield from _composed_example_faults(read)


def _composed_example_faults(read: Read) -> Iterator[Fault]:
    for item in _composed():
        like = item.get("like", "")
        if not _tells(read(like), item["kind"], item["code"]):
            key = next(iter(item))
            message = f'its example "{like}" is not read as {item["code"]}'
            yield Fault(key.file, key.line, key.column, message)


def unmatched_faults(covered: Sequence[Covered], talk: Texts) -> Iterator[Fault]:
    """Find lines that match nothing and have no example."""
    for one in covered:
        if not one.texts and not one.line.like and not talk.matched_by(one.line):
            yield _fault(
                one.line, f"`{_short(one.line.text)}` matches no text; give it an example, `like`"
            )


@dataclass(frozen=True)
class _Maker:
    """What made a finding, where that stands, and how it is called."""

    file: str
    line: int
    column: int
    name: str


@dataclass(frozen=True)
class _Made:
    sentence: Sentence
    finding: Finding


def talk_faults(
    sentences: Iterable[Sentence], lines: Sequence[LexiconLine], read: Read
) -> list[Fault]:
    """Find what makes a danger or an illness of ordinary talk, with some of the sentences."""
    made: dict[_Maker, list[_Made]] = defaultdict(list)
    of_source = _by_source(lines)
    for sentence in sentences:
        for finding in read(sentence.text):
            if _is_refused(finding):
                words = words_of(sentence.text, corrections(sentence.text))
                makers = [
                    _Maker(line.file, line.number, line.column, f"`{_short(line.text)}`")
                    for line in of_source.get(finding.source, [])
                    if _made_by(line, finding, words)
                ]
                makers += _composed_makers(finding.source, words)
                for maker in makers or [_Maker(ORDINARY.name, sentence.number, 1, finding.source)]:
                    made[maker].append(_Made(sentence, finding))
    faults = [_of_talk(maker, found) for maker, found in made.items()]
    return sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column))


def _is_refused(finding: Finding) -> bool:
    return finding.holds and finding.kind in REFUSED and finding.value not in NO_DANGER


def _of_talk(maker: _Maker, made: Sequence[_Made]) -> Fault:
    sentences = list(dict.fromkeys(one.sentence for one in made))
    many = "a sentence" if len(sentences) == 1 else f"{len(sentences)} sentences"
    quoted = "; ".join(f'"{one.text}" ({ORDINARY.name}:{one.number})' for one in sentences[:SHOWN])
    message = f"{maker.name} makes {made[0].finding.value} of {many} of ordinary talk: {quoted}"
    return Fault(maker.file, maker.line, maker.column, message)


def _composed_makers(source: str, words: Words) -> list[_Maker]:
    """The rules of composed findings whose parts stand together there."""
    if not source.startswith(COMPOSED):
        return []
    told = PartsTold(WordLine(words.line))
    composed = [entry for entry in entries() if entry.source.startswith(COMPOSED)]
    makers = []
    for item, entry in zip(_composed(), composed, strict=True):
        if entry.source == source and entry.place(told, 0) is not None:
            # The keys of a map in a list know where they stand.
            key = next(iter(item))
            makers.append(_Maker(key.file, key.line, key.column, " + ".join(item["parts"])))
    return makers


@lru_cache(maxsize=1)
def _composed() -> list[dict[Any, Any]]:
    findings: list[dict[Any, Any]] = read_yaml(COMPOSED)["findings"]
    return findings


def _made_by(line: LexiconLine, finding: Finding, words: Words) -> bool:
    for match in searched_once(line).finditer(words.line):
        start, end = words.span(*match.span())
        if start < finding.end and finding.start < end:
            return True
    return False


_SEARCHED: dict[str, re.Pattern[str]] = {}


def searched_once(line: LexiconLine) -> re.Pattern[str]:
    """Compile a line that will be looked for again."""
    if line.place not in _SEARCHED:
        _SEARCHED[line.place] = searched(line)
    return _SEARCHED[line.place]


def _by_source(lines: Iterable[LexiconLine]) -> dict[str, list[LexiconLine]]:
    out: dict[str, list[LexiconLine]] = defaultdict(list)
    for line in lines:
        out[f"{line.file}:{line.code}"].append(line)
    return out


def _tells(found: Iterable[Finding], kind: str | None, code: str | None) -> bool:
    # Of an entry that tells that all is well the finding is a denial.
    told = (f for f in found if f.holds or f.source.endswith(SUFFIX))
    return any(f.kind == kind and f.value in (code, True) for f in told)


def _fault(line: LexiconLine, message: str) -> Fault:
    return Fault(line.file, line.number, line.column, message)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bits(number: int) -> Iterator[int]:
    digits = bin(number)[:1:-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for held in data.values():
            yield from _strings(held)
    else:
        for held in data:
            yield from _strings(held)
