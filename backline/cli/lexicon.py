"""The commands that check the lexicon and show what it says and lets in."""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, TypeVar

import typer

from backline.cli.console import Commands, fail

if TYPE_CHECKING:
    from backline.nlu.lexicon_checks import Covered, Fault, Texts
    from backline.nlu.lexicon_lines import LexiconLine

lexicon = Commands(
    help="The clinical vocabulary: check it, see what it says and lets in.", no_args_is_help=True
)
NEAREST = 4
"""So many codes are named where one is unknown."""
ALIKE = 0.5
"""From this likeness of 0 to 1 on a code is near."""
WIDTH = 100
SEED = 1
Item = TypeVar("Item")


@lexicon.command()
def lint(
    brief: bool = typer.Option(
        False, "--brief", help="Without the list of lines that match nothing but their example."
    ),
) -> None:
    """Check every line: its grammar, its example, and that ordinary talk makes no danger of it."""
    from backline.nlu import Understander, lexicon_checks

    faults: list[Fault] = lexicon_checks.grammar_faults()
    if faults:
        # Without a lexicon nothing can be read.
        _end(faults)
    labelled = lexicon_checks.Texts(lexicon_checks.labelled_texts())
    sentences = lexicon_checks.ordinary_talk()
    misread = lexicon_checks.misread_talk()
    talk = lexicon_checks.Texts(sentence.text for sentence in (*sentences, *misread))
    lines = lexicon_checks.clinical_lines()
    read = Understander(dt.date.today).read
    covered = lexicon_checks.coverage(lines, labelled)
    faults += lexicon_checks.unmatched_faults(covered, talk)
    faults += lexicon_checks.example_faults(read)
    faults += lexicon_checks.talk_faults(_aloud(sentences, "Ordinary talk"), lines, read)
    faults += lexicon_checks.misread_faults(misread, read)
    wrong = {(fault.file, fault.line) for fault in faults}
    own = [
        one.line
        for one in covered
        if not one.texts and one.line.like and not talk.matched_by(one.line)
    ]
    for line in own:
        if brief or (line.file, line.number) in wrong:
            continue
        typer.echo(f"{line.place}: matches only its own example")
    examples = sum(line.like is not None for line in lines)
    summary = (
        f"{len(lines)} lines, {examples} with an example, {len(own)} that match nothing else; "
        f"{len(labelled.texts)} labelled texts, {len(sentences)} sentences of ordinary talk, "
        f"{len(misread)} more of which a danger is still made"
    )
    _end(faults, summary)


@lexicon.command()
def explain(code: str = typer.Argument(help="A code, such as foot_drop.")) -> None:
    """Show the entries of a code: their lines, exceptions and examples."""
    from backline.nlu import lexicon_checks

    lines = _of_code(code)
    try:
        texts: Texts | None = lexicon_checks.Texts(lexicon_checks.labelled_texts())
    except lexicon_checks.NoTexts:
        texts = None
    shown: set[str] = set()
    for entry in dict.fromkeys(line.entry for line in lines):
        of_entry = [line for line in lines if line.entry == entry]
        heading = " ".join(
            filter(None, (code, f"({of_entry[0].kind})" if of_entry[0].kind else ""))
        )
        typer.echo(f"\n{heading}, {of_entry[0].file}")
        for line in of_entry:
            if line.within.endswith(("not_when", "not")):
                typer.echo(f"  {line.place}: not when: {line.text}")
                continue
            typer.echo(f"  {line.place}: {line.text}")
            for name in _sets_used(line):
                if name not in shown:
                    shown.add(name)
                    typer.echo(f"      <{name}>: {_set(line, name)}")
            example = line.like or (_shortest(texts, line) if texts else None)
            if example:
                typer.echo(f"      like: {example}")


@lexicon.command()
def sample(
    code: str = typer.Argument(help="A code, such as foot_drop."),
    count: int = typer.Option(20, min=1, max=10_000, help="How many texts."),
    seed: int = typer.Option(SEED, help="The same number gives the same texts."),
) -> None:
    """Show random texts that the lines of a code match, to judge what they let in."""
    from backline.nlu import lexicon_checks
    from backline.nlu.pattern_samples import Sampler
    from backline.nlu.patterns import Grammar

    # A part of a composed finding tells nothing alone.
    lines = [line for line in _of_code(code) if line.finds]
    if not lines:
        fail(f"{code} is only composed of parts; `backline lexicon explain {code}` shows them")
    try:
        words: Sequence[str] = lexicon_checks.Texts(lexicon_checks.labelled_texts()).vocabulary
    except lexicon_checks.NoTexts:
        words = ()
    random = Random(seed)  # noqa: S311 - not a secret
    for _ in range(count):
        line = random.choice(lines)
        text = Sampler(Grammar(line.sets), random, words).sample(line.item)
        typer.echo(f"{line.place}: {text}")


@lexicon.command()
def coverage(
    lines: bool = typer.Option(False, "--lines", help="List the lines that match no text."),
    redundant: bool = typer.Option(
        False, "--redundant", help="List the lines whose texts other lines of their entry match."
    ),
) -> None:
    """Count how many of the labelled texts and phrases each line matches, for each file."""
    from backline.nlu import lexicon_checks

    texts = lexicon_checks.Texts(lexicon_checks.labelled_texts())
    covered = lexicon_checks.coverage(lexicon_checks.clinical_lines(), texts)
    typer.echo(f"{'of ' + str(len(texts.texts)) + ' texts':<24}{_columns('none', 'one', 'more')}")
    for file in dict.fromkeys(one.line.file for one in covered):
        typer.echo(f"{file:<24}{_counted(one for one in covered if one.line.file == file)}")
    typer.echo(f"{'all':<24}{_counted(covered)}")
    if lines:
        _list(one for one in covered if not one.texts)
    if redundant:
        _list(one for one in covered if one.redundant)


def _end(faults: Sequence[Fault], summary: str = "") -> None:
    for fault in faults:
        typer.echo(str(fault))
    counts = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    typer.echo(f"{summary}: {counts}." if summary else f"{counts}.")
    if faults:
        raise typer.Exit(1)


def _aloud(items: Sequence[Item], label: str) -> Iterator[Item]:
    """Give the items, with a bar that grows where somebody looks at a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    with typer.progressbar(items, label=label, file=sys.stderr) as bar:
        yield from bar


def _of_code(code: str) -> list[LexiconLine]:
    """The lines of a code, those of composed findings among them; ends where it is unknown."""
    from backline.nlu.lexicon_lines import clinical_and_composed

    lines = list(clinical_and_composed())
    found = [line for line in lines if line.code == code]
    if not found:
        codes = sorted({line.code for line in lines if line.code})
        near = difflib.get_close_matches(code, codes, NEAREST, cutoff=ALIKE) or codes
        fail(f"there is no code {code!r} in the lexicon; the nearest are {', '.join(near)}")
    return found


def _sets_used(line: LexiconLine) -> list[str]:
    from backline.nlu.patterns import SetName, parse

    pattern = parse(line.item)
    runs = (pattern.one, *([pattern.other] if pattern.other else []))
    parts = (part for run in runs for part in run.parts)
    return [one.name for part in parts for one in part.alternatives if isinstance(one, SetName)]


def _set(line: LexiconLine, name: str) -> str:
    from backline.nlu.patterns import text_of

    return _cut("; ".join(text_of(item) for item in line.sets[name]), 6 * WIDTH)


def _shortest(texts: Texts, line: LexiconLine) -> str | None:
    found = sorted((texts.texts[n] for n in texts.matched_by(line)), key=len)
    return found[0] if found else None


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _list(covered: Iterable[Covered]) -> None:
    for one in covered:
        typer.echo(f"{one.line.place}: {one.line.code}: {_cut(one.line.text, WIDTH)}")


def _counted(covered: Iterable[Covered]) -> str:
    found = Counter(min(len(one.texts), 2) for one in covered)
    return _columns(found[0], found[1], found[2])


def _columns(*values: object) -> str:
    return "".join(f"{value!s:>8}" for value in values)
